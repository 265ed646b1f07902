"""Plan the day from which an approved version is in force; move that day, or call it off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from wagtail.models import Page, Revision

import history
from agencies import access
from lms.formatting import day
from protocols.approval import approval
from protocols.drafts import content
from protocols.drafts.page_lock import SCHEDULE, EditionRefused, lock_page
from protocols.editions import editions
from protocols.models import Edition, ProtocolPage

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from agencies.models import Person


@dataclass(frozen=True)
class Coming:
    """Approved version that waits for its day in force."""

    revision: Revision
    draft: ProtocolPage
    number: int
    on: dt.date
    approved_on: dt.date | None
    # Names of steps and agencies that have not approved it: they came in after it was approved.
    lacking: list[str]

    @property
    def warning(self) -> str:
        """Say why it cannot be in force on its day; empty where nothing stands in the way."""
        if not self.lacking:
            return ""
        names = " and ".join(self.lacking)
        return (
            f"It cannot come into force on that day: the text now also needs the approval of "
            f"{names}. Call it off, and submit it for approval again."
        )

    @property
    def in_words(self) -> str:
        """Return "Version 5: approved on 12 February 2027, in force from 1 March 2027"."""
        approved = f"approved on {day(self.approved_on)}, " if self.approved_on else ""
        return f"Version {self.number}: {approved}in force from {day(self.on)}"


def goes_live_at(on: dt.date | None) -> dt.datetime | None:
    """Return the moment at which a day to come begins; None for another day, or none."""
    if not on or on <= timezone.localdate():
        return None
    return timezone.make_aware(dt.datetime.combine(on, dt.time()))


def waiting() -> QuerySet[Revision]:
    """Return the approved drafts of protocols that wait for their day, the nearest first."""
    of_protocols = ContentType.objects.get_for_model(ProtocolPage)
    found = Revision.objects.filter(content_type=of_protocols).exclude(approved_go_live_at=None)
    return found.order_by("approved_go_live_at", "pk")


def numbers_of(pages: Iterable[ProtocolPage]) -> dict[int, int]:
    """Map what waits for its day, by its revision, to the number that its version will have."""
    following = {page.pk: page.numbered_from for page in pages}
    last = Edition.objects.filter(page__in=following).order_by().values_list("page")
    following |= {pk: number + 1 for pk, number in last.annotate(Max("number"))}
    its = waiting().filter(object_id__in=[str(pk) for pk in following])
    numbers = {}
    for revision, object_id in its.values_list("pk", "object_id"):
        numbers[revision] = following[int(object_id)]
        following[int(object_id)] += 1
    return numbers


def coming_of(page: ProtocolPage) -> list[Coming]:
    """List the approved versions of a protocol that wait for their day, the nearest first."""
    numbers = numbers_of([page])
    return [_coming(each, numbers[each.pk]) for each in _waiting_of(page)]


def _coming(revision: Revision, number: int) -> Coming:
    draft = revision.as_object()
    facts = content.facts_of(draft)
    given, lacking = approval.given(draft, facts), approval.lacking(draft, facts)
    days = [dt.date.fromisoformat(each["on"]) for each in given]
    on = timezone.localdate(revision.approved_go_live_at)
    return Coming(revision, draft, number, on, max(days, default=None), lacking)


def _waiting_of(page: Page) -> QuerySet[Revision]:
    return waiting().filter(object_id=str(page.pk))


@contextmanager
def in_its_order(page: ProtocolPage, revision: Revision, *, by: Person | None) -> Iterator[None]:
    """Publish the revision within: at once, or on its planned day.

    Wagtail calls off all that is scheduled. Here a version that waits for an earlier day, or was
    approved after this one, waits on; another is replaced by this one, which history says.
    Raises EditionRefused for what could not be in force on its day.
    """
    with transaction.atomic():
        lock_page(page)
        _plan(revision)
        draft = revision.as_object()
        editions.refuse_to_schedule(draft)
        _refuse_reason_of_one_before(page, revision, draft)
        was = {each.pk: each for each in _waiting_of(page).exclude(pk=revision.pk)}
        yield
        on = max(draft.go_live_at or timezone.now(), timezone.now())
        for other in was.values():
            if other.pk > revision.pk or other.approved_go_live_at < on:
                kept = Revision.objects.filter(pk=other.pk)
                kept.update(approved_go_live_at=other.approved_go_live_at)
            else:
                day_was = timezone.localdate(other.approved_go_live_at).isoformat()
                history.record(
                    "edition.replaced_before_its_day",
                    page,
                    by=by or SCHEDULE,
                    was={"in_force_from": day_was, "revision": other.pk},
                    now={"revision": revision.pk},
                )


def _refuse_reason_of_one_before(
    page: ProtocolPage, revision: Revision, draft: ProtocolPage
) -> None:
    """Raise EditionRefused where the version before it, which still waits, gives this reason.

    It would be refused on its own day, when that one is in force.
    """
    on = max(draft.go_live_at or timezone.now(), timezone.now())
    before = _waiting_of(page).exclude(pk=revision.pk).filter(approved_go_live_at__lt=on).last()
    if before and before.content["reason"].strip() == draft.reason.strip():
        its_day = day(timezone.localdate(before.approved_go_live_at))
        raise EditionRefused(
            "It cannot be put in force yet. Say what has changed, and why: what it says now is of "
            f"the version that is in force from {its_day}.",
            page,
        )


def _plan(revision: Revision) -> None:
    """Give a draft that was saved without one the moment of its day in force."""
    draft = revision.as_object()
    moment = goes_live_at(draft.in_force_from)
    has_its_day = draft.go_live_at and timezone.localdate(draft.go_live_at) == draft.in_force_from
    if moment and not has_its_day:
        _keep_day(revision, draft.in_force_from, moment)


def _keep_day(revision: Revision, on: dt.date, moment: dt.datetime | None) -> None:
    begins = moment.isoformat() if moment else None
    revision.content |= {"in_force_from": on.isoformat(), "go_live_at": begins}
    revision.save(update_fields=["content"])


@transaction.atomic
def move(revision: Revision, *, on: dt.date, by: Person) -> None:
    """Put an approved version in force on another day, or today, without approving it anew.

    Raises EditionRefused for a day that has passed, or that another version's order forbids.
    """
    page, revision = _in_turn(revision, by)
    was = timezone.localdate(revision.approved_go_live_at)
    if on < timezone.localdate():
        raise EditionRefused("Enter today or a day that is still to come.", page)
    _refuse_out_of_order(page, revision, on)
    moment = goes_live_at(on)
    _keep_day(revision, on, moment)
    Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=moment)
    revision.approved_go_live_at = moment
    history.record(
        "edition.day_moved",
        page,
        by=by,
        was={"in_force_from": was.isoformat()},
        now={"in_force_from": on.isoformat(), "revision": revision.pk},
    )
    if moment:
        editions.refuse_to_schedule(revision.as_object())
    else:
        revision.publish(user=by, skip_permission_checks=True)


@transaction.atomic
def call_off(revision: Revision, *, by: Person) -> None:
    """Keep an approved version from coming into force on its day; its approvals are kept."""
    page, revision = _in_turn(revision, by)
    was = timezone.localdate(revision.approved_go_live_at)
    revision.approved_go_live_at = None
    revision.save(user=by, update_fields=["approved_go_live_at"])
    history.record(
        "edition.called_off",
        page,
        by=by,
        was={"in_force_from": was.isoformat()},
        now={"revision": revision.pk},
    )


def _in_turn(revision: Revision, by: Person) -> tuple[ProtocolPage, Revision]:
    """Lock the page; return it and the revision, if it still waits for its day."""
    page = ProtocolPage.objects.get(pk=revision.object_id)
    lock_page(page)
    revision = Revision.objects.get(pk=revision.pk)
    if not access.is_protocol_editor(by):
        raise EditionRefused("Only the protocol editors can change this. Ask one of them.", page)
    if not revision.approved_go_live_at:
        raise EditionRefused(
            "This version does not wait for its day any more: look at the versions again.", page
        )
    return page, revision


def _refuse_out_of_order(page: ProtocolPage, revision: Revision, on: dt.date) -> None:
    for other in _waiting_of(page).exclude(pk=revision.pk):
        its_day = timezone.localdate(other.approved_go_live_at)
        if other.pk > revision.pk and on >= its_day:
            raise EditionRefused(
                f"The version that was approved after it is in force from {day(its_day)}: choose "
                "an earlier day.",
                page,
            )
        if other.pk < revision.pk and on <= its_day:
            raise EditionRefused(
                f"The version before it is in force from {day(its_day)}: choose a later day.", page
            )


def outcome(page: ProtocolPage) -> str:
    """Say what has become of the draft that everybody has approved."""
    latest = page.get_latest_revision()
    coming = [each for each in coming_of(page) if each.revision == latest]
    in_force = page.edition_in_force
    if coming:
        until = f" Until then, {in_force.label.lower()} is in force." if in_force else ""
        [one] = coming
        return f"{one.draft.title}, version {one.number}, is in force from {day(one.on)}.{until}"
    if not in_force:
        return "Everybody has approved it, but it is not in force: see Versions."
    said = f"{in_force.title}, {in_force.label.lower()}, is in force."
    return f"{said} {why}" if (why := _why_later(page, in_force.in_force_from)) else said


def _why_later(page: ProtocolPage, on: dt.date) -> str:
    """Say that the last approval came after the planned day; "" if it did not."""
    before = page.editions.order_by("-number").values_list("in_force_from", flat=True)[1:2].first()
    planned = page.in_force_from
    if not planned or planned >= on or (before and planned <= before):
        return ""
    return (
        f"It was approved after {day(planned)}, the day planned for it, so it is in force from "
        f"{day(on)}."
    )
