"""Remind agencies of drafts that wait for their answer; tell authors of overdue ones."""

from __future__ import annotations

import datetime as dt
from functools import partial

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.models import WorkflowState

import history
from agencies import access
from agencies.models import Person
from lms import jobs, links
from lms.mail import outbox, templates
from protocols import reminder_days
from protocols.approval import approval as approval_approval
from protocols.approval.approval import ApprovalRefused
from protocols.drafts import page_lock
from protocols.models import Approval, ProtocolPage, ProtocolPolicy
from protocols.reminder_days import NIGHTLY, morning_of

# Agencies reminded in one transaction, which locks their page.
A_BATCH = 50


@jobs.in_words("Remind an agency of a draft that waits for its answer, or tell its author")
def chase() -> int:
    """Remind each agency that is due, once a day; return how many were reminded.

    Reminder days are computed as for cascades. Authors are told once when an answer
    is overdue. Nightly job; idempotent.
    """
    today, policy = timezone.localdate(), ProtocolPolicy.load()
    soon = _waiting().filter(answer_by__lte=policy.reminders.last_deadline(today))
    this, chased = jobs.Round(chase), 0
    for page in soon.order_by("page").values_list("page", flat=True).distinct():
        for batch in this.batches(soon.filter(page=page), size=A_BATCH):
            due = [each for each in batch if _is_due(each, today, policy)]
            chased += this.work(due, lambda some: _chase(some, today, policy))
    late = _waiting().filter(answer_by__lt=today, author_told_on=None)
    pages = ProtocolPage.objects.filter(pk__in=late.order_by().values("page"))
    for batch in this.batches(pages.only("pk"), size=1, step="author"):
        this.work(batch, lambda one: _tell_authors(one[0], today), step="author")
    return chased


def _waiting():
    return Approval.objects.of_agencies().waiting().select_related("page", "agency", "person")


def _chase(approvals: list[Approval], today: dt.date, policy: ProtocolPolicy) -> None:
    """Remind the agencies that are still due under the page lock; all are about one page."""
    page_lock.lock_page(approvals[0].page)
    still = _waiting().filter(pk__in=[each.pk for each in approvals]).select_related("revision")
    for each in still.order_by("name"):
        if _is_due(each, today, policy):
            _chased(each, today, by=NIGHTLY)


def _tell_authors(page: ProtocolPage, today: dt.date) -> None:
    waiting = _in_turn(page.pk)
    if late := [each for each in waiting if each.is_overdue and not each.author_told_on]:
        _tell_author(late, today)


def _in_turn(page: int) -> list[Approval]:
    """Lock the page and list its waiting approvals."""
    page_lock.lock_page(ProtocolPage(pk=page))
    return list(_waiting().filter(page=page).order_by("name"))


def _is_due(one: Approval, today: dt.date, policy: ProtocolPolicy) -> bool:
    if one.answer_by is None:
        return False
    return reminder_days.is_due(one.asked_at, one.chased_on, one.answer_by, today, policy)


@transaction.atomic
def remind(approval: Approval, *, by: Person) -> None:
    """Remind the agency now, whatever its reminder days, but at most once a day."""
    today = timezone.localdate()
    found = [each for each in _in_turn(approval.page_id) if each.pk == approval.pk]
    if not found:
        raise ApprovalRefused(f"{approval.name} is no longer asked: nothing waits for its answer.")
    if found[0].chased_on == today:
        raise ApprovalRefused(f"{approval.name} has been reminded today. Try again tomorrow.")
    if not approval_approval.who_answers(found[0]):
        raise ApprovalRefused(
            f"Nobody at {approval.name} could answer. Take the draft back, name a person beside"
            " the agency and submit it again."
        )
    _chased(found[0], today, by=by)


def _chased(approval: Approval, today: dt.date, *, by: Person | str) -> None:
    approval.chased_on = today
    approval.save(update_fields=["chased_on"])
    history.record("approval.chased", approval, by=by, now={"agency": approval.agency_id})
    draft = templates.memoised(
        ("draft", approval.page_id, approval.revision_id), partial(_draft, approval)
    )
    morning = morning_of(today, by)
    approval_approval.notify_approvers(
        approval, "draft_chased", draft.title, draft.reason, not_before=morning
    )


def _draft(approval: Approval) -> ProtocolPage:
    return approval.revision.as_object() if approval.revision else approval.page


def _tell_author(late: list[Approval], today: dt.date) -> None:
    page = late[0].page
    told = {
        "protocol": page.get_latest_revision_as_object().title,
        "agencies": "\n".join(f"- {_waited_for(each)}" for each in late),
        "address": links.address(reverse("protocol_versions", args=[page.pk])),
    }
    morning = morning_of(today, NIGHTLY)

    def tell(person: Person) -> None:
        context = told | {"name": person.name}
        outbox.enqueue("draft_overdue", to=person, about=page, context=context, not_before=morning)

    outbox.enqueue_each(authors_of(page), tell)
    for each in late:
        each.author_told_on = today
        each.save(update_fields=["author_told_on"])
        history.record("approval.overdue", each, by=NIGHTLY, now={"agency": each.agency_id})


def _waited_for(approval: Approval) -> str:
    people = ", ".join(person.name for person in approval_approval.who_answers(approval))
    asked = f"asked on {timezone.localdate(approval.asked_at):%-d %B %Y}"
    return f"{approval.name}, {asked}: {people or 'nobody there can answer now'}"


def authors_of(page: ProtocolPage) -> list[Person]:
    """List the submitter, or the protocol editors if the submitter has left the board."""
    state = page.current_workflow_state
    author = state.requested_by if state else None
    if author and access.may_enter_back_office(author):
        return [author]
    editors = Person.objects.filter(is_active=True, is_staff=True)
    return list(editors.filter(groups__name=access.PROTOCOL_EDITORS).order_by("pk"))


@transaction.atomic
def take_back(page: ProtocolPage, *, by: Person) -> None:
    """Cancel the draft's workflow, so that it can be edited and submitted again.

    Wagtail lets only the submitter cancel, and they may have left the board.
    """
    page_lock.lock_page(page)
    state = WorkflowState.objects.active().for_instance(page).first()
    if not state:
        raise ApprovalRefused("Nobody is asked about this draft. Submit it when it is ready.")
    state.cancel(user=by)
    history.record("draft.taken_back", page, by=by)
