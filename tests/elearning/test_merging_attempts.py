"""Test what merging two accounts makes of their attempts at modules, and that undoing undoes it."""

import pytest
import time_machine
from django.utils import timezone

from agencies.access import TRAINING_ADMINISTRATORS
from agencies.merging import merging
from elearning.authoring import issuing
from elearning.learning import learning, standing
from elearning.models import Attempt, ExtraAttempt, ItemState, Module
from tests.elearning.learners import begin_check, give, read_all, take_check
from tests.elearning.modules import make_issued
from tests.factories import PersonFactory, in_days

pytestmark = pytest.mark.django_db
State = Attempt.State


@pytest.fixture
def office(settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    return PersonFactory(is_staff=True, groups=[TRAINING_ADMINISTRATORS])


@pytest.fixture
def version(editor):
    return make_issued(by=editor, pause_hours=0)


@pytest.fixture
def pair():
    return PersonFactory(name="Amina Rahman"), PersonFactory(name="A. Rahman")


def on(days, do):
    with time_machine.travel(in_days(days), tick=False):
        return do()


def counted(person):
    found = Attempt.objects.filter(person=person).order_by("round", "number")
    return [(each.round, each.number, each.state) for each in found]


def rows():
    return list(Attempt.objects.order_by("pk").values()), list(ExtraAttempt.objects.values())


def begin(version, person):
    return learning.begin(version.module, by=person)


def test_of_two_that_are_begun_the_one_that_is_further_stays(version, pair, office):
    kept, other = pair
    mine = begin(version, kept)
    theirs = read_all(begin(version, other))
    before = rows()
    made = merging.merge(kept, other, by=office)
    assert counted(kept) == [(1, 1, State.LAPSED), (1, 2, State.BEGUN)]
    live = Attempt.objects.live().get()
    assert live == theirs and learning.is_done_with_items(live)
    assert Attempt.objects.get(pk=mine.pk).ended_at
    assert begin(version, kept) == live
    assert merging.undo(made, by=office).stays == []
    assert rows() == before


def test_an_answer_given_counts_more_than_lessons_and_a_newer_version_most(
    version, pair, office, editor
):
    kept, other = pair
    give(begin_check(begin(version, kept)), 1)
    begin_check(begin(version, other))
    said = merging.foresee(kept, other, by=office).sentences
    assert any(f"where the one of {kept.email} is" in each for each in said)
    third = PersonFactory()
    Module.objects.update(summary="Another.")
    issuing.issue(Module.objects.get(), by=editor, what_changed="Much.")
    begin(version, third)
    said = merging.foresee(kept, third, by=office).sentences
    assert any(f"where the one of {third.email} is" in each for each in said)


@pytest.mark.parametrize("turned", [False, True])
def test_all_attempts_are_counted_in_the_order_of_time(version, pair, office, turned):
    """Rounds of both: each ends with the attempt that is done, whosever it is."""
    kept, other = reversed(pair) if turned else pair
    on(-90, lambda: take_check(begin(version, kept), right=0))
    on(-80, lambda: take_check(begin(version, other), right=0))
    on(-70, lambda: take_check(begin(version, other)))
    on(-60, lambda: take_check(begin(version, kept), right=0))
    on(-50, lambda: take_check(begin(version, kept)))
    begin_after = on(-40, lambda: refresher(version, other))
    ExtraAttempt.objects.create(person=other, module=version.module, round=2, reason="Ill")
    before = rows()
    made = merging.merge(kept, other, by=office)
    assert counted(kept) == [
        (1, 1, State.FAILED),
        (1, 2, State.FAILED),
        (1, 3, State.PASSED),
        (2, 1, State.FAILED),
        (2, 2, State.PASSED),
        (3, 1, State.BEGUN),
    ]
    assert ExtraAttempt.objects.get().round == 3
    assert standing.standing_of(version.module, kept).live == begin_after
    assert merging.undo(made, by=office).stays == []
    assert rows() == before


def refresher(version, person):
    return Attempt.objects.create(
        person=person, module=version.module, version=version, round=2, why="refresher"
    )


def test_what_was_gone_on_with_since_stays_and_nothing_is_lost(version, pair, office):
    kept, other = pair
    begin(version, kept)
    theirs = read_all(begin(version, other))
    made = merging.merge(kept, other, by=office)
    take_check(Attempt.objects.live().get())
    done = ItemState.objects.filter(attempt=theirs, done_at__isnull=False).count()
    undone = merging.undo(made, by=office)
    passed = Attempt.objects.get(pk=theirs.pk)
    assert (passed.state, passed.score) == (State.PASSED, 100)
    assert ItemState.objects.filter(attempt=theirs, done_at__isnull=False).count() == done
    assert isinstance(undone.stays, list)


def test_attempts_at_modules_of_one_account_alone_just_move(version, pair, office):
    kept, other = pair
    attempt = take_check(begin(version, other))
    merging.merge(kept, other, by=office)
    attempt.refresh_from_db()
    assert (attempt.person, attempt.round, attempt.number) == (kept, 1, 1)
    assert timezone.now() >= attempt.ended_at
