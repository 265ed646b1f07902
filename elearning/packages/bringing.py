"""Bring packages in: look into the zip before, and unpack it in the worker."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.db import transaction
from django.utils import timezone
from django_tasks import task

import history
from elearning.models import Module, Package, PackageFile, PackageItem
from elearning.packages.archive import MANIFEST, Archive, PackageRefused, open_archive
from elearning.packages.manifest import Manifest, read_manifest

if TYPE_CHECKING:
    from agencies.models import Person

State = Package.State
# Bytes of a file that are held in memory while it is unpacked; more goes to the temporary folder.
IN_MEMORY = 1024**2


def packages_storage() -> Storage:
    return storages["packages"]


def foresee(file: IO[bytes], size: int) -> tuple[Archive, Manifest]:
    """Look into a zip without unpacking it: what it is, its parts, what will not be obeyed.

    Raises PackageRefused with the reason.
    """
    archive = open_archive(file, size)
    manifest = read_manifest(archive.content_of(MANIFEST), archive.names)
    manifest.notes[:0] = archive.notes
    return archive, manifest


def receive(module: Module, file: File, *, by: Person) -> Package:
    """Keep an uploaded zip that was found sound, and leave the rest to the worker.

    The file is written before the transaction, which would hold everybody up meanwhile. Raises
    PackageRefused for an unsound one, and where twice its size is not free on the disk.
    """
    size = file.size or 0
    refuse_full_disk(size)
    foresee(file, size)
    file.seek(0)
    package = Package(module=module, name=(file.name or "package.zip")[-200:], size=size)
    package.sent_by = by
    storage = packages_storage()
    package.upload_path = storage.save(f"uploads/{package.key}.zip", file)
    facts = {"module": module.pk, "size": size}
    try:
        with transaction.atomic():
            package.save()
            history.record("package.received", package, by=by, now=facts)
            bring_in.enqueue(package.pk)
    except BaseException:
        storage.delete(package.upload_path)
        raise
    return package


def refuse_full_disk(size: int) -> None:
    """Raise PackageRefused unless the disk with the data has twice this size free."""
    folder = Path(settings.DATA_DIR)
    if folder.exists() and shutil.disk_usage(folder).free < 2 * size:
        raise PackageRefused(
            "There isn’t enough space on the server for this package. Tell whoever looks after "
            "this site; nothing was kept."
        )


@task()
def bring_in(package_id: int) -> None:
    """Unpack a package and note its parts. Idempotent; may be interrupted and run again."""
    package = Package.objects.filter(pk=package_id, state=State.WAITING).first()
    if package is None:
        return
    storage = packages_storage()
    try:
        with storage.open(package.upload_path) as file:
            archive, manifest = foresee(file, package.size)
            package.sha256 = _digest(file)
            files = list(_unpack(archive, package, storage))
    except PackageRefused as refused:
        _refuse(package, storage, str(refused))
        return
    upload = package.upload_path
    _note(package, manifest, files)
    storage.delete(upload)


class Sized(File):
    """File of a known size, read in pieces: it has no name of which its size could be asked."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        super().__init__(file)
        self.size = size


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    found = hashlib.sha256()
    while piece := file.read(1024**2):
        found.update(piece)
    return found.hexdigest()


def _unpack(archive: Archive, package: Package, storage: Storage) -> Iterator[PackageFile]:
    """Store each file, and yield a row for it. What was stored is stored again."""
    for path in archive.names:
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as content:
            content.writelines(archive.pieces(path))
            size = content.tell()
            content.seek(0)
            name = storage.save(f"{package.sha256}/{path}", Sized(content, size))
        yield PackageFile(package=package, path=path, file_path=name, size=size)


@transaction.atomic
def _note(package: Package, manifest: Manifest, files: list[PackageFile]) -> None:
    """Write down what the package holds, unless another worker has."""
    if Package.objects.select_for_update().get(pk=package.pk).state != State.WAITING:
        return
    package.standard, package.edition = manifest.standard, manifest.edition
    package.title, package.notes = manifest.title[:300], manifest.notes
    package.unpacked_size = sum(each.size for each in files)
    package.state, package.ready_at = State.READY, timezone.now()
    package.upload_path = ""
    package.save()
    PackageFile.objects.bulk_create(files, batch_size=1000)
    PackageItem.objects.bulk_create(
        PackageItem(
            package=package,
            position=position,
            identifier=part.identifier[:250],
            parent=part.parent[:250],
            title=part.title[:300],
            href=part.href,
            is_sco=part.is_sco,
            is_visible=part.is_visible,
            mastery_score=part.mastery_score,
            launch_data=part.launch_data,
            least_progress=part.least_progress,
            objectives=list(part.objectives),
        )
        for position, part in enumerate(manifest.parts, 1)
    )


def _refuse(package: Package, storage: Storage, why: str) -> None:
    """Keep the reason, and nothing of the files."""
    for name in _names_below(storage, package.sha256):
        storage.delete(name)
    storage.delete(package.upload_path)
    Package.objects.filter(pk=package.pk, state=State.WAITING).update(
        state=State.REFUSED, refused_because=why[:500], upload_path=""
    )


def _names_below(storage: Storage, folder: str) -> list[str]:
    """List the files below a folder that no other package has."""
    if not folder or Package.objects.filter(sha256=folder, state=State.READY).exists():
        return []
    found = []
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return []
    for each in folders:
        found += _names_below(storage, f"{folder}/{each}")
    return found + [f"{folder}/{each}" for each in files]
