"""Serve files: those that are read whole, and uploaded ones that are not trusted."""

import functools
import threading
from collections.abc import Callable

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


def in_turn(*, seconds: float) -> Callable[[Callable], Callable]:
    """Let a view run once at a time in each process; who has waited for `seconds` goes at once.

    Threads of one process take turns at Python anyhow: a dozen downloads together are no sooner
    done than one after the other, and every other page waits for as many turns.
    """

    def decorated(view: Callable) -> Callable:
        turn = threading.Lock()

        @functools.wraps(view)
        def waiting(*args: object, **kwargs: object) -> HttpResponseBase:
            has_turn = turn.acquire(timeout=seconds)
            try:
                return view(*args, **kwargs)
            finally:
                if has_turn:
                    turn.release()

        return waiting

    return decorated


def sandboxed(response: HttpResponseBase) -> HttpResponseBase:
    """Keep a browser from running or guessing at an uploaded file, and caches from storing it."""
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, private=True, no_store=True)
    return response
