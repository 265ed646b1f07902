"""Serve files: those that are read whole, and uploaded ones that are not trusted."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header


def whole(
    content: bytes, name: str, content_type: str, *, as_attachment: bool = False
) -> HttpResponse:
    """Give content that is in memory to the server in one piece.

    Django's FileResponse hands it out in pieces of 4 kB, and after each the thread waits for its
    turn: a dozen downloads of half a megabyte kept all other pages waiting.
    """
    answer = HttpResponse(content, content_type=content_type)
    if disposition := content_disposition_header(as_attachment, name):
        answer["Content-Disposition"] = disposition
    return answer


def sandboxed(response: HttpResponseBase) -> HttpResponseBase:
    """Keep a browser from running or guessing at an uploaded file, and caches from storing it."""
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, private=True, no_store=True)
    return response
