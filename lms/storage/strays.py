"""Find files that no row names and rows whose file is missing; delete the former on request."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils import timezone

from lms import jobs
from lms.backups.stored_files import is_named, named_by_rows
from lms.models import FilesCheck
from lms.storage.listing import StoredFile, stored_files

# A file is written before its row; a younger one may still get it.
YOUNG = dt.timedelta(days=1)


@dataclass(frozen=True)
class Found:
    """Files without a row, and (storage, name) of rows without their file."""

    strays: list[StoredFile]
    missing: list[tuple[str, str]]

    @property
    def stray_bytes(self) -> int:
        return sum(each.size for each in self.strays)


def find() -> Found:
    """Compare every stored file with every row that names one. Changes nothing."""
    # Rows are read on both sides of the files: what is written or deleted meanwhile is no fault.
    before = named_by_rows()
    files = {(each.alias, each.name): each for each in stored_files()}
    after = named_by_rows()
    unnamed = [each for key, each in files.items() if key not in after]
    return Found(
        strays=[each for each in unnamed if is_old(each)],
        missing=sorted((before & after) - files.keys()),
    )


def is_old(file: StoredFile) -> bool:
    """Say whether the file is older than a day; one that went meanwhile is not."""
    try:
        written = storages[file.alias].get_modified_time(file.name)
    except FileNotFoundError:
        return False
    return written < timezone.now() - YOUNG


def delete(strays: Iterable[StoredFile]) -> int:
    """Delete those that still no row names; return how many."""
    done = 0
    for file in strays:
        if is_named(file.alias, file.name):
            continue
        storage = storages[file.alias]
        with storage.open(file.name) as opened:
            content = opened.read()
        storage.delete(file.name)
        # The same content may have been stored again in this moment, and found its file there.
        if is_named(file.alias, file.name):
            storage.save(file.name, ContentFile(content))
        else:
            done += 1
    return done


@jobs.in_words("Compare the stored files with the records that name them")
def check_files() -> None:
    """Keep for the office how many files are astray or missing; delete nothing. Nightly."""
    found = find()
    FilesCheck.objects.update_or_create(
        pk=1,
        defaults={
            "checked_at": timezone.now(),
            "strays": len(found.strays),
            "stray_bytes": found.stray_bytes,
            "missing": len(found.missing),
        },
    )
