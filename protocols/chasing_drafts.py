"""Who hears that a draft still waits for an agency, and when?"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.models import WorkflowState

import history
from agencies import access
from agencies.models import Person
from lms import links, mail
from protocols import approving, revising
from protocols.approving import ApprovalRefused
from protocols.chasing import NIGHTLY, comes_due, morning_of
from protocols.models import Approval, ProtocolPage, ProtocolPolicy


def chase() -> int:
    """Each agency whose day it is has been reminded, once a day; returns how many were now.

    On the days on which a cascade is chased. When an answer is overdue the author hears it, once.
    Nightly; may run twice.
    """
    today, policy = timezone.localdate(), ProtocolPolicy.load()
    soon = _waiting().filter(answer_by__lte=today + dt.timedelta(policy.chased_days_before))
    pages = sorted(set(soon.values_list("page", flat=True)))
    return sum(_chase(page, today, policy) for page in pages)


def _waiting():
    return Approval.objects.of_agencies().waiting().select_related("page", "agency", "person")


@transaction.atomic
def _chase(page: int, today: dt.date, policy: ProtocolPolicy) -> int:
    waiting = _in_turn(page)
    due = [each for each in waiting if _is_due(each, today, policy)]
    for each in due:
        _chased(each, today, by=NIGHTLY)
    if late := [each for each in waiting if each.is_overdue and not each.author_told_on]:
        _tell_author(late, today)
    return len(due)


def _in_turn(page: int) -> list[Approval]:
    """As they are now that nobody can answer meanwhile."""
    revising.turn_of(ProtocolPage(pk=page))
    return list(_waiting().filter(page=page).order_by("name"))


def _is_due(approval: Approval, today: dt.date, policy: ProtocolPolicy) -> bool:
    asked_on, answer_by = timezone.localdate(approval.asked_at), approval.answer_by
    if answer_by is None:
        return False
    return comes_due(asked_on, approval.chased_on, answer_by, today, policy)


@transaction.atomic
def remind(approval: Approval, *, by: Person) -> None:
    """The agency is reminded now, at most once a day, whatever day it would be chased on."""
    today = timezone.localdate()
    found = [each for each in _in_turn(approval.page_id) if each.pk == approval.pk]
    if not found:
        raise ApprovalRefused(f"{approval.name} is no longer asked: nothing waits for its answer.")
    if found[0].chased_on == today:
        raise ApprovalRefused(f"{approval.name} has been reminded today. Try again tomorrow.")
    if not approving.who_answers(found[0]):
        raise ApprovalRefused(
            f"Nobody at {approval.name} could answer. Take the draft back, name a person beside"
            " the agency and submit it again."
        )
    _chased(found[0], today, by=by)


def _chased(approval: Approval, today: dt.date, *, by: Person | str) -> None:
    approval.chased_on = today
    approval.save(update_fields=["chased_on"])
    history.record("approval.chased", approval, by=by, now={"agency": approval.agency_id})
    draft = approval.revision.as_object() if approval.revision else approval.page
    morning = morning_of(today, by)
    approving.tell(approval, "draft_chased", draft.title, draft.reason, not_before=morning)


def _tell_author(late: list[Approval], today: dt.date) -> None:
    page = late[0].page
    told = {
        "protocol": page.get_latest_revision_as_object().title,
        "agencies": "\n".join(f"- {_waited_for(each)}" for each in late),
        "address": links.address(reverse("protocol_versions", args=[page.pk])),
    }
    for person in authors_of(page):
        context = told | {"name": person.name}
        morning = morning_of(today, NIGHTLY)
        mail.post("draft_overdue", to=person, about=page, context=context, not_before=morning)
    for each in late:
        each.author_told_on = today
        each.save(update_fields=["author_told_on"])
        history.record("approval.overdue", each, by=NIGHTLY, now={"agency": each.agency_id})


def _waited_for(approval: Approval) -> str:
    people = ", ".join(person.name for person in approving.who_answers(approval))
    asked = f"asked on {timezone.localdate(approval.asked_at):%-d %B %Y}"
    return f"{approval.name}, {asked}: {people or 'nobody there can answer now'}"


def authors_of(page: ProtocolPage) -> list[Person]:
    """Who submitted the draft; where they no longer work for the board, its protocol editors."""
    state = page.current_workflow_state
    author = state.requested_by if state else None
    if author and access.may_enter_back_office(author):
        return [author]
    editors = Person.objects.filter(is_active=True, is_staff=True)
    return list(editors.filter(groups__name=access.PROTOCOL_EDITORS).order_by("pk"))


@transaction.atomic
def take_back(page: ProtocolPage, *, by: Person) -> None:
    """Nobody is asked about the draft any more; it can be changed and submitted again.

    Wagtail lets only who submitted it do so, who may have left the board.
    """
    revising.turn_of(page)
    state = WorkflowState.objects.active().for_instance(page).first()
    if not state:
        raise ApprovalRefused("Nobody is asked about this draft. Submit it when it is ready.")
    state.cancel(user=by)
