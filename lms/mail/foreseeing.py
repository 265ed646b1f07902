"""Find out which mails an action would write, without doing it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from django.db import transaction

from lms import links
from lms.gathering import pending
from lms.mail import outbox, templates
from lms.models import Mail


class _Undone(Exception):
    """Ends the transaction of an action that was only tried."""


@dataclass(frozen=True)
class Foreseen:
    """Mails of one kind that an action would write, with one of them to read."""

    title: str
    mails: list[Mail]

    @property
    def people(self) -> list[str]:
        return sorted({address for mail in self.mails for address in mail.addresses})

    @property
    def sample(self) -> Mail:
        return self.mails[0]

    @property
    def text(self) -> str:
        return links.hidden(self.sample.text)

    @property
    def files(self) -> str:
        return ", ".join(one["name"] for one in self.sample.attachments)


def foresee(act: Callable[[], object]) -> list[Mail]:
    """Return the mails that `act` would write; all that it does is undone. Its refusals pass."""
    found: list[Mail] = []
    with suppress(_Undone), transaction.atomic(), outbox.batch():
        act()
        found = pending(Mail)
        raise _Undone
    return found


def by_kind(mails: Iterable[Mail]) -> list[Foreseen]:
    """Group mails by kind, in the order in which they are written."""
    kinds = templates.kinds()
    groups: dict[str, list[Mail]] = {}
    for mail in mails:
        groups.setdefault(mail.template, []).append(mail)
    return [Foreseen(kinds[name].title, its) for name, its in groups.items()]


def people_of(mails: Iterable[Mail]) -> int:
    """Return how many addresses these mails go to."""
    return len({address for mail in mails for address in mail.addresses})
