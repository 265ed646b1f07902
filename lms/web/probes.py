"""Answer the probes of a load balancer, which asks by an IP address that is no allowed host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, HttpResponseNotAllowed
from django.utils.cache import add_never_cache_headers

from lms.web import health

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

# Path: whether all is well. To live needs no database: a restart of ours would not mend it.
PROBES: dict[str, Callable[[], bool]] = {
    "/livez": lambda: True,
    "/readyz": lambda: health.can_save(),
}


class ProbeMiddleware:
    """Answer a probe before anything looks at the host, the scheme or the session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (is_well := PROBES.get(request.path_info)) is None:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        status, word = (200, "ok") if is_well() else (503, "unavailable")
        answer = HttpResponse(word, content_type="text/plain", status=status)
        add_never_cache_headers(answer)
        return answer
