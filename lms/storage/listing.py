"""List every file that the site has stored, whichever storage has it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.storage import Storage, storages

from lms.storage.durable_files import UNFINISHED

if TYPE_CHECKING:
    from collections.abc import Iterator

# Made anew by `collectstatic`.
NOT_KEPT = {"staticfiles"}


@dataclass(frozen=True)
class StoredFile:
    """A file below one alias of STORAGES, of `size` bytes."""

    alias: str
    name: str
    size: int

    def sha256(self) -> str:
        """Work out the digest of what is there now, by reading all of it."""
        with storages[self.alias].open(self.name) as file:
            found = hashlib.sha256()
            for piece in file.chunks():
                found.update(piece)
        return found.hexdigest()


def aliases() -> list[str]:
    """List the storages whose files are kept."""
    return sorted(settings.STORAGES.keys() - NOT_KEPT)


def stored_files() -> Iterator[StoredFile]:
    """Yield every file, except those that are being written."""
    for alias in aliases():
        yield from files_of(alias, storages[alias])


def files_of(alias: str, storage: Storage) -> Iterator[StoredFile]:
    """Yield the files of one storage, by name."""
    if sizes := getattr(storage, "sizes", None):  # an object store, which says both at once
        yield from (StoredFile(alias, name, size) for name, size in sizes())
        return
    for name in _names(storage):
        try:
            size = storage.size(name)
        except FileNotFoundError:  # deleted since
            continue
        yield StoredFile(alias, name, size)


def _names(storage: Storage, folder: str = "") -> Iterator[str]:
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    start = f"{folder}/" if folder else ""
    yield from (f"{start}{name}" for name in sorted(files) if not name.startswith(UNFINISHED))
    for each in sorted(folders):
        yield from _names(storage, f"{start}{each}")
