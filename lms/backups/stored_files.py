"""Find every file of our storages, and every file that a row names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db.models import FileField

from lms.storage.durable_files import UNFINISHED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model

# Made anew by `collectstatic`.
NOT_KEPT = {"staticfiles"}


def aliases() -> list[str]:
    """List the storages whose files are kept."""
    return sorted(settings.STORAGES.keys() - NOT_KEPT)


def names_in(storage: Storage, folder: str = "") -> Iterator[str]:
    """Yield the name of each file of a storage, except those that are being written."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    start = f"{folder}/" if folder else ""
    yield from (f"{start}{name}" for name in sorted(files) if not name.startswith(UNFINISHED))
    for each in sorted(folders):
        yield from names_in(storage, f"{start}{each}")


def named_by_rows() -> set[tuple[str, str]]:
    """Return (alias of the storage, name) of each file that a row of the database names."""
    found = set()
    for model in apps.get_models():
        for column, alias in columns_of(model):
            rows = model._base_manager.exclude(**{column: ""}).exclude(**{column: None})
            found |= {(alias, name) for name in rows.values_list(column, flat=True)}
    return found


def is_named(alias: str, name: str) -> bool:
    """Say whether a row of the database names this file."""
    return any(
        model._base_manager.filter(**{column: name}).exists()
        for model in apps.get_models()
        for column, its_alias in columns_of(model)
        if its_alias == alias
    )


def columns_of(model: type[Model]) -> list[tuple[str, str]]:
    """List the columns of a model that name a file, each with the alias of its storage.

    A model that names files in columns that are no FileField says so in `stored_files`.
    """
    if model._meta.proxy or not model._meta.managed:
        return []
    fields = [field for field in model._meta.local_fields if isinstance(field, FileField)]
    declared: dict[str, str] = getattr(model, "stored_files", {})
    return [(field.name, _alias_of(field)) for field in fields] + list(declared.items())


def _alias_of(field: FileField) -> str:
    # A storage given as a function is asked anew, as the settings may have changed since.
    made = getattr(field, "_storage_callable", None)
    storage = made() if made else field.storage
    for alias in aliases():
        known = storages[alias]
        place = getattr(storage, "location", None)
        if storage == known or (place is not None and place == getattr(known, "location", None)):
            return alias
    raise LookupError(f"No storage of the settings has the files of {field}.")
