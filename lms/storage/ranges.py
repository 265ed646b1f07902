"""Serve stored files in ranges, cut short so that a slow reader keeps no thread for long."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import IO

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag

# Bytes of an answer to a request for a range, however much it asks for: players ask for the rest.
MOST = 256 * 1024
YEAR = 365 * 24 * 60 * 60
ONE_RANGE = re.compile(r"bytes=(?P<first>\d{0,18})-(?P<last>\d{0,18})", re.IGNORECASE)


def served(
    request: HttpRequest,
    opened: Callable[[], IO[bytes]],
    verified: Callable[[], IO[bytes]],
    *,
    size: int,
    sha256: str,
    content_type: str,
) -> HttpResponseBase:
    """Serve a file that never changes at its address: a range of it, or all of it.

    `opened` returns the file to be read in part, `verified` a copy of which the digest was checked.
    """
    etag = quote_etag(sha256)
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        answer = _answer(request, opened, verified, size, etag)
        if "Content-Type" not in answer or answer.status_code != 416:
            answer["Content-Type"] = content_type
    answer["ETag"] = etag
    answer["Accept-Ranges"] = "bytes"
    patch_cache_control(answer, public=True, max_age=YEAR, immutable=True)
    return answer


def _answer(
    request: HttpRequest,
    opened: Callable[[], IO[bytes]],
    verified: Callable[[], IO[bytes]],
    size: int,
    etag: str,
) -> HttpResponseBase:
    if request.headers.get("If-Range", etag) != etag:
        return FileResponse(verified())
    asked = range_of(request.headers.get("Range", ""), size)
    if asked is None:
        return FileResponse(verified())
    first, last = asked
    if first > last:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    with opened() as file:
        file.seek(first)
        part = file.read(last - first + 1)
    return HttpResponse(part, status=206, headers={"Content-Range": f"bytes {first}-{last}/{size}"})


def range_of(asked: str, size: int) -> tuple[int, int] | None:
    """Return the first and the last byte of the answer, at most MOST; None to serve it whole.

    What begins past the end is (size, size - 1): nothing can be served.
    """
    match = ONE_RANGE.fullmatch(asked.replace(" ", ""))
    if not match or not (match["first"] or match["last"]):
        return None
    if not match["first"]:
        wanted = int(match["last"])
        first, last = (max(size - wanted, 0), size - 1) if wanted else (size, size - 1)
    else:
        first = int(match["first"])
        last = int(match["last"]) if match["last"] else max(first, size - 1)
        if last < first:
            return None
    if first >= size:
        return size, size - 1
    return first, min(last, size - 1, first + MOST - 1)
