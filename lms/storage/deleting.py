"""Delete files again that could not be deleted while their store was away."""

from django.core.files.storage import storages
from django_tasks import task


@task()
def delete_again(alias: str, name: str) -> None:
    """Delete one file; raise while the store is away, for the worker to try again later."""
    storages[alias].delete_now(name)  # type: ignore[attr-defined]
