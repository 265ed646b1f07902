"""Test 'count as complete, because ...': who may, for whom, what follows, and taking it back."""

import datetime as dt
import threading

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agencies.access import TRAINING_ADMINISTRATORS
from certificates.models import Certificate
from courses.attendance import counting, register
from courses.attendance.marking import Attendance, RegisterRefused
from courses.completion import awarding, counted
from courses.models import Booking, Completion, Run
from history.models import Event
from lms.models import Mail
from tests.factories import BookingFactory, PersonFactory, RunFactory, in_days
from tests.servers import at_once

REASON = "Did the exercise by phone"
ABSENT, PRESENT = Attendance("absent"), Attendance("present")


@pytest.fixture
def trainer(db):
    return PersonFactory(name="Tess Trainer")


@pytest.fixture
def run(trainer):
    return marked(trainer)


def marked(*trainers):
    """Make yesterday's run: Ann missed 60 of 420 minutes, Bob was there, Cat was absent."""
    run = RunFactory(starts_at=timezone.now() - dt.timedelta(days=1), trainers=trainers, places=40)
    made = {"Ann": Attendance("late", 60), "Bob": PRESENT, "Cat": ABSENT}
    bookings = {name: BookingFactory(run=run, person__name=name) for name in made}
    seen = {bookings[name].pk: attendance for name, attendance in made.items()}
    register.mark(run.sessions.get(), seen, by=trainers[0])
    return run


def of(run, name):
    return run.bookings.get(person__name=name)


def count(run, name, by, reason=REASON):
    return counting.count_as_complete(of(run, name), by=by, reason=reason)


def completed(run):
    valid = Completion.objects.valid().filter(booking__run=run)
    return sorted(valid.values_list("person__name", flat=True))


def actions(action):
    return list(Event.objects.filter(action=action))


def test_counted_before_signing_off_completes_with_it(run, trainer):
    count(run, "Ann", trainer)
    ann = of(run, "Ann")
    assert (ann.complete_because, ann.counted_by) == (REASON, trainer)
    assert ann.counted_at
    assert completed(run) == []
    register.close(run, by=trainer)
    assert completed(run) == ["Ann", "Bob"]
    awarding.award_certificates.call(run.pk)
    first, second = (c.certified for c in Completion.objects.order_by("person__name"))
    assert first["title"] == second["title"]
    assert Certificate.objects.live().count() == 2
    [event] = actions("completion.counted")
    assert (event.by_person, event.now) == (trainer.pk, {"counted": True, "missed": 60})


def test_counted_after_signing_off_completes_at_once_on_the_last_sessions_day(run, trainer):
    register.close(run, by=trainer)
    assert completed(run) == ["Bob"]
    office = PersonFactory(groups=[TRAINING_ADMINISTRATORS])
    count(run, "Ann", office)
    assert completed(run) == ["Ann", "Bob"]
    completion = Completion.objects.get(person__name="Ann")
    assert completion.completed_on == timezone.localdate(run.starts_at)
    awarding.award_certificates.call(run.pk)
    assert Certificate.objects.live().filter(award=completion.award).exists()


def test_the_same_again_changes_nothing(run, trainer):
    register.close(run, by=trainer)
    count(run, "Ann", trainer)
    count(run, "Ann", PersonFactory(groups=[TRAINING_ADMINISTRATORS]), "Another reason than that")
    assert of(run, "Ann").complete_because == REASON
    assert len(actions("completion.counted")) == 1
    assert completed(run) == ["Ann", "Bob"]


def test_taken_back_it_loses_the_completion_and_the_certificate_with_the_reason(run, trainer):
    register.close(run, by=trainer)
    count(run, "Ann", trainer)
    awarding.award_certificates.call(run.pk)
    Mail.objects.all().delete()
    for _ in range(2):
        counting.take_back(of(run, "Ann"), by=trainer, reason="It was somebody else")
    ann = of(run, "Ann")
    assert (ann.complete_because, ann.counted_at, ann.counted_by) == ("", None, None)
    assert completed(run) == ["Bob"]
    revoked = Certificate.objects.exclude(revoked_at=None).get()
    assert (revoked.holder, revoked.revoked_reason) == (ann.person, "It was somebody else")
    [mail] = Mail.objects.all()
    assert mail.template == "completion_withdrawn"
    assert len(actions("completion.count_taken_back")) == 1


def test_taken_back_before_signing_off_it_never_was(run, trainer):
    count(run, "Ann", trainer)
    counting.take_back(of(run, "Ann"), by=trainer, reason="It was somebody else")
    register.close(run, by=trainer)
    assert completed(run) == ["Bob"]


def test_a_correction_that_leaves_too_little_keeps_it_and_one_to_absent_ends_it(run, trainer):
    register.close(run, by=trainer)
    count(run, "Ann", trainer)
    session, ann = run.sessions.get(), of(run, "Ann")

    def correct(attendance):
        register.correct(session, {ann.pk: attendance}, by=trainer, reason="A slip of the pen")

    correct(Attendance("late", 90))
    assert completed(run) == ["Ann", "Bob"]
    assert Completion.objects.filter(person__name="Ann").count() == 1
    correct(ABSENT)
    assert completed(run) == ["Bob"]
    assert of(run, "Ann").complete_because == ""
    assert len(actions("completion.count_taken_back")) == 1
    # Marked as there again it is short again: the old reason does not come back by itself.
    correct(Attendance("late", 90))
    assert completed(run) == ["Bob"]


def test_marked_absent_before_signing_off_it_does_not_count(run, trainer):
    count(run, "Ann", trainer)
    register.mark(run.sessions.get(), {of(run, "Ann").pk: ABSENT}, by=trainer)
    register.close(run, by=trainer)
    assert completed(run) == ["Bob"]
    # What was said of the time that they came is not said of another time.
    assert of(run, "Ann").complete_because == ""
    late = {of(run, "Ann").pk: Attendance("late", 200)}
    register.correct(run.sessions.get(), late, by=trainer, reason="Came in the afternoon")
    assert completed(run) == ["Bob"]


@pytest.mark.parametrize(
    ("name", "reason", "sentence"),
    [
        ("Cat", REASON, "was not there in any session"),
        ("Bob", REASON, "was there for long enough"),
        ("Ann", "", "in a few words"),
        ("Ann", "ok   ok", "in a few words"),
    ],
)
@pytest.mark.parametrize("is_closed", [False, True], ids=["open", "signed off"])
def test_it_is_refused_for_whom_it_is_not_meant(run, trainer, name, reason, sentence, is_closed):
    if is_closed:
        register.close(run, by=trainer)
    before = completed(run)
    with pytest.raises(RegisterRefused, match=sentence):
        count(run, name, trainer, reason)
    assert (completed(run), of(run, name).complete_because) == (before, "")
    assert actions("completion.counted") == []


def test_not_before_the_date_has_begun_nor_when_it_is_cancelled(run, trainer):
    coming = RunFactory(starts_at=timezone.now() + dt.timedelta(minutes=20), trainers=[trainer])
    BookingFactory(run=coming, person__name="Ann")
    late = Attendance("late", 90)
    register.mark(coming.sessions.get(), {of(coming, "Ann").pk: late}, by=trainer)
    with pytest.raises(RegisterRefused, match="has not begun"):
        count(coming, "Ann", trainer)
    Run.objects.filter(pk=run.pk).update(cancelled_at=timezone.now())
    with pytest.raises(RegisterRefused, match="was cancelled"):
        count(run, "Ann", trainer)


def test_who_lost_the_place_and_who_does_not_keep_the_register(run, trainer):
    gone = BookingFactory(run=run, person__name="Gone", state="withdrawn")
    with pytest.raises(RegisterRefused, match="no longer has a place"):
        counting.count_as_complete(gone, by=trainer, reason=REASON)
    for verb in (counting.count_as_complete, counting.take_back):
        with pytest.raises(Run.DoesNotExist):
            verb(of(run, "Ann"), by=PersonFactory(), reason=REASON)


@pytest.mark.race
def test_two_at_once_count_once(own_database, rounds):
    for _ in range(rounds):
        trainers = [PersonFactory(), PersonFactory()]
        run = marked(*trainers)
        register.close(run, by=trainers[0])
        done = at_once(2, lambda n: count(run, "Ann", trainers[n], f"The reason of {n}"))
        assert [each for each in done if isinstance(each, Exception)] == []
        events = Event.objects.about(of(run, "Ann")).filter(action="completion.counted")
        assert len(events) == 1
        assert Completion.objects.filter(booking=of(run, "Ann")).count() == 1
        assert of(run, "Ann").counted_by_id == events[0].by_person


@pytest.mark.race
def test_without_the_lock_two_at_once_count_twice(own_database):
    """Record it twice: each looks before the other has written (the control)."""
    trainers = [PersonFactory(), PersonFactory()]
    run = marked(*trainers)
    ann, looked = of(run, "Ann"), threading.Barrier(2)

    def look_then_count(number):
        line = counting.line_of(run, ann.pk)
        looked.wait(30)
        if not line.is_counted:
            counted.put_on(line.booking, REASON, missed=line.missed, by=trainers[number])
        connections.close_all()

    at_once(2, look_then_count)
    assert Event.objects.about(ann).filter(action="completion.counted").count() == 2


@pytest.mark.race
def test_counting_and_correcting_to_absent_at_once_leave_nobody_complete_who_was_not_there(
    own_database, rounds
):
    for _ in range(rounds):
        trainers = [PersonFactory(), PersonFactory()]
        run = marked(*trainers)
        register.close(run, by=trainers[0])
        session, ann = run.sessions.get(), of(run, "Ann")

        def press(number):
            if number:
                return count(run, "Ann", trainers[1])
            return register.correct(session, {ann.pk: ABSENT}, by=trainers[0], reason="A slip")

        at_once(2, press)
        assert completed(run) == ["Bob"]
        assert of(run, "Ann").complete_because == ""


def address(run, name):
    return reverse("courses:count_complete", args=[run.pk, of(run, name).pk])


def words(response):
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("is_closed", [False, True], ids=["open", "signed off"])
def test_a_trainer_counts_on_a_page_that_says_what_was_missed_and_takes_it_back(
    client, run, trainer, is_closed
):
    if is_closed:
        register.close(run, by=trainer)
    where = reverse("courses:register" if is_closed else "courses:sign_off", args=[run.pk])
    client.force_login(trainer)
    assert address(run, "Ann") in client.get(where).content.decode()
    assert address(run, "Cat") not in client.get(where).content.decode()
    page = client.get(address(run, "Ann"))
    assert "Missed 60 of 420 minutes" in words(page)
    assert "Say why in a few words" in words(client.post(address(run, "Ann"), {}))
    short = client.post(address(run, "Ann"), {"reason": "ok"})
    assert "Say in a few words why it counts as complete" in words(short)
    done = client.post(address(run, "Ann"), {"reason": REASON}, follow=True)
    assert done.redirect_chain[0][0] == where
    assert "Ann counts as having completed the course." in words(done)
    assert f"because: {REASON}" in words(done)
    assert "Tess Trainer" in words(done)
    if is_closed:
        correction = client.get(reverse("courses:correct", args=[run.pk]))
    else:
        correction = client.get(reverse("courses:register", args=[run.pk]))
    assert f"because: {REASON}" in words(correction)
    assert "Take back" in words(client.get(address(run, "Ann")))
    taken = {"reason": "It was somebody else", "take_back": "yes"}
    assert "does not count as having completed" in words(
        client.post(address(run, "Ann"), taken, follow=True)
    )
    assert of(run, "Ann").complete_because == ""


def test_the_page_says_why_somebody_cannot_count(client, run, trainer):
    client.force_login(trainer)
    assert "was not there in any session" in words(client.get(address(run, "Cat")))
    refused = client.post(address(run, "Cat"), {"reason": REASON})
    assert "was not there in any session" in words(refused)


def test_others_find_no_such_page(client, run, trainer):
    for person in (of(run, "Ann").person, PersonFactory()):
        client.force_login(person)
        assert client.get(address(run, "Ann")).status_code == 404
        assert client.post(address(run, "Ann"), {"reason": REASON}).status_code == 404
    other = RunFactory(starts_at=in_days(-1), trainers=[trainer])
    client.force_login(trainer)
    mixed = reverse("courses:count_complete", args=[other.pk, of(run, "Ann").pk])
    assert client.get(mixed).status_code == 404
    assert Booking.objects.exclude(complete_because="").count() == 0


def test_the_office_reads_it_on_the_date_the_booking_and_in_the_export(
    client, run, trainer, office
):
    count(run, "Ann", trainer)
    ann = of(run, "Ann")
    assert f"Counts as complete: {REASON}" in words(client.get(f"/cms/run/inspect/{run.pk}/"))
    page = words(client.get(f"/cms/booking/inspect/{ann.pk}/"))
    assert REASON in page
    assert "Tess Trainer" in page
    export = client.get("/cms/booking/?export=csv")
    assert REASON in b"".join(export.streaming_content).decode()


def test_pages_ask_as_much_for_one_who_is_counted_as_for_three(
    client, trainer, django_assert_num_queries
):
    client.force_login(trainer)

    def run_with(number):
        run = marked(trainer)
        for one in range(number):
            short = BookingFactory(run=run, person__name=f"Short {one}")
            late = Attendance("late", 90)
            register.mark(run.sessions.get(), {short.pk: late}, by=trainer)
            count(run, f"Short {one}", trainer)
        return run

    for page in ("courses:register", "courses:sign_off"):
        few, many = (reverse(page, args=[run_with(number).pk]) for number in (1, 3))
        client.get(few)
        with CaptureQueriesContext(connection) as asked:
            client.get(few)
        with django_assert_num_queries(len(asked)):
            client.get(many)
