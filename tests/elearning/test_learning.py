"""Test the verbs of learning: begin, go on, finish, and begin again."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from agencies.models import Board
from elearning.authoring import issuing
from elearning.learning import checking, learning, nightly, places, standing
from elearning.learning.refusing import LearningRefused
from elearning.models import Attempt, ExtraAttempt, ItemState, Module, Statement
from history.models import Event
from lms.models import Mail
from tests.elearning.learners import begin_check, give, read_all, take_check
from tests.elearning.modules import lesson, make_issued, scenario
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db
State = Attempt.State
DAY = dt.timedelta(days=1)


@pytest.fixture
def version(editor):
    return make_issued(by=editor)


def begun(version, person):
    return learning.begin(version.module, by=person)


def next_version(version, editor, *, is_major=True, summary="Another summary."):
    Module.objects.filter(pk=version.module_id).update(summary=summary)
    module = Module.objects.get(pk=version.module_id)
    return issuing.issue(module, by=editor, what_changed="A sentence.", is_major=is_major)


def after(hours):
    return time_machine.travel(timezone.now() + dt.timedelta(hours=hours), tick=False)


def test_a_module_is_begun_once_however_often_the_button_is_pressed(version, person):
    attempt = begun(version, person)
    assert begun(version, person) == attempt
    assert (attempt.round, attempt.number, attempt.why) == (1, 1, "first")
    assert [each.key for each in attempt.items.all()] == [version.items[0]["key"]]
    assert [each.verb for each in attempt.statements.all()] == ["initialized"]
    event = Event.objects.about(attempt).get()
    assert (event.action, event.by_person) == ("attempt.begun", person.pk)


def test_a_follower_says_why_not_and_whoever_has_begun_finishes(version, person, follower):
    follower.refusal = "Complete Neglect first."
    with pytest.raises(LearningRefused, match="Complete Neglect first"):
        begun(version, person)
    follower.refusal = ""
    attempt = begun(version, person)
    follower.refusal = "Complete Neglect first."
    assert take_check(attempt).state == State.PASSED


def test_lessons_are_finished_in_any_order_each_once(version, person):
    attempt = begun(version, person)
    first, second = (item["key"] for item in version.items)
    learning.finish_item(attempt, second, by=person)
    at = attempt.items.get(key=second).done_at
    learning.finish_item(attempt, second, by=person)
    assert attempt.items.get(key=second).done_at == at
    with pytest.raises(LearningRefused, match="Finish every part before the check"):
        checking.begin_check(attempt, by=person)
    learning.finish_item(attempt, first, by=person)
    assert checking.begin_check(attempt, by=person).check_begun_at


def test_a_module_without_a_check_is_completed_when_all_is_read(editor, person, follower):
    attempt = begun(make_issued(by=editor, pools=[]), person)
    first, second = (item["key"] for item in attempt.version.items)
    learning.finish_item(attempt, first, by=person)
    assert follower.done == []
    for _ in range(2):  # pressed twice
        learning.finish_item(attempt, second, by=person)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.score) == (State.COMPLETED, None)
    assert follower.done == [(attempt.pk, State.COMPLETED, True, person)]
    assert [each.verb for each in attempt.statements.all()] == ["initialized", "completed"]


def test_the_last_answer_ends_the_attempt_and_followers_hear_of_a_pass_once(
    version, person, follower
):
    attempt = begin_check(begun(version, person))
    for position in (1, 2, 3):
        give(attempt, position)
    assert Attempt.objects.get(pk=attempt.pk).state == State.BEGUN
    for _ in range(2):  # pressed twice
        give(attempt, 4)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.score) == (State.PASSED, 100)
    assert follower.done == [(attempt.pk, State.PASSED, True, person)]
    said = attempt.statements.last()
    assert (said.verb, said.result) == ("passed", {"score": 100, "right": 4, "asked": 4})


def test_a_follower_that_fails_leaves_the_last_answer_to_be_given_again(version, person, follower):
    attempt = begin_check(begun(version, person))
    for position in (1, 2, 3):
        give(attempt, position)
    follower.finished = None
    with pytest.raises(TypeError):
        give(attempt, 4)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.answers.filter(given_at=None).count()) == (State.BEGUN, 1)


def test_after_a_failed_check_the_lessons_stay_done_and_the_draw_is_new(version, person, follower):
    failed = take_check(begun(version, person), right=3)
    assert (failed.state, failed.score, follower.done) == (State.FAILED, 75, [])
    with pytest.raises(LearningRefused, match="You can try again from"):
        begun(version, person)
    with after(hours=25):
        again = begun(version, person)
        assert (again.round, again.number, again.why) == (1, 2, "again")
        assert again.seed != failed.seed
        assert learning.is_done_with_items(again)
        assert take_check(again).state == State.PASSED
    failed.refresh_from_db()
    assert (failed.state, failed.score, failed.answers.count()) == (State.FAILED, 75, 4)


@pytest.mark.parametrize(("is_major", "stay"), [(True, False), (False, True)])
def test_lessons_stay_done_on_a_newer_version_unless_it_is_major(
    version, editor, person, is_major, stay
):
    take_check(begun(version, person), right=0)
    newer = next_version(version, editor, is_major=is_major)
    with after(hours=25):
        again = begun(version, person)
    assert again.version == newer
    assert learning.is_done_with_items(again) is stay


def test_when_attempts_are_used_up_person_and_office_are_told_and_the_office_can_give_one(
    version, person
):
    Board.objects.update_or_create(defaults={"email": "office@example.org"})
    when = timezone.now()
    for number in range(3):
        assert not Mail.objects.exists()
        with time_machine.travel(when + number * 2 * DAY, tick=False):
            take_check(begun(version, person), right=0)
    assert set(Mail.objects.values_list("template", "to")) == {
        ("module_attempts_used", person.email),
        ("module_attempts_used_office", "office@example.org"),
    }
    with time_machine.travel(when + 9 * DAY, tick=False):
        with pytest.raises(LearningRefused, match="used your 3 attempts.*told the training office"):
            begun(version, person)
        ExtraAttempt.objects.create(person=person, module=version.module, round=1, reason="Ill")
        again = begun(version, person)
        assert (again.number, take_check(again).state) == (4, State.PASSED)


def test_an_address_that_receives_nothing_does_not_undo_the_last_answer(version):
    Board.objects.update_or_create(defaults={"email": "office@example.org"})
    person = PersonFactory(email="amina@example.org,boss@example.org")
    Module.objects.update(attempts_allowed=1)
    one = next_version(version, person, is_major=False)
    assert take_check(begun(one, person), right=0).state == State.FAILED
    assert [each.template for each in Mail.objects.all()] == ["module_attempts_used_office"]


def test_a_pass_is_done_again_only_as_a_refresher_and_stays_as_it_was(version, person, follower):
    passed = take_check(begun(version, person))
    with pytest.raises(LearningRefused, match="You can read it again"):
        begun(version, person)
    follower.again_on = timezone.localdate() + 2 * DAY
    with pytest.raises(LearningRefused, match="You can do it again from"):
        begun(version, person)
    with after(hours=49):
        refresher = begun(version, person)
        assert (refresher.round, refresher.number, refresher.why) == (2, 1, "refresher")
        assert not learning.is_done_with_items(refresher)
        assert take_check(refresher, right=0).state == State.FAILED
    kept = Attempt.objects.get(pk=passed.pk)
    assert (kept.state, kept.score, kept.ended_at) == (State.PASSED, 100, passed.ended_at)


def test_nothing_is_done_to_an_attempt_that_has_ended(version, person):
    attempt = take_check(begun(version, person))
    before = list(ItemState.objects.values()), list(attempt.answers.values())
    key, other = version.items[0]["key"], attempt.answers.get(position=1)
    with pytest.raises(LearningRefused, match="has ended"):
        learning.resume(attempt, by=person)
    with pytest.raises(LearningRefused, match="can’t be changed"):
        checking.give(attempt, other.pk, 1, by=person)
    with pytest.raises(LearningRefused, match="has ended"):
        learning.choose(attempt, key, 1, 1, by=person)
    checking.begin_check(attempt, by=person)
    learning.finish_item(attempt, key, by=person)
    assert before == (list(ItemState.objects.values()), list(attempt.answers.values()))


@pytest.mark.parametrize("what", ["withdrawn", "closed", "left the job", "newer"])
def test_whoever_has_begun_finishes(version, editor, person, follower, what):
    attempt = begun(version, person)
    if what == "withdrawn":
        issuing.withdraw(version, "An old threshold.", by=editor)
    elif what == "closed":
        Module.objects.update(is_open=False)
    elif what == "left the job":
        person.posts.all().delete()
    else:
        next_version(version, editor)
    assert take_check(attempt).state == State.PASSED
    assert Attempt.objects.get().version == version
    other = PersonFactory()
    if what in ("withdrawn", "closed"):
        with pytest.raises(LearningRefused, match="can’t be begun at the moment"):
            begun(version, other)


def test_whoever_failed_tries_again_though_the_module_is_closed(version, person):
    take_check(begun(version, person), right=0)
    Module.objects.update(is_open=False)
    with after(hours=25):
        assert begun(version, person).number == 2


def test_a_major_version_can_be_begun_at_once_and_sets_the_old_attempt_aside(
    version, editor, person
):
    attempt = read_all(begun(version, person))
    assert learning.begin_again(version.module, by=person) == attempt
    newer = next_version(version, editor)
    for _ in range(2):  # pressed twice
        again = learning.begin_again(version.module, by=person)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.statements.last().verb) == (State.SET_ASIDE, "abandoned")
    assert (again.version, again.round, again.number, again.why) == (newer, 1, 2, "first")
    assert not learning.is_done_with_items(again)
    assert Attempt.objects.count() == 2


def test_nobody_is_set_aside_for_a_minor_version(version, editor, person):
    attempt = begun(version, person)
    next_version(version, editor, is_major=False)
    assert learning.begin_again(version.module, by=person) == attempt


def test_time_is_measured_in_gaps_of_at_most_5_minutes(version, person):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        attempt = begun(version, person)
        clock.shift(dt.timedelta(seconds=40))
        learning.finish_item(attempt, version.items[0]["key"], by=person)
        clock.shift(dt.timedelta(hours=1))
        learning.resume(attempt, by=person)
        attempt.refresh_from_db()
        assert (attempt.seconds_measured, attempt.last_at) == (340, timezone.now())


# Scenarios


@pytest.fixture
def story(editor, person):
    attempt = begun(make_issued(by=editor, content=[scenario(), lesson("Noticing")]), person)
    return attempt, attempt.version.items[0]["key"]


def test_a_scenario_is_done_by_choosing_to_its_end(story, person):
    attempt, key = story
    with pytest.raises(LearningRefused, match="Choose what to do first"):
        learning.finish_item(attempt, key, by=person)
    learning.choose(attempt, key, 1, 1, by=person)
    state = learning.choose(attempt, key, 2, 2, by=person)
    assert state.place == {"at": 0, "chosen": [(1, 1), (2, 2)]}
    learning.finish_item(attempt, key, by=person)
    assert attempt.items.get(key=key).done_at


def test_a_choice_is_made_once_and_only_where_somebody_is(story, person):
    attempt, key = story
    with pytest.raises(LearningRefused, match="not open now"):
        learning.choose(attempt, key, 2, 1, by=person)
    for bad in (0, 3):
        with pytest.raises(LearningRefused, match="not open now"):
            learning.choose(attempt, key, 1, bad, by=person)
    learning.choose(attempt, key, 1, 1, by=person)
    learning.choose(attempt, key, 1, 1, by=person)  # pressed twice
    with pytest.raises(LearningRefused, match="already chosen"):
        learning.choose(attempt, key, 1, 2, by=person)
    assert attempt.items.get(key=key).place == {"at": 2, "chosen": [[1, 1]]}


def test_another_way_can_be_tried_and_what_is_done_stays_done(story, person):
    attempt, key = story
    learning.choose(attempt, key, 1, 1, by=person)
    learning.choose_again(attempt, key, by=person)  # it has not ended
    assert attempt.items.get(key=key).place["at"] == 2
    learning.choose(attempt, key, 2, 1, by=person)
    learning.finish_item(attempt, key, by=person)
    state = learning.choose_again(attempt, key, by=person)
    assert (state.place, bool(state.done_at)) == ({}, True)
    assert learning.choose(attempt, key, 1, 2, by=person).place["at"] == 0


def test_it_goes_on_where_it_was(editor, person):
    content = [lesson("Noticing"), lesson("Two"), lesson("Three")]
    attempt = begun(make_issued(by=editor, content=content), person)
    assert places.next_address(attempt) == "/learn/early-help/1/"
    learning.finish_item(attempt, attempt.version.items[1]["key"], by=person)
    assert places.next_address(attempt) == "/learn/early-help/3/"
    read_all(attempt)
    assert places.next_address(attempt) == "/learn/early-help/check/"
    checking.begin_check(attempt, by=person)
    give(attempt, 1)
    assert places.next_address(Attempt.objects.get()) == "/learn/early-help/check/2/"


# By night


def test_an_attempt_on_an_earlier_version_ends_after_30_days(version, editor, person):
    day = dt.datetime(2027, 3, 1, 10, tzinfo=dt.UTC)
    with time_machine.travel(day, tick=False) as clock:
        attempt = begun(version, person)
        next_version(version, editor)
        assert standing.of(version.module, person).finish_by == dt.date(2027, 3, 31)
        clock.move_to(dt.datetime(2027, 3, 31, 22, tzinfo=dt.UTC))  # 11pm in summer time
        nightly.lapse()
        assert Attempt.objects.get().state == State.BEGUN
        clock.move_to(dt.datetime(2027, 4, 1, 2, tzinfo=dt.UTC))
        nightly.lapse()
        attempt.refresh_from_db()
        assert (attempt.state, attempt.ended_at) == (State.LAPSED, timezone.now())
        assert Event.objects.about(attempt).filter(action="attempt.lapsed", by_process="NIGHTLY")
        again = begun(version, person)
        assert (again.round, again.number, again.why) == (1, 2, "first")


@pytest.mark.parametrize("is_withdrawn", [True, False])
def test_neither_a_minor_nor_a_withdrawn_version_ends_an_attempt(
    version, editor, person, is_withdrawn
):
    begun(version, person)
    newer = next_version(version, editor, is_major=is_withdrawn)
    if is_withdrawn:
        issuing.withdraw(newer, "A mistake.", by=editor)
    with after(hours=24 * 60):
        nightly.lapse()
    assert Attempt.objects.get().state == State.BEGUN


def test_an_attempt_that_nobody_touches_ends_after_12_months(version, person):
    begun(version, person)
    with after(hours=24 * 364):
        nightly.lapse()
        assert Attempt.objects.get().state == State.BEGUN
    with after(hours=24 * 366):
        nightly.lapse()
        assert Attempt.objects.get().state == State.LAPSED


def test_whoever_has_not_gone_on_for_14_days_is_reminded_once(version, editor, person):
    attempt = begun(version, person)
    with after(hours=24 * 13):
        nightly.tell_unfinished()
        assert not Mail.objects.exists()
    next_version(version, editor)
    with after(hours=24 * 15):
        for _ in range(2):
            nightly.tell_unfinished()
        mail = Mail.objects.get()
    assert (mail.template, mail.to) == ("module_unfinished", person.email)
    assert "Please finish it by" in mail.text
    assert "http" in mail.text and version.module.get_absolute_url() in mail.text
    attempt.refresh_from_db()
    assert attempt.told_unfinished_at


@pytest.mark.parametrize("what", ["finished", "closed", "lapses tonight"])
def test_nobody_is_reminded_of_what_is_over(version, editor, person, what):
    attempt = begun(version, person)
    if what == "finished":
        take_check(attempt)
    elif what == "closed":
        type(person).objects.filter(pk=person.pk).update(is_active=False)
    else:
        next_version(version, editor)
    with after(hours=24 * 40):
        nightly.tell_unfinished()
    assert not Mail.objects.filter(template="module_unfinished").exists()


def test_statements_and_events_have_words(version, person):
    take_check(begun(version, person))
    assert set(Statement.objects.values_list("verb", flat=True)) <= set(Statement.Verb.values)
