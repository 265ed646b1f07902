"""Tell whoever is given a role in the board about the drafts that already wait for it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import Q
from django.urls import reverse
from wagtail.models import TaskState

from agencies.models import Person
from history.models import Event
from lms import links
from lms.mail import outbox
from lms.models import Mail
from protocols.models import BoardStep, ProtocolPage

KIND = "draft_waits"


def untold() -> dict[int, list[Person]]:
    """Map steps under way to those who got their role since, and have not been told of the draft.

    Whoever had it when the step began heard then. History says since when somebody has a role.
    """
    waiting = TaskState.objects.filter(
        status=TaskState.STATUS_IN_PROGRESS,
        workflow_state__status="in_progress",
        task__in=BoardStep.objects.values("pk"),
    )
    states = list(waiting.order_by("pk"))
    if not states:
        return {}
    steps = BoardStep.objects.filter(pk__in=[state.task_id for state in states])
    groups = {step.pk: {each.pk for each in step.groups.all()} for step in
              steps.prefetch_related("groups")}  # fmt: skip
    since = min(state.started_at for state in states)
    people = Person.objects.filter(is_active=True, is_staff=True)
    able = list(people.filter(groups__in=set().union(*groups.values())).distinct())
    changes = _changes_of(able, since)
    told = set(_told(states).values_list("about_id", "to"))
    found = {
        state.pk: [
            person
            for person in able
            if (str(state.pk), person.email) not in told
            and any(
                at > state.started_at and not _can(was, its) and _can(now, its)
                for at, was, now in changes[person.pk]
            )
        ]
        for state in states
        for its in [groups[state.task_id]]
    }
    return {pk: people for pk, people in found.items() if people}


def _changes_of(people: list[Person], since: Any) -> dict[int, list[tuple[Any, dict, dict]]]:
    """Map people to the changes since then of what their account may do: (when, was, now)."""
    found: dict[int, list[tuple[Any, dict, dict]]] = defaultdict(list)
    events = Event.objects.filter(
        Q(action="person.changed") | Q(action="person.added"),
        thing_type=Person._meta.label_lower,
        thing_id__in=[str(person.pk) for person in people],
        at__gt=since,
    )
    for pk, *change in events.values_list("thing_id", "at", "was", "now"):
        found[int(pk)].append(tuple(change))  # type: ignore[arg-type]
    return found


def _can(powers: dict[str, Any], groups: set[int]) -> bool:
    may_enter = powers.get("is_active") and powers.get("is_staff")
    return bool(may_enter) and not groups.isdisjoint(powers.get("groups", []))


def _told(states: list[TaskState]) -> Any:
    return Mail.objects.filter(
        template=KIND,
        about_type=TaskState._meta.label_lower,
        about_id__in=[str(state.pk) for state in states],
    )


def tell(waiting: TaskState) -> None:
    """Tell those who got the role since the step began, once each."""
    page = waiting.workflow_state.content_object
    if page is None or not isinstance(page.specific, ProtocolPage):
        return
    told = {
        "protocol": page.specific.get_latest_revision_as_object().title,
        "step": waiting.task.name,
        "address": links.address(reverse("wagtailadmin_pages:edit", args=[page.pk])),
    }

    def write(person: Person) -> None:
        outbox.enqueue(KIND, to=person, about=waiting, context=told | {"name": person.name})

    outbox.enqueue_each(untold().get(waiting.pk, []), write)
