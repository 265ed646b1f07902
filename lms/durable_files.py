"""How does a file come to lie on the disk, whole, before anything names it?"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.core.files.storage import Storage


def write(storage: Storage, name: str, content: bytes) -> None:
    """The bytes are on the disk under this name, whatever loses its power the moment after."""
    target = Path(storage.path(name))
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as work:
        work.write(content)
        work.flush()
        os.fsync(work.fileno())
    Path(work.name).replace(target)
    for folder in (target.parent, target.parent.parent):
        sync(folder)


def sync(folder: Path) -> None:
    """A file's name is on the disk only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
