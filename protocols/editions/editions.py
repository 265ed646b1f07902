"""Issue the edition in force from an approved draft, and withdraw editions."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import get_active_log_context

import history
from agencies.models import Person
from protocols.approval import approval
from protocols.cascade import notices
from protocols.drafts import content, copies
from protocols.drafts.copies import Copy
from protocols.drafts.page_lock import SCHEDULE, EditionRefused, lock_page
from protocols.editions import pdfs
from protocols.models import Edition, EditionFile, ProtocolPage
from protocols.readers import alerts


def is_being_published(page: ProtocolPage) -> bool:
    """Return whether saving the page makes another revision live; lock the page to know."""
    if not (page.pk and page.live and page.live_revision_id):
        return False
    return lock_page(page).live_revision_id != page.live_revision_id


def publisher() -> Person | str:
    """Return the user of Wagtail's log context, which `publish(user=...)` sets, else SCHEDULE."""
    return get_active_log_context().user or SCHEDULE


@transaction.atomic
def issue_edition(
    page: ProtocolPage,
    *,
    by: Person | str,
    approved_by: list[dict[str, Any]] | None = None,
) -> Edition:
    """Issue the page's text as the edition in force: numbered, rendered, with file copies.

    Idempotent: an unchanged edition in force is returned. `approved_by` is [{"name", "on",
    "agency"}] if approved elsewhere; by default `approval` is asked. Raises EditionRefused with all
    that is missing.
    """
    lock_page(page)
    edition = content.draft_of(page, _in_force_from(page, approved_by))
    last = page.editions.order_by("-number").first()
    try:
        copied = copies.copies_in(edition.html)
    except copies.CannotCopy as refused:
        raise EditionRefused(str(refused), page) from refused
    if last and is_the_same(last, edition, copied):
        return last
    refuse_without_facts(edition, last, approved_by)
    edition.approvers = approval.given(page, edition.data) if approved_by is None else approved_by
    write(edition, copied)
    now = {"number": edition.number, "is_major": edition.is_major, "sha256": edition.sha256}
    now |= {"page": page.pk, "in_force_from": edition.in_force_from.isoformat()}
    history.record("edition.issued", edition, by=by, now=now)
    return edition


def _in_force_from(page: ProtocolPage, approved_by: list[dict[str, Any]] | None) -> dt.date:
    """Return the day in force: the planned one, however late the job that publishes it runs.

    What was approved after its planned day is in force from the day of the last approval.
    """
    scheduled = page.live_revision.approved_go_live_at if page.live_revision_id else None
    if scheduled:
        return timezone.localdate(scheduled)
    if approved_by is not None and page.in_force_from:
        return page.in_force_from
    return content.day_in_force(page)


def refuse_to_schedule(page: ProtocolPage) -> None:
    """Raise EditionRefused now for a scheduled draft that could not be issued then."""
    if page.go_live_at and page.go_live_at > timezone.now():
        last = page.editions.order_by("-number").first()
        on = timezone.localdate(page.go_live_at)
        refuse_without_facts(content.draft_of(page, on), last, None, on)


def is_the_same(last: Edition, draft: Edition, copied: dict[str, Copy]) -> bool:
    """Return whether the last edition still stands with the same content and files."""
    files = {(copy.name, copy.sha256) for copy in copied.values()}
    return (
        last.withdrawn_at is None
        and content.without_the_day(last.data) == content.without_the_day(draft.data)
        and set(last.files.values_list("name", "sha256")) == files
    )


def refuse_without_facts(
    draft: Edition,
    last: Edition | None,
    approved_by: list[dict[str, Any]] | None,
    on: dt.date | None = None,
) -> None:
    missing = list(what_is_missing(draft, last, on or timezone.localdate()))
    if approved_by is None:
        lacking = approval.lacking(draft.page, draft.data)
        missing += [f"{name} has not approved this text." for name in lacking]
        approved_by = approval.given(draft.page, draft.data)
        if not lacking and not approved_by:
            missing.append("Nobody has approved it: submit it for approval.")
    if missing:
        raise EditionRefused(" ".join(["It cannot be put in force yet.", *missing]), draft.page)


def what_is_missing(draft: Edition, last: Edition | None, today: dt.date):
    """Yield a sentence for each fact without which no edition is issued."""
    if not draft.reason:
        yield "Say what has changed, and why."
    elif last and last.reason == draft.reason:
        yield f"Say what has changed, and why: what it says now is of version {last.number}."
    if not draft.answers:
        yield "Say what it answers: a finding, guidance, an audit, or what else made it due."
    if not draft.owners:
        yield "Name the agency that owns it."
    if not draft.next_review_on or draft.next_review_on <= today:
        yield "Give a day for its next review that is still to come."
    if draft.in_force_from > today:
        yield "It is in force from a later day, and is published on that day."
    elif last and draft.in_force_from < last.in_force_from:
        yield f"It cannot be in force before version {last.number} was."
    elif last and draft.in_force_from == last.in_force_from != today:
        yield f"Say from which day it is in force: that day is version {last.number}’s."
    right = [answer for answer in draft.check_answers if answer["is_right"]]
    if draft.check_question and (len(right) != 1 or len(draft.check_answers) < 2):
        yield "Give the check question at least two answers, of which one is right."


def write(edition: Edition, copied: dict[str, Copy]) -> None:
    """Save the edition with its digest and its files, all append-only; its PDF is made soon."""
    base = f"{edition.get_absolute_url()}files/"
    edition.html = copies.led_to(edition.html, copied, base)
    edition.sha256 = sha256_of(edition, copied.values())
    edition.save(force_insert=True)
    EditionFile.objects.bulk_create(
        EditionFile(
            edition=edition,
            name=copy.name,
            content_type=copy.content_type,
            file=copies.keep(copy),
            sha256=copy.sha256,
            size=len(copy.content),
        )
        for copy in copied.values()
    )
    pdfs.make_soon.enqueue(edition.pk)


def record_of(edition: Edition, files) -> str:
    """Return the canonical JSON whose SHA-256 is the edition's digest, for anybody to verify."""
    return content.canonical(
        {
            "number": edition.number,
            "html": edition.html,
            "data": edition.data,
            "approvers": edition.approvers,
            "files": sorted([file.name, file.sha256] for file in files),
        }
    )


def sha256_of(edition: Edition, files) -> str:
    return hashlib.sha256(record_of(edition, files).encode()).hexdigest()


@transaction.atomic
def withdraw(edition: Edition, *, reason: str, by: Person | str) -> None:
    """Withdraw the edition in force; no older one replaces it, and it can still be read.

    Agencies that were asked to pass it on are told, and so is whoever was told of it by email.
    """
    edition = Edition.objects.select_for_update().get(pk=edition.pk)
    if edition.withdrawn_at:
        raise EditionRefused(
            f"{edition} has been withdrawn already: there is nothing to do.", edition.page
        )
    if not edition.is_in_force:
        raise EditionRefused(f"{edition} is not in force: withdraw the one that is.", edition.page)
    if not reason.strip():
        raise EditionRefused("Say why it is withdrawn.", edition.page)
    edition.withdrawn_at, edition.withdrawn_reason = timezone.now(), reason.strip()
    edition.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    pdfs.make_soon.enqueue(edition.pk)
    history.record("edition.withdrawn", edition, by=by, now={"number": edition.number})
    _tell_everybody(edition, "withdrawn")


@transaction.atomic
def put_back(edition: Edition, *, by: Person | str) -> None:
    """Undo the withdrawal of a protocol's last version: it is in force again.

    Whoever was told of the withdrawal is told of this too; what agencies owed, they owe again.
    """
    lock_page(edition.page)
    edition = Edition.objects.select_for_update().get(pk=edition.pk)
    if refusal := why_not_put_back(edition):
        raise EditionRefused(refusal, edition.page)
    edition.withdrawn_at, edition.withdrawn_reason = None, ""
    edition.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    pdfs.make_soon.enqueue(edition.pk)
    history.record("edition.put_back", edition, by=by, now={"number": edition.number})
    _tell_everybody(edition, "put_back")


def _tell_everybody(edition: Edition, what: str) -> None:
    """Write to agencies that were sent the edition, their staff who had it, and subscribers."""
    sent = list(edition.disseminations.select_related("edition__page", "agency"))
    notices.notify_readers(sent, f"protocol_{what}")
    notices.notify_staff(sent, f"readers_{what}")
    alerts.tell_alerted(edition, f"readers_{what}")


def people_told(edition: Edition) -> int:
    """Count the people who get an email when the edition is withdrawn, or put back."""
    sent = list(edition.disseminations.select_related("agency"))
    readers = {to.email for found in notices.who_sees_to(sent).values() for to in found}
    staff = {person.email for person in notices.staff_who_had(sent)}
    return len(readers | staff | alerts.alerted(edition).keys())


def why_not_put_back(edition: Edition) -> str:
    """Return why its withdrawal cannot be undone; empty if it can."""
    if not edition.withdrawn_at:
        return f"{edition} is not withdrawn: there is nothing to undo."
    newer = Edition.objects.filter(page=edition.page_id, number__gt=edition.number)
    if newer.exists():
        return f"A newer version followed {edition}, so it cannot be put back."
    if not edition.page.live:
        return f"The page of {edition} is not published: submit the protocol for approval again."
    return ""


def is_kept_published(page: ProtocolPage) -> bool:
    """Return whether saving the page would take a protocol that has versions off the site.

    Raises EditionRefused, unless Wagtail does so only to wait for the day of a scheduled draft.
    """
    if page.live or not page.pk or not page.editions.exists() or not lock_page(page).live:
        return False
    if page.go_live_at and page.go_live_at > timezone.now():
        return True
    raise EditionRefused(
        f"{page.title} has versions that people follow, so it is not unpublished. Withdraw the "
        "version in force instead, with a reason: see Versions.",
        page,
    )
