"""Hand on drafts that nobody can answer any more, and say who may act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import Group
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.models import TaskState

from agencies.models import Board, Person
from lms import links
from lms.mail import outbox
from protocols.approval import approval as approval_approval
from protocols.approval import reminders
from protocols.drafts import page_lock
from protocols.models import Approval, BoardStep, ProtocolPage, ProtocolPolicy

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

FOR_AGENCY = (
    "Make somebody a lead of this agency, and we ask them at once. Or record its agreement on the "
    "page below, with the meeting or the email in which it was given."
)
FOR_STEP = (
    "Give somebody this role under People, and they can approve it. Or record the decision on the "
    "page below, with the meeting, its date and the minute."
)


def groups_with_people() -> QuerySet[Group]:
    """Return the board's groups that have somebody who can sign in to the back office."""
    return Group.objects.filter(user__is_active=True, user__is_staff=True).distinct()


def who_acts(step: BoardStep) -> list[Person]:
    """List who can answer a step of the board."""
    people = Person.objects.filter(is_active=True, is_staff=True, groups__in=step.groups.all())
    return list(people.distinct().order_by("name", "pk"))


@transaction.atomic
def pass_on(approval: Approval) -> None:
    """Ask who answers for the agency now, with the whole time; tell the board if nobody does."""
    page_lock.lock_page(approval.page)
    still = Approval.objects.waiting().filter(pk=approval.pk).select_related("page", "agency")
    if (now := still.first()) is None:
        return
    page = now.revision.as_object() if now.revision else now.page
    if not approval_approval.who_answers(now):
        _tell_board(now.page, now.name, FOR_AGENCY, about=now)
        return
    now.answer_by = max(now.answer_by or timezone.localdate(), ProtocolPolicy.load().answer_by())
    now.save(update_fields=["answer_by"])
    approval_approval.notify_approvers(now, "draft_to_approve", page.title, page.reason)


@transaction.atomic
def tell_of_step(waiting: TaskState) -> None:
    """Tell the board that nobody has the role that a step of its workflow needs."""
    page = waiting.workflow_state.content_object
    if page is None or not isinstance(page.specific, ProtocolPage):
        return
    _tell_board(page.specific, waiting.task.name, FOR_STEP, about=waiting)


def _tell_board(page: ProtocolPage, who: str, note: str, *, about: Model) -> None:
    told = {
        "protocol": page.get_latest_revision_as_object().title,
        "agency": who,
        "note": note,
        "address": links.address(reverse("protocol_versions", args=[page.pk])),
    }

    def tell(to: Person | str) -> None:
        name = to.name if isinstance(to, Person) else Board.load().name
        outbox.enqueue("draft_stuck", to=to, about=about, context=told | {"name": name})

    outbox.enqueue_each([*reminders.authors_of(page), Board.load().email], tell)
