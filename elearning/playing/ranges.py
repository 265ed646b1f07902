"""Answer requests for files in ranges, so that a slow reader of a video holds no thread."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from django.core.files.storage import Storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

# Of what a range asks for, so much is answered at most; a browser then asks for the next.
MOST_AT_ONCE = 256 * 1024
PIECE = 64 * 1024
RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")


def ranged(request: HttpRequest, storage: Storage, name: str, kind: str) -> HttpResponseBase:
    """Answer with the file, or with a range of it: 200, 206, or 416 past its end.

    Raises FileNotFoundError if it is not there.
    """
    file = storage.open(name)
    size = file.size
    asked = RANGE.match(request.headers.get("Range", "").strip())
    if not asked or not any(asked.groups()):
        answer: HttpResponseBase = StreamingHttpResponse(_pieces(file, size), content_type=kind)
        answer["Content-Length"] = size
    else:
        first, last = _span(asked[1], asked[2], size)
        if first >= size or last < first:
            file.close()
            answer = HttpResponse(status=416)
            answer["Content-Range"] = f"bytes */{size}"
        else:
            with file:
                file.seek(first)
                answer = HttpResponse(file.read(last - first + 1), status=206, content_type=kind)
            answer["Content-Range"] = f"bytes {first}-{last}/{size}"
    answer["Accept-Ranges"] = "bytes"
    return answer


def _span(first: str, last: str, size: int) -> tuple[int, int]:
    """Return the first and last byte to send, of `first-last`, `first-` or the last so many."""
    if not first:
        begin, end = max(size - int(last), 0), size - 1
    else:
        begin, end = int(first), min(int(last), size - 1) if last else size - 1
    return begin, min(end, begin + MOST_AT_ONCE - 1)


def _pieces(file: IO[bytes], size: int) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece
