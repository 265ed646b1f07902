"""Test that each mark sent by an offline device is applied once and none is lost."""

import datetime as dt
import json
import threading
import uuid

import pytest
from django.db import connections
from django.utils import timezone

from agencies.access import TRAINING_ADMINISTRATORS
from agencies.middleware import board_asks_second_factor
from courses.attendance import marking, offline, register
from courses.attendance.marking import Attendance, Change, RegisterRefused
from courses.attendance.offline import Answer, OfflineMark
from courses.models import Mark, Run, SentMark
from history.models import Event
from lms.web import sites
from tests.factories import (
    BookingFactory,
    MarkFactory,
    PersonFactory,
    RunFactory,
    SentMarkFactory,
    SessionFactory,
)
from tests.servers import at_once

TAKEN, CONFLICT, DROPPED = Answer("taken"), Answer("conflict"), Answer("dropped")


@pytest.fixture
def trainer(db):
    return PersonFactory(name="Tess Trainer")


@pytest.fixture
def run(trainer):
    return running(trainer)


def running(*trainers, names=("Ann", "Bob", "Cat")):
    starts_at = timezone.now() - dt.timedelta(hours=1)
    run = RunFactory(starts_at=starts_at, trainers=trainers, places=40)
    for name in names:
        BookingFactory(run=run, person__name=name)
    return run


def made(run, name, kind="present", minutes=0, *, saw="", after=0, **more):
    """Build a mark as a device stores it, made one hour ago plus `after` seconds."""
    return OfflineMark(
        id=uuid.uuid4(),
        session=run.sessions.first().pk,
        booking=run.bookings.get(person__name=name).pk,
        attendance=Attendance(kind, minutes),
        saw=saw,
        marked_at=timezone.now() - dt.timedelta(hours=1) + dt.timedelta(seconds=after),
        **more,
    )


def marks(run):
    rows = Mark.objects.filter(session__run=run).order_by("booking__person__name")
    return {made.booking.person.name: marking.in_words(made) for made in rows}


def states():
    return sorted(SentMark.objects.values_list("booking__person__name", "state"))


def test_each_mark_is_taken_once_however_often_it_is_sent(run, trainer):
    ann, bob = made(run, "Ann"), made(run, "Bob", "late", 10)
    assert offline.receive(run, [ann, bob], by=trainer) == {ann.id: TAKEN, bob.id: TAKEN}
    assert marks(run) == {"Ann": "present", "Bob": "late 10"}
    before = list(Mark.objects.values())
    register.mark(run.sessions.get(), {ann.booking: Attendance("absent")}, by=PersonFactory())
    cat = made(run, "Cat", "absent")
    # The response was lost: all is sent again with one more mark; Ann was re-marked meanwhile.
    assert offline.receive(run, [ann, bob, cat], by=trainer) == dict.fromkeys(
        [ann.id, bob.id, cat.id], TAKEN
    )
    assert marks(run) == {"Ann": "absent", "Bob": "late 10", "Cat": "absent"}
    assert Mark.objects.get(booking=bob.booking).marked_at == before[1]["marked_at"]
    assert SentMark.objects.count() == 3
    sent = SentMark.objects.get(pk=bob.id)
    assert (sent.kind, sent.minutes_missed, sent.marked_at, sent.sent_by, sent.state) == (
        "late", 10, bob.marked_at, trainer, "taken",
    )  # fmt: skip


def test_what_saw_something_else_is_a_conflict_and_both_are_kept(run, trainer):
    ann, bob, cat = made(run, "Ann"), made(run, "Bob"), made(run, "Cat", saw="absent")
    other = {ann.booking: Attendance("absent"), bob.booking: Attendance("present")}
    register.mark(run.sessions.get(), other, by=PersonFactory())
    answers = offline.receive(run, [ann, bob, cat], by=trainer)
    # Both marked Bob alike; Cat's mark was removed after this device had seen it.
    assert answers == {ann.id: CONFLICT, bob.id: TAKEN, cat.id: CONFLICT}
    assert marks(run) == {"Ann": "absent", "Bob": "present"}
    assert offline.receive(run, [ann], by=trainer) == {ann.id: CONFLICT}


def test_of_two_marks_a_trainer_chooses_one(run, trainer):
    ann, bob = made(run, "Ann"), made(run, "Bob", "late", 5)
    other = dict.fromkeys([ann.booking, bob.booking], Attendance("absent"))
    register.mark(run.sessions.get(), other, by=PersonFactory())
    offline.receive(run, [ann, bob], by=trainer)
    with pytest.raises(RegisterRefused, match="Two marks differ"):
        register.close(run, by=trainer)
    offline.choose(SentMark.objects.get(pk=ann.id), take=False, by=trainer)
    offline.choose(SentMark.objects.get(pk=bob.id), take=True, by=trainer)
    assert marks(run) == {"Ann": "absent", "Bob": "late 5"}
    assert states() == [("Ann", "dropped"), ("Bob", "chosen")]
    # A decided conflict cannot be decided again.
    offline.choose(SentMark.objects.get(pk=ann.id), take=True, by=trainer)
    assert marks(run) == {"Ann": "absent", "Bob": "late 5"}
    assert Event.objects.filter(action="register.chosen").count() == 2
    register.close(run, by=trainer)


def test_who_thinks_better_of_it_before_sending_has_the_last_mark(run, trainer):
    first, second = made(run, "Ann", after=1), made(run, "Ann", "late", 5, saw="present", after=2)
    offline.receive(run, [second, first], by=trainer)
    assert marks(run) == {"Ann": "late 5"}
    [event] = Event.objects.filter(action="register.marked")
    assert (event.was, event.now) == ({str(first.booking): ""}, {str(first.booking): "late 5"})
    # Where several marks of a device conflict with a stored one, only its last is in conflict.
    register.mark(run.sessions.get(), {made(run, "Bob").booking: Attendance("absent")}, by=trainer)
    third, fourth = made(run, "Bob", after=3), made(run, "Bob", "late", 5, saw="present", after=4)
    offline.receive(run, [third, fourth], by=trainer)
    assert [str(one.pk) for one in SentMark.objects.in_conflict()] == [str(fourth.id)]


def test_all_present_marks_over_nobody_and_can_be_taken_back(run, trainer):
    bob = made(run, "Bob", with_rest=True)
    register.mark(run.sessions.get(), {bob.booking: Attendance("absent")}, by=PersonFactory())
    ann, cat = made(run, "Ann", with_rest=True), made(run, "Cat")
    answers = offline.receive(run, [ann, bob, cat], by=trainer)
    assert answers == {ann.id: TAKEN, bob.id: DROPPED, cat.id: TAKEN}
    assert register.undo_all_present(run.sessions.get(), by=trainer) == 1
    assert marks(run) == {"Bob": "absent", "Cat": "present"}


def test_what_cannot_be_marked_is_refused_and_keeps_no_other_back(run, trainer):
    ann, late, asleep = made(run, "Ann"), made(run, "Bob", "late"), made(run, "Cat", "asleep")
    gone = BookingFactory(run=run, person__name="Gone", state="withdrawn")
    left, elsewhere = made(run, "Gone"), made(running(trainer), "Ann")
    answers = offline.receive(run, [ann, late, asleep, left, elsewhere], by=trainer)
    assert answers.pop(ann.id) == TAKEN
    assert {one.state for one in answers.values()} == {"refused"}
    assert "how many minutes" in answers[late.id].sentence
    assert "Choose present" in answers[asleep.id].sentence
    assert answers[left.id].sentence == answers[elsewhere.id].sentence
    assert "no longer has a place" in answers[left.id].sentence
    assert (marks(run), gone.marks.count(), SentMark.objects.count()) == ({"Ann": "present"}, 0, 1)


def test_when_it_is_too_early_signed_off_or_cancelled_nothing_is_taken(trainer, run):
    coming = RunFactory(trainers=[trainer])
    BookingFactory(run=coming, person__name="Ann")
    cancelled = running(trainer)
    Run.objects.filter(pk=cancelled.pk).update(cancelled_at=timezone.now())
    closed = running(trainer)
    register.close(closed, by=trainer)
    for date, sentence in ((coming, "opens on"), (closed, "signed off"), (cancelled, "cancelled")):
        one = made(date, "Ann")
        [answer] = offline.receive(date, [one], by=trainer).values()
        assert answer.state == "refused"
        assert sentence in answer.sentence
    assert SentMark.objects.count() == 0
    apologies = made(coming, "Ann", "apologies")
    assert offline.receive(coming, [apologies], by=trainer) == {apologies.id: TAKEN}


@pytest.mark.parametrize("where", ["another register", "another person", "another session"])
def test_an_id_used_for_something_else_is_refused_and_keeps_no_other_back(run, trainer, where):
    if where == "another register":
        other = SentMarkFactory(booking__run=running(PersonFactory()), state="taken")
    elif where == "another person":
        other = SentMarkFactory(booking=run.bookings.get(person__name="Cat"), state="taken")
    else:
        session = SessionFactory(run=run, starts_at=run.starts_at + dt.timedelta(hours=8))
        ann = run.bookings.get(person__name="Ann")
        other = SentMarkFactory(booking=ann, session=session, state="taken")
    ann, bob = made(run, "Ann"), made(run, "Bob")
    used = OfflineMark(**{**vars(ann), "id": other.pk})
    for _ in range(2):
        answers = offline.receive(run, [used, bob], by=trainer)
        assert answers[bob.id] == TAKEN
        assert answers[used.id].state == "refused"
        assert "was not recorded" in answers[used.id].sentence
    assert marks(run) == {"Bob": "present"}
    assert SentMark.objects.get(pk=other.pk).booking == other.booking
    assert SentMark.objects.count() == 2


def test_only_who_keeps_the_register_sends(run, db):
    with pytest.raises(Run.DoesNotExist):
        offline.receive(run, [made(run, "Ann")], by=PersonFactory())
    office = PersonFactory(groups=[TRAINING_ADMINISTRATORS])
    offline.receive(run, [made(run, "Ann")], by=office)
    assert marks(run) == {"Ann": "present"}


def address(run):
    return f"/register/{run.pk}/sent/"


def as_json(*sent):
    return json.dumps({"marks": [
        {
            "id": str(one.id), "session": one.session, "booking": one.booking,
            "kind": one.attendance.kind, "minutes": one.attendance.minutes, "saw": one.saw,
            "marked_at": one.marked_at.isoformat(), "with_rest": one.with_rest,
        }
        for one in sent
    ]})  # fmt: skip


def post(client, run, *sent):
    return client.post(address(run), as_json(*sent), content_type="application/json")


def test_a_device_asks_who_is_signed_in_and_sends(client, run, trainer):
    assert client.get(address(run)).json() == {"person": None}
    assert post(client, run, made(run, "Ann")).status_code == 401
    client.force_login(trainer)
    told = client.get(address(run)).json()
    assert told["person"] == trainer.pk
    assert told["token"]
    ann, late = made(run, "Ann"), made(run, "Bob", "late", 999)
    answered = post(client, run, ann, late).json()["marks"]
    assert answered[str(ann.id)] == {"state": "taken", "sentence": ""}
    assert "how many minutes" in answered[str(late.id)]["sentence"]
    assert post(client, running(PersonFactory()), made(run, "Ann")).status_code == 404
    assert "no-store" in client.get(address(run)).headers["Cache-Control"]


def test_sending_needs_the_token(run, trainer):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(trainer)
    assert post(client, run, made(run, "Ann")).status_code == 403
    token = {"X-CSRFToken": client.get(address(run)).json()["token"]}
    sent = as_json(made(run, "Ann"))
    answer = client.post(address(run), sent, content_type="application/json", headers=token)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        "", "[]", "{}", '{"marks": {}}', '{"marks": [1]}', '{"marks": [{"id": "x"}]}', "\0",
        "[" * 100_000, json.dumps({"marks": [{}] * 501}),
    ],
    ids=range(9),
)  # fmt: skip
def test_nonsense_is_refused(client, run, trainer, body):
    client.force_login(trainer)
    answer = client.post(address(run), body, content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": 1}, {"session": "1"}, {"session": 2**63}, {"booking": -1}, {"booking": True},
        {"kind": None}, {"kind": "x" * 13}, {"kind": "a\0b"}, {"minutes": 1.5},
        {"minutes": 10**9}, {"saw": "x" * 21}, {"marked_at": "today"},
        {"marked_at": "2026-01-01T10:00:00"}, {"marked_at": "9999-12-31T23:59:59-23:59"},
    ],
)  # fmt: skip
def test_a_mark_that_no_page_would_send_is_refused(client, run, trainer, wrong):
    client.force_login(trainer)
    [one] = json.loads(as_json(made(run, "Ann")))["marks"]
    sent = json.dumps({"marks": [one | wrong]})
    answer = client.post(address(run), sent, content_type="application/json")
    assert answer.status_code == 400
    assert marks(run) == {}


def test_a_conflict_stands_on_the_page_until_somebody_chooses(client, run, trainer):
    ann = made(run, "Ann")
    register.mark(run.sessions.get(), {ann.booking: Attendance("absent")}, by=PersonFactory())
    offline.receive(run, [ann], by=trainer)
    client.force_login(trainer)
    page = " ".join(client.get(f"/register/{run.pk}/").content.decode().split())
    assert "Two marks differ: choose" in page
    assert "Sent by Tess Trainer" in page
    choose = f"{address(run)}{ann.id}/"
    assert client.post(f"/register/{running(trainer).pk}/sent/{ann.id}/").status_code == 404
    client.post(choose, {"take": "yes"})
    assert marks(run) == {"Ann": "present"}
    assert "Two marks differ" not in client.get(f"/register/{run.pk}/").content.decode()


def test_what_cannot_be_taken_any_more_is_told(client, run, trainer):
    sent = SentMarkFactory(booking=run.bookings.first())
    run.bookings.update(state="withdrawn", holds_place=False)
    client.force_login(trainer)
    page = client.post(f"{address(run)}{sent.pk}/", {"take": "yes"}, follow=True)
    assert "no longer has a place" in page.content.decode()
    client.post(f"{address(run)}{sent.pk}/", {"take": "no"})
    assert not SentMark.objects.in_conflict().exists()


def test_the_page_asks_the_same_for_one_conflict_and_for_three(
    client, run, trainer, django_assert_num_queries, django_assert_max_num_queries
):
    client.force_login(trainer)
    client.get(f"/register/{run.pk}/")
    one, two, three = run.bookings.all()
    MarkFactory(booking=one)
    SentMarkFactory(booking=one)
    with django_assert_max_num_queries(12) as first:
        client.get(f"/register/{run.pk}/")
    SentMarkFactory(booking=two)
    SentMarkFactory(booking=three)
    with django_assert_num_queries(len(first.captured_queries)):
        client.get(f"/register/{run.pk}/")


@pytest.fixture
def thirty(trainer):
    run = running(trainer, names=[f"Person {n:02}" for n in range(30)])
    names = run.bookings.values_list("person__name", flat=True)
    return run, [made(run, name, after=n) for n, name in enumerate(names)]


def test_a_register_of_thirty_is_one_post_with_ten_queries(
    client, trainer, thirty, django_assert_max_num_queries, rf
):
    run, sent = thirty
    client.force_login(trainer)
    # Warm-up: a device that posts has opened the page.
    sites.site_and_root(rf.get("/register/"))
    board_asks_second_factor()
    for kind in ("present", "apologies", "absent"):
        marked = again(sent, kind)
        with django_assert_max_num_queries(10):
            assert post(client, run, *marked).status_code == 200
        assert list(marks(run).values()) == [kind] * 30


def again(sent, kind):
    """Build new marks of this kind for the same people, made over the stored ones."""
    stands = {made.booking_id: made.kind for made in Mark.objects.all()}
    return [
        OfflineMark(**{
            **vars(one), "id": uuid.uuid4(), "attendance": Attendance(kind),
            "saw": stands.get(one.booking, ""),
        })
        for one in sent
    ]  # fmt: skip


@pytest.mark.race
def test_trainers_who_mark_the_same_people_at_once_lose_nothing(own_database, rounds):
    trainers = [PersonFactory() for _ in range(4)]
    kinds = ["present", "absent", "apologies", "present"]
    for _ in range(rounds):
        run = running(*trainers)
        sent = [[made(run, name, kind) for name in ("Ann", "Bob", "Cat")] for kind in kinds]
        done = at_once(4, lambda n: offline.receive(run, sent[n], by=trainers[n]))
        assert [each for each in done if isinstance(each, Exception)] == []
        stands = marks(run)
        for name in stands:
            told = {
                one.kind: one.state
                for one in SentMark.objects.filter(booking__run=run, booking__person__name=name)
            }
            # One mark is stored; every other one is a conflict.
            assert told.pop(stands[name]) == "taken"
            assert set(told.values()) == {"conflict"}
        assert SentMark.objects.filter(booking__run=run).count() == 12


@pytest.mark.race
def test_without_lock_and_without_looking_marks_are_lost(own_database):
    """Lose marks: each reads the register before the others have written (the control)."""
    trainers = [PersonFactory() for _ in range(4)]
    run, kinds = running(*trainers), ["present", "absent", "apologies", "late"]
    booking, session = run.bookings.first(), run.sessions.get()
    looked = threading.Barrier(4)

    def look_then_write(number):
        there = Mark.objects.filter(session=session, booking=booking).first()
        looked.wait(30)
        attendance = Attendance(kinds[number], 5 if kinds[number] == "late" else 0)
        if there is None:
            marking.write([Change(session, booking.pk, attendance)], by=trainers[number])
        connections.close_all()
        return there is None

    assert at_once(4, look_then_write) == [True] * 4
    # Three of the four marks were overwritten, and no conflict was recorded.
    assert Mark.objects.count() == 1
    assert SentMark.objects.count() == 0


@pytest.mark.race
def test_the_forms_of_two_trainers_at_once_write_over_nothing(own_database, rounds):
    trainers, kinds = [PersonFactory() for _ in range(4)], ["present", "absent", "apologies"]
    for _ in range(rounds):
        run = running(*trainers)
        seen = {one.pk: "" for one in run.bookings.all()}
        session = run.sessions.get()

        def press(number):
            choices = dict.fromkeys(seen, Attendance(kinds[number]))
            return register.mark(session, choices, expected=seen, by=trainers[number])

        done = at_once(3, press)
        told = [each for each in done if isinstance(each, marking.RegisterChanged)]
        assert (len(told), done.count(3), len(set(marks(run).values()))) == (2, 1, 1)


@pytest.mark.race
def test_forms_that_mark_person_by_person_at_once_write_over_nothing(own_database, rounds):
    trainers, kinds = [PersonFactory() for _ in range(4)], ["present", "absent", "apologies"]
    for _ in range(rounds):
        run = running(*trainers)
        seen = {one.pk: "" for one in run.bookings.all()}
        session = run.sessions.get()

        def press(number):
            choices = dict.fromkeys(seen, Attendance(kinds[number]))
            return register.mark_each(session, choices, expected=seen, by=trainers[number])

        done = at_once(3, press)
        assert sorted((each.changed, len(each.refused)) for each in done) == [
            (0, 3),
            (0, 3),
            (3, 0),
        ]
        assert len(set(marks(run).values())) == 1
