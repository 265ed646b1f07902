"""Record who has read the edition in force, and tell who must read it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup
from django.db import transaction

import history
from agencies.models import Person
from lms.refused import Refused
from protocols.models import Acknowledgement, Edition
from protocols.models.editions import LONG_OF_EDITION


class ReadingRefused(Refused):
    """An acknowledgement that was refused; the message is shown to the reader."""


class WrongAnswer(ReadingRefused):
    """A wrong answer; `part` is the part of the text to read: {"id", "heading"}, or None."""

    def __init__(self, part: dict[str, str] | None):
        super().__init__("That is not quite what it says. Have another look, and try again.")
        self.part = part


@dataclass(frozen=True)
class ReadingStatus:
    """A person's last acknowledgement of a protocol, and whether it is still valid."""

    read: Acknowledgement | None
    holds: bool

    @property
    def is_to_read_again(self) -> bool:
        return self.read is not None and not self.holds


@transaction.atomic
def acknowledge(edition: Edition, *, by: Person, answer: str = "") -> Acknowledgement:
    """Record that the person has read this edition, with the agency where they work today.

    Idempotent. Raises ReadingRefused if it is not in force, WrongAnswer if its check question is
    answered wrongly; wrong answers are not stored.
    """
    if not edition.is_in_force:
        now = edition.page.edition_in_force
        instead = f"Read {now.label.lower()}, which is." if now else "No version is at present."
        raise ReadingRefused(f"This version is not in force. {instead}")
    if edition.check_question and answer != right_answer(edition):
        raise WrongAnswer(part_with(edition, right_answer(edition)))
    Person.objects.select_for_update().get(pk=by.pk)
    post = by.posts.current().select_related("agency").first()
    read, is_new = Acknowledgement.objects.get_or_create(
        person=by, edition=edition, defaults={"agency": post.agency if post else None}
    )
    if is_new:
        history.record("edition.acknowledged", edition, by=by)
    return read


def reading_status(person: Person, edition: Edition) -> ReadingStatus:
    """Return the last acknowledgement of the edition's protocol, and whether it is valid."""
    read = Acknowledgement.objects.filter(person=person, edition__page=edition.page_id)
    last = read.with_last_major().select_related("edition").defer(*LONG_OF_EDITION)
    last = last.order_by("-edition__number").first()
    return ReadingStatus(last, bool(last and last.edition.number >= _last_major(last)))


def record_of(person: Person, *, viewer: Person) -> list[ReadingStatus]:
    """List a person's latest acknowledgement of each protocol, by title."""
    found = Acknowledgement.objects.visible_to(viewer).filter(person=person).with_last_major()
    found = found.select_related("edition__page").defer(*LONG_OF_EDITION, "edition__page__body")
    newest = {read.edition.page_id: read for read in found.order_by("edition__number")}
    statuses = [ReadingStatus(r, r.edition.number >= _last_major(r)) for r in newest.values()]
    return sorted(statuses, key=lambda each: each.read.edition.title if each.read else "")


def _last_major(read: Any) -> int:
    """Return the annotation of `with_last_major`, typed."""
    number: int = read.last_major
    return number


def right_answer(edition: Edition) -> str:
    return next((each["text"] for each in edition.check_answers if each["is_right"]), "")


def part_with(edition: Edition, answer: str) -> dict[str, str] | None:
    """Return the part of the text with most of the words of the answer and question, or None."""
    page = BeautifulSoup(edition.html, "html.parser")
    words = _words(f"{answer} {edition.check_question}")
    parts = [(part, page.find(id=part["id"])) for part in edition.data["contents"]]
    scores = [(len(words & _words(_around(found))), part) for part, found in parts if found]
    best, part = max(scores, key=lambda each: each[0], default=(0, None))
    return part if best else None


def _around(heading: Any) -> str:
    """Return the text of the section around a heading, or of the heading alone."""
    whole = heading if heading.name == "section" else heading.find_parent("section")
    return (whole or heading).get_text(" ")


def _words(text: str) -> set[str]:
    return {word for word in text.lower().split() if len(word) > 3}
