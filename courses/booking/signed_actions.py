"""Perform the action of a link in a mail: redeem the link and call the verb, both or neither."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from django.db import transaction

from courses.models import Run
from lms import links

if TYPE_CHECKING:
    from django.db.models import Model

    from lms.models import ActionLink

Done = TypeVar("Done")


def perform(link: ActionLink, verb: Callable[..., Done], about: Model, **said) -> Done:
    """Call the verb about a thing that belongs to a run, and redeem the link.

    Raises LinkRefused, or what the verb raises.
    """
    with transaction.atomic():
        # Lock the run first, as every verb does, so that two presses at once cannot deadlock.
        Run.objects.lock(about.run)  # type: ignore[attr-defined]
        links.redeem(link)
        return verb(about, by=f"LINK {link.pk}", **said)
