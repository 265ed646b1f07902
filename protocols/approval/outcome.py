"""Say what an approval brings: the next step, or the day from which the version is in force."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils import timezone

from lms.formatting import day
from protocols.approval import approval
from protocols.drafts import content

if TYPE_CHECKING:
    from agencies.models import Agency
    from protocols.models import ProtocolPage

# Name, label and whether more is asked, as Wagtail's steps list their actions.
Action = tuple[str, str, bool]


def after(draft: ProtocolPage, whose: str | Agency) -> str:
    """Return from when the draft is in force if this step or agency approves it now.

    "in force today", "in force from 1 March 2027", or "" while others are still to approve it.
    """
    if approval.lacking(draft, content.facts_of(draft), after=whose):
        return ""
    on = content.day_in_force(draft)
    return "in force today" if on == timezone.localdate() else f"in force from {day(on)}"


def button(label: str, brings: str) -> str:
    """Return the words of a button, such as "Approve, in force from 1 March 2027"."""
    return f"{label}, {brings}" if brings else label


def in_labels(actions: Iterable[Action], page: ProtocolPage, step: str) -> list[Action]:
    """Return Wagtail's actions of a step with what each approval brings in its label."""
    brings = after(page.get_latest_revision_as_object(), step)
    return [
        (name, button(str(label), brings if name == "approve" else ""), asks)
        for name, label, asks in actions
    ]
