"""Test that reports of packages at once are all kept, on both databases, with a control."""

import threading

import pytest

from elearning.models import ItemState, Statement
from elearning.playing import saving
from tests.elearning.packages.playing import Playing, issued
from tests.servers import at_once, while_locked

pytestmark = pytest.mark.race
MANY = 8


@pytest.fixture
def part(own_database):
    return Playing(issued())


def raised(done):
    return [each for each in done if isinstance(each, Exception)]


def test_what_comes_at_once_is_all_kept(part):
    session = part.open()
    done = at_once(MANY, lambda n: part.report(session, n + 1, {f"cmi.objectives.{n}.id": f"o{n}"}))
    assert raised(done) == []
    assert len(part.state.reported) == MANY


def test_without_the_lock_reports_are_lost(part):
    part.open()
    read = threading.Barrier(MANY)

    def report(number):
        """Do as `report` does, outside of any transaction."""
        state = ItemState.objects.get(pk=part.state.pk)
        read.wait(60)
        saving._merge(state, number + 1, {f"cmi.objectives.{number}.id": f"o{number}"})
        state.save()

    assert raised(at_once(MANY, report)) == []
    assert len(part.state.reported) < MANY


def test_an_old_window_that_waits_for_a_new_one_is_refused(part):
    old = part.open()

    def late():
        with pytest.raises(saving.TakenOver):
            part.report(old, 1, {"cmi.core.lesson_location": "old"})
        return True

    locked = saving._locked().filter(pk=part.state.pk)
    assert while_locked(lambda: locked.get(), part.open, late)
    assert part.state.reported == {}


def test_many_that_pass_at_once_finish_the_attempt_once(part):
    session = part.open()
    passed = {"cmi.core.lesson_status": "passed"}
    done = at_once(MANY, lambda n: part.report(session, n + 1, passed))
    assert raised(done) == []
    assert part.now == "passed"
    assert Statement.objects.filter(verb="passed").count() == 1
