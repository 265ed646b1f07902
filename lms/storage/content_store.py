"""Files of ours that are written once and verified when read, in a folder or an object store."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

# Bytes of a file that are held in memory while it is read; the rest is in the temporary folder.
IN_MEMORY = 1024**2


class Unreadable(Exception):
    """A stored file that cannot be given out; the message says of what it is."""


class Missing(Unreadable, FileNotFoundError):
    """A file that is not under the name that was kept."""


class Damaged(Unreadable):
    """The stored bytes do not match the digest that they were kept under."""


class Unavailable(Exception):
    """The store was not reached: for now nothing is written or read.

    No OSError, which Wagtail takes for a picture that is not there.
    """


@dataclass(frozen=True)
class ContentStore:
    """Files below one alias of STORAGES, whose `save` must be durable and replace a file whole."""

    alias: str

    @property
    def storage(self) -> Storage:
        return storages[self.alias]

    def write(self, content: bytes, ending: str = "", *, name: str = "") -> str:
        """Store the content unless it is there undamaged; return its name.

        That is its digest, and so the same file for all who store this content, unless `name` is
        given: for content that is deleted with its row.
        """
        sha256 = digest(content)
        name = name or f"{sha256[:2]}/{sha256}{ending}"
        if self.storage.exists(name) and self._content(name) == content:
            return name
        return self.storage.save(name, ContentFile(content))

    def read(self, name: str, sha256: str, *, of: object) -> bytes:
        """Return the stored content; raise `Missing` or `Damaged`, naming `of`."""
        with self.download(name, sha256, of=of) as file:
            return file.read()

    def download(self, name: str, sha256: str, *, of: object) -> IO[bytes]:
        """Return the content as a file that is read, and verified, to its end before it is sent.

        Without a digest, which a file lacks that was missing when digests were worked out, it is
        not verified. Raises `Missing` or `Damaged`, naming `of`.
        """
        copy, seen = tempfile.SpooledTemporaryFile(IN_MEMORY), hashlib.sha256()  # noqa: SIM115  (sent on)
        try:
            with self.storage.open(name) as file:
                for piece in file.chunks():
                    seen.update(piece)
                    copy.write(piece)
            if sha256 and seen.hexdigest() != sha256:
                raise Damaged(f"The file of {of} is not what was kept.")
        except BaseException as error:
            copy.close()
            if isinstance(error, FileNotFoundError):
                raise Missing(f"The file of {of} is not there.") from error
            raise
        copy.seek(0)
        return copy

    def exists(self, name: str) -> bool:
        return self.storage.exists(name)

    def delete(self, name: str) -> None:
        self.storage.delete(name)

    def _content(self, name: str) -> bytes:
        with self.storage.open(name) as file:
            return file.read()


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
