"""What is done by the link in a mail: it is spent and the verb done, both or neither."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from django.db import transaction

from courses.models import Run
from lms import links

if TYPE_CHECKING:
    from django.db.models import Model

    from lms.models import Link

Done = TypeVar("Done")


def perform(link: Link, verb: Callable[..., Done], about: Model, **said) -> Done:
    """The verb is done about a thing of a date, and the link works no more.

    Raises LinkRefused, or what the verb raises.
    """
    with transaction.atomic():
        # The date first, as every verb does: two who press at once wait, and none for the other.
        Run.objects.lock(about.run)  # type: ignore[attr-defined]
        links.redeem(link)
        return verb(about, by=f"LINK {link.pk}", **said)
