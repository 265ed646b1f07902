"""Settle attempts at modules when two accounts of one person are merged."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils import timezone

from elearning.models import Attempt, ExtraAttempt, Module
from lms.registries.merging import Settler

if TYPE_CHECKING:
    from agencies.merging.moving import Moving
    from agencies.models import Person

    Places = dict[int, tuple[int, int]]

MERGED = "Merged with another account of the same person."


class Attempts(Settler):
    """Attempts: of two that are live one stays, and all are counted anew in the order of time."""

    name = "elearning.Attempt"
    order = 100

    def before(self, moving: Moving) -> None:
        theirs = Attempt.objects.filter(person=moving.other).values("module")
        both = Module.objects.filter(attempts__person=moving.kept, pk__in=theirs)
        for module in both.distinct().order_by("pk"):
            self._keep_one_live(moving, module)
            self._count_anew(moving, module)

    def _keep_one_live(self, moving: Moving, module: Module) -> None:
        live = list(
            Attempt.objects.live()
            .filter(module=module, person__in=[moving.kept, moving.other])
            .order_by("pk")
        )
        if len(live) < 2:
            return
        # The version first, as an earlier one may have to be finished soon; then who is further.
        live.sort(key=lambda each: (each.version_id, _further(each), each.last_at), reverse=True)
        stays, ends = live
        now = timezone.now()
        lapsed = {"state": Attempt.State.LAPSED.value, "ended_at": now, "reason": MERGED}
        moving.change(Attempt, [ends.pk], **lapsed)
        moving.say(
            f"{module.title}: both accounts have begun this module. They go on where the one of "
            f"{_account(moving, stays).email} is. The attempt of {_account(moving, ends).email} "
            "ends without being finished."
        )

    def _count_anew(self, moving: Moving, module: Module) -> None:
        """Renumber the rounds of both in the order of time; an attempt that is done ends one.

        Each account's are changed from the last to the first, as numbers only grow: no two are
        ever the same.
        """
        people = [moving.kept, moving.other]
        attempts = list(Attempt.objects.filter(module=module, person__in=people))
        attempts.sort(key=lambda each: (each.ended_at or FAR, each.begun_at, each.pk))
        places = _places(attempts)
        for person in people:
            own = [each for each in attempts if each.person_id == person.pk]
            rounds: dict[int, int] = {}
            for each in sorted(own, key=lambda each: (each.round, each.number), reverse=True):
                now_round, number = places[each.pk]
                rounds.setdefault(each.round, now_round)
                if (each.round, each.number) != (now_round, number):
                    moving.change(Attempt, [each.pk], round=now_round, number=number)
            granted = ExtraAttempt.objects.filter(module=module, person=person)
            for extra in granted.order_by("pk"):
                if (now_round := rounds.get(extra.round, extra.round)) != extra.round:
                    moving.change(ExtraAttempt, [extra.pk], round=now_round)


FAR = dt.datetime.max.replace(tzinfo=dt.UTC)


def _places(attempts: list[Attempt]) -> Places:
    places, round_, number = {}, 1, 0
    for each in attempts:
        number += 1
        places[each.pk] = (round_, number)
        if each.is_done:
            round_, number = round_ + 1, 0
    return places


def _further(attempt: Attempt) -> tuple[int, int]:
    return (
        attempt.answers.exclude(given_at=None).count(),
        attempt.items.exclude(done_at=None).count(),
    )


def _account(moving: Moving, attempt: Attempt) -> Person:
    return moving.kept if attempt.person_id == moving.kept.pk else moving.other


SETTLERS = [Attempts()]
