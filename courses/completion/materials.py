"""Decide which handouts a person may have and which evaluations they still have to answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.fields.files import FieldFile
from django.utils import timezone

import history
from courses.models import Booking, Completion, Course, Evaluation, Material, Question
from courses.models.bookings import attended
from courses.models.evaluation import out_of_reach
from history import records
from lms.storage import content_store
from lms.storage.content_store import ContentStore

if TYPE_CHECKING:
    from typing import IO

    from django.core.files import File
    from django.db.models import QuerySet

    from agencies.models import Person

    By = Person | str
    Told: TypeAlias = Any  # A booking of `with_materials`: mypy does not know annotations.

FILES = ContentStore("materials")
When, Kind = Material.When, Evaluation.Kind
# As long as answers stay linked to the booking. Source: rules.md, 'Data'.
ASKED_FOR = relativedelta(months=12)


def with_materials(bookings: QuerySet[Booking]) -> QuerySet[Booking]:
    """Annotate attendance, whether there are handouts and scales, and pks of open evaluations."""
    here = OuterRef("pk")
    asked = Evaluation.objects.unanswered().filter(booking=here).values("pk")
    before = Question.objects.about(OuterRef("run__course"), Kind.BEFORE)
    return bookings.annotate(
        came=attended(),
        hands_out=Exists(Material.objects.filter(course=OuterRef("run__course"))),
        asks_scales=Exists(before),
        asked_at_end=Subquery(asked.filter(kind=Kind.END)),
        asked_now=Subquery(_still_asked(asked).filter(kind=Kind.END)[:1]),
        asked_later=Subquery(_still_asked(asked).filter(kind=Kind.LATER)[:1]),
    )


def _still_asked(asked: QuerySet[Evaluation, Any]) -> QuerySet[Evaluation, Any]:
    """Keep those asked within 12 months; longer where a certificate or handout waits for them."""
    waits = Q(booking__in=Completion.objects.owing_evaluation().values("booking"))
    waits |= Q(booking__run__course__materials__after_evaluation=True)
    return asked.filter(Q(asked_at__gt=timezone.now() - ASKED_FOR) | Q(kind=Kind.END) & waits)


def evaluations_to_answer(bookings: Iterable[Told]) -> list[Evaluation]:
    """List the unanswered evaluations of these bookings (ordered by date), newest first."""
    found = []
    for booking in bookings:
        keys = {
            Evaluation.Kind.LATER: booking.asked_later,
            Evaluation.Kind.END: booking.asked_now,
        }
        found += [Evaluation(pk=pk, kind=kind, booking=booking) for kind, pk in keys.items() if pk]
    return found[::-1]


def materials_for_each(bookings: Iterable[Told]) -> dict[int, list[Material]]:
    """List handouts by booking (pk), in order: pre-reading once confirmed, others afterwards.

    Afterwards means that the register is signed off and the person attended; where the handout
    requires it, that they have answered the evaluation too. Source: rules.md, 'Register,
    completion, certificate'.
    """
    placed = [b for b in bookings if b.hands_out and b.state == Booking.State.CONFIRMED]
    by_course: dict[int, list[Material]] = {}
    if placed:
        courses = {booking.run.course_id for booking in placed}
        for material in Material.objects.filter(course__in=courses):
            by_course.setdefault(material.course_id, []).append(material)
    return {
        booking.pk: [
            material
            for material in by_course.get(booking.run.course_id, [])
            if may_have(booking, material)
        ]
        for booking in placed
    }


def materials_for(booking: Booking) -> list[Material]:
    return materials_for_each(
        with_materials(Booking.objects.filter(pk=booking.pk).select_related("run"))
    ).get(booking.pk, [])


def may_have(booking: Told, material: Material) -> bool:
    """Return whether a confirmed booking gives access to the handout now."""
    if material.when == When.BEFORE:
        return True
    was_there = booking.run.closed_at is not None and booking.came
    return was_there and not (material.after_evaluation and booking.asked_at_end)


def add(
    course: Course,
    *,
    title: str,
    file: File,
    when: str = When.AFTER,
    after_evaluation: bool = False,
    position: int = 0,
    by: By,
) -> Material:
    """Add a handout to a course. The caller has checked the file."""
    details = {"title": title, "when": when, "position": position}
    material = Material(course=course, after_evaluation=after_evaluation, **details)
    with _stored(material, file):
        return records.save(material, by=by)


def change(
    material: Material, *, file: File | FieldFile | None = None, by: By, **details: Any
) -> Material:
    """Change these fields of a handout; a file that is replaced is deleted."""
    new = None if isinstance(file, FieldFile) else file
    with _stored(material, new), transaction.atomic():
        had = Material.objects.select_for_update().get(pk=material.pk).file.name
        for name, value in details.items():
            setattr(material, name, value)
        records.save(material, by=by)
        if new:
            forget_file(had)
    return material


def remove(material: Material, *, by: By) -> None:
    """Delete a handout and its file."""
    with transaction.atomic():
        history.record("material.removed", material, by=by, was={"course": material.course_id})
        forget_file(material.file.name)
        material.delete()


def download(material: Material) -> IO[bytes]:
    """Return the verified file; raise `Missing` or `Damaged`."""
    return FILES.download(str(material.file), material.sha256, of=f"handout {material.pk}")


@contextmanager
def _stored(material: Material, file: File | None) -> Iterator[None]:
    """Store the file, if there is one, for the row that is saved next, or for nobody."""
    if not file:
        yield
        return
    content = file.read()
    name = FILES.write(content, name=out_of_reach(material, file.name))
    material.file, material.sha256 = name, content_store.digest(content)
    try:
        yield
    except BaseException:
        FILES.delete(name)
        raise


def forget_file(name: str | None) -> None:
    """Delete the file once the transaction commits: until then a row may name it."""
    if name:
        transaction.on_commit(lambda: FILES.delete(name))
