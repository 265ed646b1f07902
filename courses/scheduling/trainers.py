"""Ask trainers to deliver a run, take their answers, assign them, and email their packs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

import history
from courses.models import Course, DeliveryRequest, Run, Trainer, TrainersPack
from courses.notices import notices, told
from courses.scheduling import asking, telling
from courses.scheduling.asking import PURPOSE
from history import records
from lms import jobs, links
from lms.gathering import A_STATEMENT
from lms.mail import outbox
from lms.refused import Refused

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from agencies.models import Person

    By = Person | str

State = DeliveryRequest.State
# Hour on the day before: late enough for stable numbers, early enough to act on them.
PACKS_FROM = dt.timedelta(hours=9)
A_BATCH = 50
ACCOUNT_CLOSED = "Their account is closed."


class DeliveringRefused(Refused):
    """Request or answer that is refused; the message is for the reader."""


def add_to_pool(
    person: Person,
    *,
    subjects: Iterable[Course],
    is_available: bool = True,
    notes: str = "",
    by: By,
) -> Trainer:
    """Add a person to the pool of trainers. Raises DeliveringRefused if they are in it."""
    if Trainer.objects.filter(person=person).exists():
        raise DeliveringRefused(
            f"{person.name} is in the pool already. Change their entry instead."
        )
    trainer = Trainer(person=person, is_available=is_available, notes=notes)
    return records.save(trainer, by=by, subjects=subjects)


def change_in_pool(
    trainer: Trainer, *, subjects: Iterable[Course], is_available: bool, notes: str, by: By
) -> Trainer:
    """Change what a trainer of the pool can deliver, and whether they can be asked."""
    trainer.is_available, trainer.notes = is_available, notes
    return records.save(trainer, by=by, subjects=subjects)


def ask(run: Run, people: Iterable[Person], *, by: By) -> list[DeliveryRequest]:
    """Mail each trainer a link to answer whether they can deliver this run.

    Asking again revokes the earlier link; those already delivering it are skipped. Raises
    DeliveringRefused for a run that began or was cancelled, or somebody outside the pool.
    """
    with transaction.atomic(), outbox.batch():
        run = Run.objects.lock(run)
        if sentence := _why_too_late(run):
            raise DeliveringRefused(sentence)
        delivering = set(run.trainers.values_list("pk", flat=True))
        asked = {each.pk: each for each in people if each.pk not in delivering}
        _refuse_unless_in_pool(asked)
        return _ask_each(run, list(asked.values()), by=by)


def answer(request: DeliveryRequest, *, can: bool, by: By, note: str = "") -> DeliveryRequest:
    """Record a trainer's yes or no and tell the office; a yes puts them on the run.

    Repeating the same answer changes nothing. Raises DeliveringRefused when the run began or was
    cancelled, or another answer was given before.
    """
    with transaction.atomic():
        run = Run.objects.lock(request.run)
        request = DeliveryRequest.objects.select_related("person").get(pk=request.pk)
        request.run = run
        said = State.YES if can else State.NO
        if request.state == said:
            return request
        if request.state != State.ASKED:
            raise DeliveringRefused(
                "You have answered this already. If that has changed, tell the training office."
            )
        if sentence := _why_too_late(run):
            raise DeliveringRefused(sentence)
        request.state, request.answered_at, request.note = said, timezone.now(), note.strip()[:240]
        request.save(update_fields=["state", "answered_at", "note"])
        links.revoke(request, PURPOSE)
        history.record(f"delivery.{said}", request, by=by, now={"state": said, "run": run.pk})
        if can:
            put_on(run, request.person, by=by)
        notices.delivery_answered(request)
    return request


def pool_for(run: Run) -> QuerySet[Trainer]:
    """List trainers who can deliver this course and are available."""
    return Trainer.objects.filter(
        subjects=run.course_id, is_available=True, person__is_active=True
    ).order_by("pk")


def taught_that_day(run: Run, people: Iterable[int]) -> dict[int, list[Run]]:
    """Return by person (pk) the other runs they deliver on the days of this one."""
    if run.starts_at is None or run.ends_at is None:
        return {}
    first, last = timezone.localdate(run.starts_at), timezone.localdate(run.ends_at)
    others = Run.objects.not_cancelled().exclude(pk=run.pk)
    others = others.filter(starts_at__date__lte=last, ends_at__date__gte=first)
    teaching = Run.trainers.through.objects.filter(run__in=others, person__in=people)
    taught: dict[int, list[Run]] = {}
    for each in teaching.select_related("run__course").order_by("run__starts_at"):
        taught.setdefault(each.person_id, []).append(each.run)
    return taught


def put_on(run: Run, person: Person, *, by: By) -> None:
    """Add the person as a trainer, who then keeps the run's register, and tell them."""
    with transaction.atomic(), outbox.batch():
        run = Run.objects.lock(run)
        if run.trainers.filter(pk=person.pk).exists():
            return
        run.trainers.add(person)
        history.record("run.trainer_added", run, by=by, now={"trainer": person.pk})
        telling.tell(run)


def take_off(run: Run, person: Person, *, by: By) -> None:
    """Remove a trainer from the run, with their access to it, and tell them."""
    with transaction.atomic(), outbox.batch():
        run = Run.objects.lock(run)
        if run.closed_at:
            raise DeliveringRefused(
                "The register is signed off, so who delivered this date stays. If it is wrong, "
                "ask a system administrator."
            )
        if not run.trainers.filter(pk=person.pk).exists():
            return
        run.trainers.remove(person)
        history.record("run.trainer_removed", run, by=by, was={"trainer": person.pk})
        DeliveryRequest.objects.filter(run=run, person=person).delete()
        if run.is_over or told.trainer_reader(person) not in told.known(run):
            notices.taken_off(run, person)
        telling.tell(run)


def take_off_who_left(run: Run, person: Person, *, by: By) -> None:
    """Remove a trainer whose account is closed, and tell the office. Idempotent."""
    with transaction.atomic():
        run = Run.objects.lock(run)
        if run.has_begun or not run.trainers.filter(pk=person.pk).exists():
            return
        run.trainers.remove(person)
        history.record("run.trainer_removed", run, by=by, was={"trainer": person.pk})
        notices.trainer_has_left(run, person)


@jobs.in_words("Email a trainer the pack for tomorrow")
def send_packs() -> bool:
    """Email trainers the pack of a run, from 9 in the morning of the day before. Periodic job.

    Once for each day of a run: one that moves has its pack again. Trainers who join late, and packs
    missed then, are served until the run begins. Returns whether more may be due.
    """
    this, due = jobs.Round(send_packs), _without_pack()
    ready = this.ready(due.order_by("run__starts_at", "run", "person"))
    if first := ready.first():
        this.work(list(ready.filter(run=first.run_id)[:A_BATCH]), _send_packs)
    this.forget_settled(due)
    return first is not None


def _without_pack() -> QuerySet:
    """Filter `Run.trainers.through` to rows whose pack for the run's day is due and not sent."""
    now = timezone.now()
    last_day = timezone.localdate(now - PACKS_FROM) + dt.timedelta(days=1)
    ends = timezone.make_aware(dt.datetime.combine(last_day, dt.time.max))
    had = TrainersPack.objects.filter(
        run=OuterRef("run"), person=OuterRef("person"), for_day=OuterRef("run__starts_at__date")
    )
    coming = Run.objects.not_cancelled().filter(starts_at__gt=now, starts_at__lte=ends)
    teaching = Run.trainers.through.objects.filter(run__in=coming, person__is_active=True)
    return teaching.filter(~Exists(had))


def _send_packs(teaching: list[Any]) -> None:
    """Email the trainers of these rows, which are all of one run."""
    run = Run.objects.lock(teaching[0].run)
    if run.starts_at is None:
        return
    still = _without_pack().filter(pk__in=[each.pk for each in teaching])
    trainers = [each.person for each in still.select_related("person").order_by("person")]
    if not trainers:
        return
    day = timezone.localdate(run.starts_at)
    TrainersPack.objects.bulk_create(
        TrainersPack(run=run, person=trainer, for_day=day) for trainer in trainers
    )
    for trainer in trainers:
        notices.trainers_pack(run, trainer)
    now = {"day": day.isoformat(), "trainers": [trainer.pk for trainer in trainers]}
    history.record("run.pack_sent", run, by="MINUTELY", now=now)


def _refuse_unless_in_pool(people: Mapping[int, Person]) -> None:
    pool = set(Trainer.objects.filter(person__in=people).values_list("person", flat=True))
    for person in people.values():
        if not person.is_active or person.pk not in pool:
            raise DeliveringRefused(
                f"{person.name} is not in the pool of trainers. Add them first."
            )


def _ask_each(run: Run, people: Iterable[Person], *, by: By) -> list[DeliveryRequest]:
    now = timezone.now()
    requests = DeliveryRequest.objects.bulk_create(
        [DeliveryRequest(run=run, person=person, asked_at=now) for person in people],
        batch_size=A_STATEMENT,
        update_conflicts=True,
        unique_fields=["run", "person"],
        update_fields=["state", "asked_at", "answered_at", "note"],
    )
    links.revoke_many(requests, PURPOSE)
    for request in requests:
        _write_to(request, by=by)
    return requests


def _write_to(request: DeliveryRequest, *, by: By) -> None:
    now = {"run": request.run_id, "trainer": request.person_id}
    history.record("delivery.asked", request, by=by, now=now)
    asking.ask_to_deliver(request)


def _why_too_late(run: Run) -> str:
    if run.cancelled_at:
        return "This date has been cancelled, so nobody is needed for it. There is nothing to do."
    if run.has_begun:
        return "This date has already begun, so it is too late for this. Phone one another."
    return ""
