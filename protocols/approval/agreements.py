"""Record agreement that was given elsewhere, in a meeting or by email, with its source."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

import history
from agencies import access
from agencies.models import Agency, Person
from protocols.approval import approval as approval_approval
from protocols.approval import outcome
from protocols.approval.approval import ApprovalRefused
from protocols.drafts import content, page_lock
from protocols.models import AgencyStep, Approval, BoardStep, ProtocolPage


@dataclass(frozen=True)
class Source:
    """Source of an agreement; `words` name the meeting and its minute, or who wrote."""

    kind: str
    words: str
    on: dt.date


def owners_not_asked(page: ProtocolPage) -> list[Agency]:
    """List the owners whom the workflow does not ask: no lead of theirs has an account.

    `page` may be a draft. Those whose agreement to this text is recorded are left out.
    """
    asked = {each.agency_id for each in approval_approval.approvers_of(page)}
    given = approval_approval.given(page, content.facts_of(page)) if page.pk else []
    agreed = {each["agency"] for each in given}
    owners = page.owners.select_related("agency")
    return [each.agency for each in owners if each.agency_id not in asked | agreed]


def to_record(page: ProtocolPage) -> list[tuple[str, str]]:
    """List whose agreement can be recorded now, as (key, name): agencies, and the board's step."""
    draft = page.get_latest_revision_as_object()
    lacking = {
        each.agency_id: each.agency
        for each in approval_approval.approvers_of(draft)
        if each.agency.name in approval_approval.lacking(draft, content.facts_of(draft))
    }
    lacking |= {agency.pk: agency for agency in owners_not_asked(draft)}
    found = [(f"agency-{agency.pk}", agency.name) for agency in lacking.values()]
    if step := _step_under_way(page):
        found.append((f"step-{step.pk}", step.name))
    return found


def brings(page: ProtocolPage) -> list[tuple[str, str]]:
    """List (name, from when it is in force if their agreement is recorded now, else "")."""
    draft = page.get_latest_revision_as_object()
    found = []
    for key, name in to_record(page):
        kind, _, pk = key.partition("-")
        whose = name if kind == "step" else Agency.objects.get(pk=pk)
        found.append((name, outcome.after(draft, whose)))
    return found


@transaction.atomic
def record(page: ProtocolPage, whose: str, source: Source, *, by: Person) -> Approval:
    """Record that an agency, or the board's step that is under way, agreed to the draft elsewhere.

    `whose` is a key of `to_record`. It counts for the text as it is now, and completes the step of
    the workflow as an answer on these pages does. Raises ApprovalRefused.
    """
    page_lock.lock_page(page)
    if not access.is_protocol_editor(by):
        raise ApprovalRefused("Only the protocol editors can record this. Ask one of them.")
    if source.on > timezone.localdate():
        raise ApprovalRefused("Give the day on which they agreed, which cannot be to come.")
    if not source.words.strip():
        raise ApprovalRefused("Say where they agreed: the meeting and its minute, or who wrote.")
    page = ProtocolPage.objects.get(pk=page.pk)
    if whose not in dict(to_record(page)):
        raise ApprovalRefused("Nothing waits for their agreement now. Look at the draft again.")
    kind, _, pk = whose.partition("-")
    if kind == "step":
        return _record_for_step(page, source, by)
    return _record_for_agency(page, Agency.objects.get(pk=pk), source, by)


def _record_for_step(page: ProtocolPage, source: Source, by: Person) -> Approval:
    state = page.current_workflow_task_state
    given = _new(page, state.task.name, source)
    _save(given, source, by)
    state.task.specific.answer(state, by, "approve", comment=given.source_in_words)
    return given


def _record_for_agency(page: ProtocolPage, agency: Agency, source: Source, by: Person) -> Approval:
    asked = page.approvals.waiting().filter(agency=agency).first()
    given = asked or _new(page, agency.name, source, agency=agency)
    _save(given, source, by)
    state = page.current_workflow_task_state
    is_theirs = state and isinstance(state.task.specific, AgencyStep)
    if is_theirs and asked and not page.approvals.of_agencies().waiting().exists():
        state.approve(user=by, comment="Every agency has approved it.")
    return given


def _new(page: ProtocolPage, name: str, source: Source, agency: Agency | None = None) -> Approval:
    draft = page.get_latest_revision()
    digest = content.digest(content.facts_of(draft.as_object()))
    return Approval(page=page, revision=draft, digest=digest, name=name, agency=agency)


def _save(given: Approval, source: Source, by: Person) -> None:
    given.state, given.answered_at, given.answered_by = (
        Approval.State.APPROVED,
        timezone.now(),
        by,
    )
    given.source, given.source_on = source.kind, source.on
    given.source_words = source.words.strip()[:240]
    given.save()
    now = {"page": given.page_id, "agency": given.agency_id, "step": given.name}
    history.record("approval.recorded", given, by=by, now=now | {"source": given.source})


def _step_under_way(page: ProtocolPage) -> BoardStep | None:
    state = page.current_workflow_task_state
    step = state.task.specific if state else None
    return step if isinstance(step, BoardStep) else None
