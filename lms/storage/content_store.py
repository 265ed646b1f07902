"""Content-addressed files: named by their SHA-256, written once, verified when read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages


class Damaged(Exception):
    """The stored bytes do not match the digest that they were kept under."""


@dataclass(frozen=True)
class ContentStore:
    """Files below one alias of STORAGES, whose `save` must be durable and replace a file whole."""

    alias: str

    @property
    def storage(self) -> Storage:
        return storages[self.alias]

    def write(self, content: bytes, ending: str = "") -> str:
        """Store the content unless it is there undamaged; return its digest-addressed name."""
        sha256 = hashlib.sha256(content).hexdigest()
        name = f"{sha256[:2]}/{sha256}{ending}"
        if self.storage.exists(name) and self._content(name) == content:
            return name
        return self.storage.save(name, ContentFile(content))

    def read(self, name: str, sha256: str, *, of: object) -> bytes:
        """Return the stored content; raise `Damaged`, naming `of`, if its digest differs."""
        content = self._content(name)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise Damaged(f"The file of {of} is not what was kept.")
        return content

    def delete(self, name: str) -> None:
        self.storage.delete(name)

    def _content(self, name: str) -> bytes:
        with self.storage.open(name) as file:
            return file.read()
