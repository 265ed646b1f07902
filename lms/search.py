"""Which pages say these words? Lists of pages ask; who keeps the words of all of them answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from django.db.models import QuerySet


def pages_saying(words: str, kind: str) -> QuerySet[Any]:
    """The numbers of the pages of that kind with all of these words, for a query to use.

    Whoever asks sees to it that a page is public. `settings.FINDS_PAGES` names who answers.
    """
    return import_string(settings.FINDS_PAGES)(words, kind)
