"""Run jobs row by row, so that one bad row does not hold up the others.

A row that raises is rolled back, logged and recorded as a JobFailure, shown to the office on
*This week*. It is left out until its pause is over and then tried again. Connection errors are
not caught here: a database that is down is not a bad row.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import CharField, Exists, F, OuterRef, UUIDField, Value
from django.db.models.functions import Cast, Replace
from django.utils import timezone
from django.utils.module_loading import import_string

from lms.gathering import batch

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

    from lms.jobs.models import JobFailure

    Job = Callable[..., object]
    AnyRow = TypeVar("AnyRow", bound=Model)
    # Rows that are not model instances name themselves: see `about_of`.
    Anything = TypeVar("Anything")

logger = logging.getLogger(__name__)

# Pauses after successive failures of a row; the last one repeats.
PAUSES = [timedelta(minutes=m) for m in (1, 5, 15, 60)]
A_BATCH = 1000
# When this many rows fail in one pass and none succeeds, the job itself is at fault.
AT_FAULT = 100
DATABASE_IS_AWAY = (OperationalError, InterfaceError)
Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def in_words(words: str) -> Callable[[Decorated], Decorated]:
    """Label a job for the office, such as "Email reminders of course dates", with a decorator."""

    def mark(job: Decorated) -> Decorated:
        job.in_words = words  # type: ignore[attr-defined]
        return job

    return mark


def path_of(job: Job | str) -> str:
    return job if isinstance(job, str) else f"{job.__module__}.{job.__qualname__}"


def run(path: str) -> bool:
    """Run one job of the settings and return whether it has more to do.

    A failure of the job as a whole is logged and recorded, and False is returned.
    """
    this = Round(path)
    try:
        more = import_string(path)() is True
    except Exception as error:
        logger.exception("%s failed", path)
        _record(path, error)
        return False
    _forget(_failures(path).of_whole_jobs())
    if not more:
        this.finish()
    return more


def for_each(
    job: Job, due: QuerySet[AnyRow], do: Callable[[AnyRow], object], *, most: int, step: str = ""
) -> bool:
    """Call `do` with each of the first `most` due rows, each in its own transaction.

    Return whether more are due. `step` tells apart the several queues of one job.
    """
    return _first(job, due, lambda rows: do(rows[0]), most=most, size=1, step=step)


def for_some(
    job: Job,
    due: QuerySet[AnyRow],
    do: Callable[[list[AnyRow]], object],
    *,
    most: int,
    step: str = "",
) -> bool:
    """Call `do` with the first `most` due rows, in one transaction unless one of them fails."""
    return _first(job, due, do, most=most, size=most, step=step)


def _first(job, due, do, *, most: int, size: int, step: str) -> bool:
    this = Round(job)
    rows = list(this.ready(due, step=step)[: most + 1])
    for start in range(0, min(len(rows), most), size):
        this.work(rows[start : min(start + size, most)], do, step=step)
    this.forget_settled(due, step=step)
    return len(rows) > most


def for_all(
    job: Job,
    due: QuerySet[AnyRow],
    do: Callable[[list[AnyRow]], object],
    *,
    size: int = A_BATCH,
    step: str = "",
) -> int:
    """Call `do` with every due row, in batches of one transaction each.

    Return how many rows were processed.
    """
    this = Round(job)
    done = sum(this.work(rows, do, step=step) for rows in this.batches(due, size=size, step=step))
    this.forget_settled(due, step=step)
    return done


class Round:
    """One pass of a job over its due rows."""

    def __init__(self, job: Job | str):
        self.path = path_of(job)
        self.began_at = timezone.now()
        self.done = self.failed = 0

    def ready(self, due: QuerySet[AnyRow], *, step: str = "") -> QuerySet[AnyRow]:
        """Exclude the rows of `due` that failed and whose pause is not over."""
        paused = _failures(self.path, step=step, next_try_at__gt=self.began_at)
        paused = paused.filter(about_type=due.model._meta.label_lower)
        return due.exclude(Exists(paused.filter(about_id=id_in_text(due.model, OuterRef("pk")))))

    def batches(
        self, due: QuerySet[AnyRow], *, size: int = A_BATCH, step: str = ""
    ) -> Iterator[list[AnyRow]]:
        """Yield every ready row by primary key, `size` at a time."""
        ready = self.ready(due, step=step).order_by("pk")
        rows = list(ready[:size])
        while rows:
            last = rows[-1].pk
            yield rows
            rows = list(ready.filter(pk__gt=last)[:size])

    def work(
        self, rows: Sequence[Anything], do: Callable[[list[Anything]], object], *, step: str = ""
    ) -> int:
        """Call `do` with all rows in one transaction; if that fails, bisect.

        A bad row thus ends up alone; its failure is recorded after everything it did, mails too,
        has been rolled back. Return how many rows were processed. When AT_FAULT rows fail and
        none succeeds, the job is at fault and the error is raised.
        """
        if not rows:
            return 0
        if (error := self._try(rows, do)) is None:
            self.done += len(rows)
            return len(rows)
        if len(rows) == 1:
            self.fail(rows[0], error, step=step)
            if self.failed >= AT_FAULT and not self.done:
                raise error
            return 0
        half = len(rows) // 2
        return sum(self.work(part, do, step=step) for part in (rows[:half], rows[half:]))

    def _try(
        self, rows: Sequence[Anything], do: Callable[[list[Anything]], object]
    ) -> Exception | None:
        try:
            with transaction.atomic(), batch():
                do(list(rows))
        except DATABASE_IS_AWAY:
            raise
        except Exception as error:
            return error
        return None

    def fail(self, row: Any, error: Exception, *, step: str = "") -> None:
        """Record that this row failed. Its changes must have been rolled back already."""
        about = about_of(row)
        logger.error("%s %s failed for %s %s", self.path, step, *about, exc_info=error)
        _record(self.path, error, step=step, about=about)
        self.failed += 1

    def forget(self, row: Any) -> None:
        """Delete the failures of a row that has now been processed."""
        about_type, about_id = about_of(row)
        _forget(_failures(self.path, about_type=about_type, about_id=about_id))

    def paused(self, *, step: str = "") -> set[tuple[str, str]]:
        """Return the rows (as `about_of` names them) still pausing, for jobs without a queryset."""
        paused = _failures(self.path, step=step, next_try_at__gt=self.began_at)
        return set(paused.values_list("about_type", "about_id"))

    def forget_settled(self, due: QuerySet[Any], *, step: str = "") -> None:
        """Delete the failures of rows that are no longer due: done, corrected or deleted."""
        failures = _failures(self.path, step=step).filter(about_type=due.model._meta.label_lower)
        named = due.order_by().annotate(name_of_row=id_in_text(due.model, F("pk")))
        _forget(failures.exclude(Exists(named.filter(name_of_row=OuterRef("about_id")))))

    def finish(self) -> None:
        """Delete the failures whose pause was over and that did not recur.

        Call it when the job has processed everything that is due, as `run` does.
        """
        _forget(_failures(self.path, next_try_at__lte=self.began_at).of_rows())


def about_of(row: Any) -> tuple[str, str]:
    """Return a row's type and key, from its own `about` if it is no model instance."""
    own: tuple[str, str] | None = getattr(row, "about", None)
    if isinstance(own, tuple):
        return own
    return row._meta.label_lower, row.pk.hex if isinstance(row.pk, UUID) else str(row.pk)


def id_in_text(model: type[Model], pk: Any) -> Any:
    """Build the primary key as `about_of` writes it, for a query: SQLite stores UUIDs undashed."""
    text = Cast(pk, CharField())
    is_uuid = isinstance(model._meta.pk, UUIDField)
    return Replace(text, Value("-"), Value("")) if is_uuid else text


def _failures(path: str, **facts: Any) -> Any:
    from lms.jobs.models import JobFailure

    return JobFailure.objects.filter(job=path, **facts)


def _forget(failures: QuerySet[JobFailure]) -> None:
    """Delete failures, checking first so that nothing is written while all is well."""
    if failures.exists():
        failures.delete()


def _record(
    path: str, error: Exception, *, step: str = "", about: tuple[str, str] = ("", "")
) -> None:
    now = timezone.now()
    facts = {"step": step, "about_type": about[0], "about_id": about[1]}
    new = {"first_failed_at": now, "last_failed_at": now, "next_try_at": now}
    with transaction.atomic():
        failure, _ = (
            _failures(path).select_for_update().get_or_create(job=path, **facts, defaults=new)
        )
        failure.error = f"{type(error).__module__}.{type(error).__qualname__}"[:120]
        failure.source_line = _line_that_raised(error)[:200]
        failure.last_failed_at = now
        failure.next_try_at = now + PAUSES[min(failure.tries, len(PAUSES) - 1)]
        failure.tries += 1
        failure.save()


def _line_that_raised(error: Exception) -> str:
    """Return the innermost frame of our own code, such as 'lms/mail/outbox.py:137 in _address'."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if _is_ours(frame.filename)]
    if not ours:
        return ""
    path = Path(ours[-1].filename).relative_to(settings.BASE_DIR)
    return f"{path}:{ours[-1].lineno} in {ours[-1].name}"


def _is_ours(filename: str) -> bool:
    path = Path(filename)
    return path.is_relative_to(settings.BASE_DIR) and ".venv" not in path.parts
