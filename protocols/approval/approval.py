"""Collect approvals of one exact draft (by content digest) from board steps and agencies."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Revision, Task, TaskState, WorkflowState

import history
from agencies.models import Agency, Person, Post
from lms import links
from lms.mail import outbox
from lms.refused import Refused
from protocols.drafts import content, page_lock
from protocols.models import AgencyStep, Approval, Approver, BoardStep, ProtocolPage, ProtocolPolicy
from protocols.reminder_days import left_in_words


class ApprovalRefused(Refused):
    """An answer that was not accepted; its message is shown to the person who gave it."""


def ask_agencies(task_state: TaskState, *, by: Person | None) -> TaskState:
    """Ask each agency in `approvers_of` the draft that has not approved this exact text yet.

    Mark the step as skipped if no agency is left to ask. Runs in Wagtail's workflow transaction.
    """
    _hand_in(task_state.revision, by)
    page = task_state.revision.as_object()
    facts = content.facts_of(page)
    digest = content.digest(facts)
    _lapse(page)
    approved = page.approvals.filter(
        state=Approval.State.APPROVED, digest__in=content.digests(facts)
    )
    done = set(approved.values_list("agency", flat=True))
    answer_by = ProtocolPolicy.load().answer_by()
    asked = [
        Approval(
            page=page,
            revision=task_state.revision,
            digest=digest,
            name=each.agency.name,
            agency=each.agency,
            person=each.person,
            answer_by=answer_by,
        )
        for each in approvers_of(page)
        if each.agency_id not in done
    ]
    with transaction.atomic():
        for approval in asked:
            _ask(approval, by)
    return task_state if asked else _pass_over(task_state)


def approvers_of(page: ProtocolPage) -> list[Approver]:
    """List the agencies that the draft names, then its owners' that have a lead to ask."""
    named = list(page.approvers.select_related("agency"))
    owners = {owner.agency_id: owner.agency for owner in page.owners.select_related("agency")}
    others = [owners[pk] for pk in owners if pk not in {each.agency_id for each in named}]
    led = (agency for agency in others if Person.objects.leading(agency).exists())
    return [*named, *(Approver(agency=agency) for agency in led)]


def _pass_over(task_state: TaskState) -> TaskState:
    task_state.status = TaskState.STATUS_SKIPPED
    task_state.finished_at = timezone.now()
    task_state.save()
    return task_state


def _ask(approval: Approval, by: Person | None) -> None:
    agency, page = approval.agency, approval.page
    if not who_answers(approval):
        raise page_lock.EditionRefused(
            f"{agency} has no lead who could approve it: name a person beside the agency.", page
        )
    approval.save()
    history.record(
        "approval.asked", approval, by=by or page_lock.SCHEDULE, now={"agency": approval.agency_id}
    )
    notify_approvers(approval, "draft_to_approve", page.title, page.reason)


def who_answers(approval: Approval) -> list[Person]:
    """Return the named person while they work there, else the agency's current leads."""
    agency, person = approval.agency, approval.person
    if not agency:
        return []
    works_there = Post.objects.current().filter(person=person).at(agency)
    if person and person.is_active and works_there.exists():
        return [person]
    return list(Person.objects.leading(agency).order_by("pk"))


def notify_approvers(
    approval: Approval, kind: str, protocol: str, reason: str, *, not_before: Any = None
) -> None:
    """Send a mail of this kind to each person who may answer for the agency."""
    told = {
        "protocol": protocol,
        "agency": approval.name,
        "reason": reason,
        "deadline": f"{approval.answer_by:%-d %B %Y}",
        "left": left_in_words(approval.answer_by) if approval.answer_by else "",
        "address": links.address(reverse("protocols:draft", args=[approval.pk])),
    }

    def write(one: Person) -> None:
        context = told | {"name": one.name}
        outbox.enqueue(kind, to=one, about=approval, context=context, not_before=not_before)

    outbox.enqueue_each(who_answers(approval), write)


@transaction.atomic
def approve(approval: Approval, *, by: Person) -> None:
    """Record the agency's approval; after the last agency's, complete the workflow step."""
    approval = _in_turn(approval)
    _answer(approval, Approval.State.APPROVED, by=by)
    others = approval.page.approvals.of_agencies().waiting()
    if not others.exists():
        approval.page.current_workflow_task_state.approve(
            user=by, comment="Every agency has approved it."
        )


@transaction.atomic
def send_back(approval: Approval, *, comment: str, by: Person) -> None:
    """Reject the draft with this agency's comment; requests to other agencies lapse."""
    if not comment.strip():
        raise ApprovalRefused("Say what should change.")
    approval = _in_turn(approval)
    approval.comment = comment.strip()
    _answer(approval, Approval.State.SENT_BACK, by=by)
    _lapse(approval.page)
    approval.page.current_workflow_task_state.reject(
        user=by, comment=f"{approval.name}: {approval.comment}"
    )


@transaction.atomic
def answer_step(
    step: BoardStep | AgencyStep, task_state: TaskState, *, by: Person, action: str, **more
) -> None:
    """Answer a workflow step as Wagtail does; store an approval with the approved text's digest.

    The press may be stale or repeated, so the current step is checked again under the page lock.
    Repeating an answer is idempotent; another answer raises ApprovalRefused.
    """
    page = task_state.workflow_state.content_object.specific
    page_lock.lock_page(page)
    waits = (step.pk, page.current_workflow_task_state) == (task_state.task_id, task_state)
    if not waits or action not in {name for name, *_ in step.get_actions(page, by)}:
        if has_answered(task_state, by, action):
            return
        raise ApprovalRefused(not_taken(more.get("comment", "")))
    task_state.refresh_from_db()
    if action == "approve":
        _approve_for(step, page.get_latest_revision(), by)
    step.answer(task_state, by, action, **more)


def has_answered(task_state: TaskState, by: Person, action: str) -> bool:
    """Return whether this person has already given this answer to this step."""
    answered = {"approve": TaskState.STATUS_APPROVED, "reject": TaskState.STATUS_REJECTED}
    task_state.refresh_from_db()
    return (task_state.finished_by_id, task_state.status) == (by.pk, answered.get(action))


def not_taken(comment: str) -> str:
    """Return the message for an answer that came too late, quoting its comment."""
    wrote = f" You wrote: ‘{comment}’" if comment else ""
    return f"This step was answered meanwhile, so your answer was not taken.{wrote}"


def _approve_for(step: BoardStep, draft: Revision, by: Person) -> None:
    page = draft.as_object()
    digest = content.digest(content.facts_of(page))
    approval = Approval(page=page, revision=draft, digest=digest, name=step.name)
    _answer(approval, Approval.State.APPROVED, by=by)


def passed_over(step: BoardStep, state: WorkflowState, *, by: Person | None) -> TaskState | None:
    """Skip a board step that has already approved this text; return None if it has not."""
    draft = state.content_object.get_latest_revision()
    _hand_in(draft, by)
    page = draft.as_object()
    given = _given(page, content.facts_of(page))
    if step.name not in {each.name for each in given if not each.agency_id}:
        return None
    return _pass_over(TaskState(workflow_state=state, task=step, revision=draft))


def _hand_in(draft: Revision, by: Person | None) -> None:
    """Record the submitter's approval for the first board step (the author's) if in its group."""
    page = draft.as_object()
    step = next(iter(_board_steps(page)), None)
    if not by or not step or not step.groups.filter(user=by).exists():
        return
    if step.name in lacking(page, content.facts_of(page)):
        _approve_for(step, draft, by)


def when_cancelled(sender: Any, instance: WorkflowState, **kwargs: Any) -> None:
    """Handle Wagtail's `workflow_cancelled`: pending requests to agencies lapse."""
    page = instance.content_object
    if page and isinstance(page.specific, ProtocolPage):
        _lapse(page.specific)


def when_step_ends(sender: Any, instance: TaskState, **kwargs: Any) -> None:
    """Handle Wagtail's `task_cancelled`, as when the board deactivates a step: requests lapse."""
    page = instance.workflow_state.content_object
    if not page or not isinstance(page.specific, ProtocolPage):
        return
    state = page.current_workflow_task_state
    if not state or not isinstance(state.task.specific, AgencyStep):
        _lapse(page.specific)


def _lapse(page: ProtocolPage) -> None:
    page.approvals.of_agencies().waiting().update(state=Approval.State.LAPSED)


def _in_turn(approval: Approval) -> Approval:
    """Lock the page and return the approval reloaded, if it still waits for an answer.

    Raises ApprovalRefused if it does not, or if the draft's text has changed since.
    """
    page_lock.lock_page(approval.page)
    approval = Approval.objects.select_related("page", "revision").get(pk=approval.pk)
    if approval.state != Approval.State.WAITING:
        raise ApprovalRefused(
            "This has been answered, or is no longer asked: there is nothing left to do."
        )
    asked = approval.revision and content.facts_of(approval.revision.as_object())
    if not asked or approval.digest not in content.digests(asked):
        raise ApprovalRefused(
            "The draft has changed since it was sent to you. You will be asked about the new one."
        )
    return approval


def _answer(approval: Approval, state: Approval.State, *, by: Person) -> None:
    approval.state, approval.answered_at, approval.answered_by = state, timezone.now(), by
    approval.save()
    now = {"page": approval.page_id, "agency": approval.agency_id, "step": approval.name}
    history.record(f"approval.{state}", approval, by=by, now=now)


def lacking(
    page: ProtocolPage, facts: dict[str, Any], *, after: str | Agency | None = None
) -> list[str]:
    """List the names of board steps and agencies that have not approved this text.

    `after` is a step or an agency that counts as if it had. Once every step of the board has
    approved it, an owner that nobody could ask then is not lacking, though it has a lead since.
    """
    approved = _given(page, facts)
    agencies = {each.agency_id for each in approved if each.agency_id}
    done = {each.name for each in approved if not each.agency_id}
    if isinstance(after, Agency):
        agencies.add(after.pk)
    elif after:
        done.add(after)
    steps = [name for name in steps_of(page) if name not in done]
    asked = approvers_of(page)
    if not steps:
        were_asked = _were_asked(page, facts) | {each.agency_id for each in page.approvers.all()}
        asked = [each for each in asked if each.agency_id in were_asked]
    return steps + [each.agency.name for each in asked if each.agency_id not in agencies]


def _were_asked(page: ProtocolPage, facts: dict[str, Any]) -> set[int | None]:
    """Return the ids of the agencies that were asked about this text."""
    asked = page.approvals.of_agencies().filter(digest__in=content.digests(facts))
    return set(asked.values_list("agency", flat=True))


def given(page: ProtocolPage, facts: dict[str, Any]) -> list[dict[str, Any]]:
    """List the approvals of this text, as editions store them: {"name", "on", "agency"}.

    `on` is an ISO date; `agency` is None for a board step. What was agreed elsewhere also has its
    "source" in words.
    """
    return [_as_stored(each) for each in _given(page, facts)]


def _as_stored(given: Approval) -> dict[str, Any]:
    on = given.source_on or timezone.localdate(given.answered_at)
    stored = {"name": given.name, "on": on.isoformat(), "agency": given.agency_id}
    return stored | ({"source": given.source_in_words} if given.source else {})


def steps_of(page: ProtocolPage) -> list[str]:
    """List the names of the board's own workflow steps, in order."""
    return [step.name for step in _board_steps(page)]


def _board_steps(page: ProtocolPage) -> list[BoardStep]:
    """List the active board steps of the page's workflow, in order."""
    workflow = page.get_workflow()
    if not workflow:
        return []
    tasks = Task.objects.filter(workflow_tasks__workflow=workflow, active=True)
    steps = tasks.order_by("workflow_tasks__sort_order").specific()
    return [step for step in steps if isinstance(step, BoardStep)]


def _given(page: ProtocolPage, facts: dict[str, Any]) -> list[Approval]:
    """List the latest approval of this text by each agency and board step."""
    approved = page.approvals.filter(
        state=Approval.State.APPROVED, digest__in=content.digests(facts)
    ).order_by("answered_at")
    return list({(each.agency_id, each.agency_id or each.name): each for each in approved}.values())
