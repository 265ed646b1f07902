"""Write files durably and atomically, before anything refers to them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

# Begins the name of a file that is being written.
UNFINISHED = ".unfinished-"


class DurableFileSystemStorage(FileSystemStorage):
    """Storage in a folder whose `save` replaces a file whole and survives a power cut.

    Its files have no address: each is served by a view to those who may have it.
    """

    base_url = None  # type: ignore[assignment]

    def __init__(self, **options):
        super().__init__(**options, allow_overwrite=True)

    def _save(self, name: str, content: File) -> str:
        write_pieces(Path(self.path(name)), content.chunks())
        return name


def write(target: Path, content: bytes) -> None:
    """Write a file of this content, as `write_pieces` does."""
    write_pieces(target, [content])


def write_pieces(target: Path, pieces: Iterable[bytes]) -> None:
    """Write the file so that it survives a power cut: fsync, then rename into place.

    What cannot be written, on a full disk, leaves nothing behind.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=UNFINISHED, delete=False) as work:
        try:
            for piece in pieces:
                work.write(piece)
            work.flush()
            os.fsync(work.fileno())
            Path(work.name).replace(target)
        except BaseException:
            Path(work.name).unlink(missing_ok=True)
            raise
    for folder in (target.parent, target.parent.parent):
        sync(folder)


def sync(folder: Path) -> None:
    """Fsync a folder, without which a file's name may be lost."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def create(target: Path, content: bytes) -> None:
    """Write a new file as `write` does; raise FileExistsError if its name is taken."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.touch(exist_ok=False)
    try:
        write(target, content)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


class UploadsFileSystemStorage(FileSystemStorage):
    """Storage in a folder whose `save` writes a file whole, under a name that was free."""

    def _save(self, name: str, content: File) -> str:
        data = content.read()
        while True:
            path = Path(self.path(name))
            try:
                create(path, data)
            except FileExistsError:
                name = self.get_available_name(name)
            else:
                break
        if self.file_permissions_mode is not None:
            path.chmod(self.file_permissions_mode)
        return name
