"""Serve uploaded files that are not trusted."""

from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control


def sandboxed(response: HttpResponseBase) -> HttpResponseBase:
    """Keep a browser from running or guessing at an uploaded file, and caches from storing it."""
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, private=True, no_store=True)
    return response
