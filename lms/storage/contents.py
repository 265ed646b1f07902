"""Look into files of unknown origin: text in any encoding, and archives that swell."""

from __future__ import annotations

import io
import zipfile


def decoded(content: bytes) -> str:
    """Decode text as Excel and other programs save it: UTF-8, UTF-16 or Windows-1252."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace").lstrip("\ufeff")
    if content[1:200:2].count(0) > 50 or content[1:2] == b"\0":
        return content.decode("utf-16-le", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")  # as Excel saves on Windows


def unpacked_size(content: bytes) -> int:
    """Return the bytes that an archive, such as an Office file, would unpack to."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return sum(part.file_size for part in packed.infolist())
