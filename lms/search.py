"""Let apps query the site search without importing it (dependency inversion by settings)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from django.db.models import QuerySet


def pages_saying(words: str, kind: str) -> QuerySet[Any]:
    """Return the ids of pages of that kind with all of these words, as a subquery.

    The caller must filter to public pages. `settings.FINDS_PAGES` names the implementation.
    """
    return import_string(settings.FINDS_PAGES)(words, kind)
