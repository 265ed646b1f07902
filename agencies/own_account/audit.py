"""Record in history who signed in, who entered a wrong code, and who was refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.messages import ERROR
from django.core.cache import cache
from django.urls import Resolver404, resolve, reverse

import history

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

BACK_OFFICE = "/cms/"
# One refusal of a person at one address is recorded once in so many seconds.
ONCE_IN = 5 * 60


def note_sign_in(sender, request, user, **kwargs) -> None:
    """Record a sign-in; connected to allauth's signal."""
    history.record("person.signed_in", user, by=user)


def note_wrong_code(sender, request, user, last_attempt=False, **kwargs) -> None:
    """Record a wrong emailed code; connected to allauth's signals."""
    history.record("person.wrong_code", user, by="SIGN_IN", now={"last_try": bool(last_attempt)})


def note_wrong_app_code(sender, request, user, **kwargs) -> None:
    """Record a wrong code of the authenticator app; connected to allauth's signal."""
    history.record("person.wrong_code", user, by="SIGN_IN", now={"of_app": True})


def note_factor_added(sender, request, user, authenticator, **kwargs) -> None:
    """Record a new second factor; connected to allauth's signal."""
    history.record("person.factor_added", user, by=user, now={"type": str(authenticator.type)})


def note_factor_removed(sender, request, user, authenticator, **kwargs) -> None:
    """Record that a second factor is gone; connected to allauth's signal."""
    history.record("person.factor_removed", user, by=user, now={"type": str(authenticator.type)})


class AuditMiddleware:
    """Record refusals."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if is_refused(request, response):
            note_refusal(request, response)
        return response


def is_refused(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Return whether somebody who is signed in asked for what they may not have.

    That is 403, 404 of an address that names an object, or Wagtail's way back to the first page.
    """
    if response.status_code not in (302, 403, 404) or not request.user.is_authenticated:
        return False
    if response.status_code == 302:
        return request.path.startswith(BACK_OFFICE) and is_sent_home(request, response)
    return response.status_code == 403 or "<" in route_of(request)


def is_sent_home(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Return whether Wagtail sends somebody to the first page with an error."""
    is_home = response.headers.get("Location") == reverse("wagtailadmin_home")
    waiting = getattr(getattr(request, "_messages", None), "_queued_messages", [])
    return is_home and any(message.level >= ERROR for message in waiting)


def note_refusal(request: HttpRequest, response: HttpResponseBase) -> None:
    """Record a refusal without the keys of its address; the same one not again at once."""
    person, route = request.user, route_of(request)
    if cache.add(f"refused:{person.pk}:{response.status_code}:{route}"[:240], True, ONCE_IN):
        now = {"route": route, "status": response.status_code}
        history.record("person.refused", person, by=person, now=now)  # type: ignore[arg-type]


def route_of(request: HttpRequest) -> str:
    """Return the pattern of the address, such as `agency/staff/<int:pk>/left/`."""
    try:
        return resolve(request.path).route
    except Resolver404:
        return ""
