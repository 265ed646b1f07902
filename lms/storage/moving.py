"""Copy the files of a data folder into the storages of the settings, such as an object store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, storages
from django.utils.module_loading import import_string

from lms.settings import files
from lms.storage.content_store import digest
from lms.storage.listing import files_of

if TYPE_CHECKING:
    from pathlib import Path

    from django.core.files.storage import Storage


class NotAsItWas(Exception):
    """A file that is another in the store than in the folder; the message names it."""


@dataclass
class Copied:
    """Numbers of the files that were copied, and that were there already."""

    new: int = 0
    there: int = 0


def copy_all(data_dir: Path) -> Copied:
    """Copy every file that the store lacks, under its name, and read it back.

    May be interrupted and run again. A file that is there with other content is left as it is:
    raises NotAsItWas.
    """
    done = Copied()
    for alias, folder in folders(data_dir).items():
        for each in files_of(alias, folder):
            with folder.open(each.name) as file:
                if _copy(storages[alias], each.name, file.read()):
                    done.new += 1
                else:
                    done.there += 1
    return done


def folders(data_dir: Path) -> dict[str, FileSystemStorage]:
    """Return the storages of one machine, by alias, wherever the settings keep files now."""
    found = {}
    for alias, settings in files.in_folders(data_dir).items():
        options = {"location": data_dir / "media"} | settings.get("OPTIONS", {})
        found[alias] = import_string(settings["BACKEND"])(**options)
    return found


def _copy(store: Storage, name: str, content: bytes) -> bool:
    """Return whether the file was new."""
    is_new = not store.exists(name)
    if is_new:
        store.save(name, ContentFile(content))
    with store.open(name) as file:
        if digest(file.read()) != digest(content):
            raise NotAsItWas(f"{name} is there already, with other content.")
    return is_new
