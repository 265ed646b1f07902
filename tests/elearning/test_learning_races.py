"""Test that presses at once do one thing, on both databases.

The control does what a verb does without its lock (read, wait for the others, write): unless it
goes wrong, the race proves nothing.
"""

import threading

import pytest
from django.db import IntegrityError

from elearning.learning import checking, ending, learning
from elearning.learning.followers import attempt_followers
from elearning.learning.refusing import LearningRefused
from elearning.models import Answer, Attempt, ItemState, Statement
from tests.elearning.learners import Follower, answer_for, begin_check, give, read_all
from tests.elearning.modules import make_issued, pool, single
from tests.factories import PersonFactory
from tests.servers import at_once, while_locked

pytestmark = pytest.mark.race
State = Attempt.State
MANY = 40


def raised(done):
    return [each for each in done if isinstance(each, Exception)]


@pytest.fixture
def version(own_database):
    questions = [single(f"Question {n}?") for n in range(2)]
    return make_issued(by=PersonFactory(), pools=[pool(questions)])


@pytest.fixture
def heard():
    """Register a follower that counts, and writes nothing."""
    made = Follower()
    attempt_followers.register(made)
    yield made.done
    attempt_followers.unregister(made.name)


def test_a_module_is_begun_once(version):
    person = PersonFactory()
    done = at_once(8, lambda _: learning.begin(version.module, by=person))
    assert raised(done) == []
    assert len({attempt.pk for attempt in done}) == 1
    assert (Attempt.objects.count(), ItemState.objects.count()) == (1, 1)
    assert Statement.objects.filter(verb="initialized").count() == 1


def test_a_check_is_drawn_once(version):
    attempt = read_all(learning.begin(version.module, by=PersonFactory()))
    done = at_once(8, lambda _: checking.begin_check(attempt, by=attempt.person))
    assert raised(done) == []
    assert sorted(Answer.objects.values_list("position", flat=True)) == [1, 2]


def test_of_two_answers_at_once_one_stays_and_the_other_is_told(version):
    attempt = begin_check(learning.begin(version.module, by=PersonFactory()))
    row = attempt.answers.get(position=1)
    done = at_once(8, lambda n: checking.give(attempt, row.pk, n % 2, by=attempt.person))
    assert len(raised(done)) == 4
    assert {type(each) for each in raised(done)} == {LearningRefused}
    row.refresh_from_db()
    taken = {each.given for each in done if isinstance(each, Answer)}
    assert taken == {row.given}
    assert row.is_right is (row.given == 0)


def test_an_answer_waits_for_the_one_that_is_being_given(version):
    attempt = begin_check(learning.begin(version.module, by=PersonFactory()))
    row = attempt.answers.get(position=1)

    def another():
        with pytest.raises(LearningRefused, match="You answered question 1 before"):
            checking.give(attempt, row.pk, 1, by=attempt.person)
        return True

    assert while_locked(
        lambda: ending.lock(attempt.person_id),
        lambda: checking.give(attempt, row.pk, 0, by=attempt.person),
        another,
    )
    row.refresh_from_db()
    assert row.given == 0


def test_without_the_lock_both_answers_are_taken(version):
    attempt = begin_check(learning.begin(version.module, by=PersonFactory()))
    row = attempt.answers.get(position=1)
    read = threading.Barrier(8)

    def answer(number):
        """Do as `give` does, outside of any transaction."""
        seen = Answer.objects.get(pk=row.pk)
        read.wait(30)
        if seen.given_at:
            raise LearningRefused
        seen.given, seen.given_at, seen.is_right = number, attempt.last_at, number == 0
        seen.save()
        return seen

    done = at_once(8, answer)
    assert raised(done) == []
    assert len({each.given for each in done}) > 1


def test_the_last_answer_pressed_often_ends_the_attempt_once(version, heard):
    attempt = begin_check(learning.begin(version.module, by=PersonFactory()))
    give(attempt, 1)
    row = attempt.answers.get(position=2)
    done = at_once(8, lambda _: checking.give(attempt, row.pk, 0, by=attempt.person))
    assert raised(done) == []
    assert [each[1] for each in heard] == [State.PASSED]
    assert Statement.objects.filter(verb="passed").count() == 1


def test_40_people_pass_at_once_each_once(version, heard):
    attempts = [
        begin_check(learning.begin(version.module, by=PersonFactory())) for _ in range(MANY)
    ]
    for attempt in attempts:
        give(attempt, 1)
    rows = {a.pk: a.answers.select_related("question_version").get(position=2) for a in attempts}

    def press(number):
        attempt = attempts[number]
        row = rows[attempt.pk]
        return checking.give(attempt, row.pk, answer_for(row, True), by=attempt.person)

    assert raised(at_once(MANY, press)) == []
    assert set(Attempt.objects.values_list("state", "score")) == {(State.PASSED, 100)}
    assert sorted(pk for pk, *_ in heard) == sorted(attempt.pk for attempt in attempts)
    assert Statement.objects.filter(verb="passed").count() == len(attempts)


def test_without_the_lock_an_attempt_ends_more_than_once(version, heard):
    attempt = begin_check(learning.begin(version.module, by=PersonFactory()))
    give(attempt, 1)
    give_without = attempt.answers.get(position=2)
    read = threading.Barrier(4)

    def end(_):
        """Do as the last answer does, with what was read before the others wrote."""
        seen = Attempt.objects.select_related("version", "module", "person").get(pk=attempt.pk)
        read.wait(30)
        ending.finish(seen, State.PASSED, by=attempt.person, score=100)

    assert raised(at_once(4, end)) == []
    assert len(heard) == 4 and not give_without.given_at


def test_beginning_and_setting_aside_at_once_leave_one_live_attempt(version):
    person = PersonFactory()
    learning.begin(version.module, by=person)
    type(version).objects.create(
        module=version.module,
        number=2,
        what_changed="Much.",
        title="New",
        summary="New",
        minutes=1,
        pass_mark=80,
        attempts_allowed=3,
        pause_hours=0,
        content=version.content,
        sha256="0" * 64,
    )
    verbs = [learning.begin, learning.begin_again] * 4
    done = at_once(8, lambda n: verbs[n](version.module, by=person))
    assert raised(done) == []
    assert Attempt.objects.live().get().version.number == 2
    assert Attempt.objects.count() == 2


def test_two_live_attempts_are_refused_by_the_database(version):
    person = PersonFactory()
    learning.begin(version.module, by=person)
    facts = {"person": person, "module": version.module, "version": version, "number": 2}
    with pytest.raises(IntegrityError):
        Attempt.objects.create(**facts)
