"""Record reviews of editions and checks of other publishers; remind owners of reviews."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

import history
from agencies.access import PROTOCOL_EDITORS
from agencies.models import Agency, Person
from lms import jobs
from lms.mail import outbox, templates
from lms.reminder_days import Schedule
from protocols.editions.editions import EditionRefused
from protocols.models import (
    Edition,
    ExternalPublication,
    ProtocolPolicy,
    PublicationCheck,
    ReviewConfirmation,
    ReviewNotice,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet

# Editions whose owners are told in one transaction.
A_BATCH = 50


@transaction.atomic
def confirm_review(
    edition: Edition, *, next_review_on: dt.date, note: str, by: Person
) -> ReviewConfirmation:
    """Record that the edition in force was reviewed and stands until the next review.

    Raises EditionRefused if it is not in force or the day is not in the future.
    """
    _refuse_unless_in_force(edition)
    if next_review_on <= timezone.localdate():
        raise EditionRefused("Give a day for the next review that is still to come.")
    was = _review_day(edition)
    review = ReviewConfirmation.objects.create(
        edition=edition, next_review_on=next_review_on, note=note.strip(), by=by
    )
    history.record(
        "edition.found_right",
        edition,
        by=by,
        was={"next_review_on": was.isoformat() if was else ""},
        now={"next_review_on": next_review_on.isoformat()},
    )
    return review


@transaction.atomic
def check_publication(
    edition: Edition, *, url: str, is_same: bool, note: str, by: Person
) -> PublicationCheck:
    """Record what an editor found today at another publisher of this protocol.

    Raises EditionRefused if the edition is not in force or does not name that URL.
    """
    _refuse_unless_in_force(edition)
    if url not in [place["url"] for place in edition.data.get("elsewhere", [])]:
        raise EditionRefused("This version does not name that place: choose one that it names.")
    check = PublicationCheck.objects.create(
        edition=edition, url=url, is_same=is_same, note=note.strip(), by=by
    )
    history.record("edition.checked_elsewhere", edition, by=by, now={"is_same": is_same})
    return check


def places_of(edition: Edition) -> list[dict[str, Any]]:
    """List other publishers: {name, url, check}; `check` is the latest result or None."""
    checks = edition.elsewhere_checks.select_related("by") if edition.pk else []
    found = {check.url: check for check in checks}
    return [
        place | {"check": found.get(place["url"])} for place in edition.data.get("elsewhere", [])
    ]


def not_looked_at() -> QuerySet[ExternalPublication]:
    """Return other publishers not checked since the edition in force was issued."""
    in_force = Edition.objects.in_force().filter(page=OuterRef("page"))
    looked = PublicationCheck.objects.filter(
        edition__in=Edition.objects.in_force(), edition__page=OuterRef("page"), url=OuterRef("url")
    )
    found = ExternalPublication.objects.filter(Exists(in_force), ~Exists(looked)).select_related(
        "page"
    )
    return found.only("name", "url", "page__title").order_by("page__title", "pk")


def _refuse_unless_in_force(edition: Edition) -> None:
    if not edition.is_in_force:
        raise EditionRefused(f"{edition} is not in force: review the version that is.")


def _review_day(edition: Edition) -> dt.date | None:
    return Edition.objects.with_review_day().get(pk=edition.pk).review_on


def due(*, by_day: dt.date) -> list[Edition]:
    """List editions in force whose review is due by that day or has no date; earliest first."""
    editions = Edition.objects.in_force().without_text().with_review_day()
    soon = [each for each in editions if not each.review_on or each.review_on <= by_day]
    return sorted(soon, key=lambda each: (each.review_on or dt.date.min, each.title))


@jobs.in_words("Tell the owners of a protocol that its review is due")
def tell_owners() -> int:
    """Tell the owners of each protocol of its review, once on each of `review_notices`.

    Return how many editions were handled. Nightly job; idempotent.
    """
    today, schedule = timezone.localdate(), ProtocolPolicy.load().review_notices
    editions = Edition.objects.in_force().without_text().with_review_day()
    coming = editions.filter(review_on__lte=schedule.last_deadline(today))
    this, told = jobs.Round(tell_owners), 0
    for batch in this.batches(coming.select_related("page"), size=A_BATCH):
        untold = _untold(batch, today, schedule)
        this.work(list(untold), partial(_tell, untold))
        told += len(untold)
    this.forget_settled(coming)
    return told


def _untold(
    editions: list[Edition], today: dt.date, schedule: Schedule
) -> dict[Edition, tuple[dt.date, int]]:
    """Map editions whose owners must still be told to (review day, days before it)."""
    due = {
        each: (each.review_on, (each.review_on - day).days)
        for each in editions
        if each.review_on and (day := schedule.latest(each.review_on, today))
    }
    had = ReviewNotice.objects.filter(edition__in=[each.pk for each in due])
    told = set(had.values_list("edition", "review_on", "days"))
    return {each: of for each, of in due.items() if (each.pk, *of) not in told}


def _tell(of: dict[Edition, tuple[dt.date, int]], editions: list[Edition]) -> None:
    # A concurrent run waits for these locks, and then finds that the owners were told.
    pks = [edition.pk for edition in editions]
    list(Edition.objects.select_for_update().filter(pk__in=pks).order_by("pk").values_list("pk"))
    had = ReviewNotice.objects.filter(edition__in=pks)
    told = set(had.values_list("edition", "review_on", "days"))
    new = [each for each in editions if (each.pk, *of[each]) not in told]
    ReviewNotice.objects.bulk_create(
        ReviewNotice(edition=each, review_on=of[each][0], days=of[each][1]) for each in new
    )
    before = {(edition, review_on) for edition, review_on, _ in told}
    for edition in new:
        review_on = of[edition][0]
        again = (edition.pk, review_on) in before
        outbox.enqueue_each(owners_of(edition), partial(_tell_owner, edition, review_on, again))


def _tell_owner(edition: Edition, review_on: dt.date, again: bool, person: Person) -> None:
    context = _told(edition, review_on, person)
    outbox.enqueue("protocol_review", to=person, about=edition, context=context, again=again)


def owners_of(edition: Edition) -> list[Person]:
    """List the leads of the agencies that own it, and the board's protocol editors."""
    agencies = Agency.objects.filter(pk__in=[owner["agency"] for owner in edition.owners])
    leads = Person.objects.leading(*agencies)
    return list(dict.fromkeys([*leads, *templates.memoised("editors", _editors)]))


def _editors() -> list[Person]:
    editors = Person.objects.filter(is_active=True, is_staff=True, groups__name=PROTOCOL_EDITORS)
    return list(editors)


def _told(edition: Edition, review_on: dt.date, person: Person) -> dict[str, str]:
    office = reverse("protocol_versions", args=[edition.page_id])
    return {
        "name": person.name,
        "protocol": edition.title,
        "version": edition.label,
        "review_on": f"{review_on.day} {review_on:%B %Y}",
        "address": settings.SITE_URL + (office if person.is_staff else edition.page.path_of_page),
    }
