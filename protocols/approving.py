"""Has everybody approved this very text? Asking, approving, sending back."""

from __future__ import annotations

from typing import Any

from wagtail.models import Task

from protocols import drafting
from protocols.models import Approval, BoardStep, ProtocolPage


def lacking(page: ProtocolPage, facts: dict[str, Any]) -> list[str]:
    """The names of the board's steps and of the agencies that have not approved this text."""
    given = {(each.agency_id, each.name) for each in _given(page, facts)}
    agencies = {each.agency_id for each in _given(page, facts)}
    steps = [name for name in steps_of(page) if (None, name) not in given]
    asked = page.approvers.select_related("agency")
    return steps + [each.agency.name for each in asked if each.agency_id not in agencies]


def given(page: ProtocolPage, facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Who approved this text, as an edition keeps it: a name, a day, an agency if it was one."""
    return [
        {
            "name": each.name,
            "on": each.answered_at.date().isoformat(),
            "agency": each.agency_id,
        }
        for each in _given(page, facts)
        if each.answered_at
    ]


def steps_of(page: ProtocolPage) -> list[str]:
    """The board's own steps to an edition, in order, as the page's workflow has them."""
    workflow = page.get_workflow()
    if not workflow:
        return []
    tasks = Task.objects.filter(workflow_tasks__workflow=workflow, active=True)
    steps = tasks.order_by("workflow_tasks__sort_order").specific()
    return [step.name for step in steps if isinstance(step, BoardStep)]


def _given(page: ProtocolPage, facts: dict[str, Any]) -> list[Approval]:
    approved = page.approvals.filter(
        state=Approval.State.APPROVED, digest=drafting.digest(facts)
    ).order_by("answered_at")
    return list({(each.agency_id, each.name): each for each in approved}.values())
