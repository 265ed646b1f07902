"""Test the register: marks, sign-off, completion, certificates and mails."""

import datetime as dt

import pytest
from django_tasks_db.models import DBTaskResult

from agencies.access import TRAINING_ADMINISTRATORS
from certificates import issuing
from certificates.models import Certificate
from courses.attendance import marking, register, register_sheet
from courses.attendance.register import Attendance, RegisterRefused
from courses.booking import booking
from courses.completion import awarding
from courses.models import Completion, Mark, Session
from courses.rules import completion_rule
from history.models import Event
from lms.models import JobFailure, Mail
from tests.courses.test_back_office import unchanged
from tests.factories import (
    BookingFactory,
    CompletionFactory,
    MarkFactory,
    PersonFactory,
    RunFactory,
    SessionFactory,
    in_days,
)

pytestmark = pytest.mark.django_db

MORNING = dt.datetime(2025, 3, 12, 9, 30, tzinfo=dt.UTC)
PRESENT = Attendance("present")


@pytest.fixture
def trainer():
    return PersonFactory(name="Tess Trainer")


def date_of(*minutes, starts_at=MORNING, gap=60):
    """Create a run with sessions of these lengths (minutes), `gap` minutes apart."""
    sessions = []
    for length in minutes:
        ends_at = starts_at + dt.timedelta(minutes=length)
        sessions.append((starts_at, ends_at))
        starts_at = ends_at + dt.timedelta(minutes=gap)
    return RunFactory(sessions=sessions, places=40)


def booked(run, *names):
    return [BookingFactory(run=run, person__name=name) for name in names]


def marks(run):
    rows = Mark.objects.filter(session__run=run).order_by("session__starts_at", "booking_id")
    return list(rows.values_list("booking__person__name", "kind", "minutes_missed", "is_automatic"))


def said(action):
    return [(event.was, event.now) for event in Event.objects.filter(action=action).order_by("pk")]


def enough(*kinds):
    """Return whether marks, one (length, kind, minutes missed) per session, mean completion."""
    sessions = [
        Session(pk=pk, starts_at=MORNING, ends_at=MORNING + dt.timedelta(minutes=length))
        for pk, (length, *_) in enumerate(kinds)
    ]
    made = {
        pk: Mark(kind=kind, minutes_missed=minutes)
        for pk, (_, kind, minutes) in enumerate(kinds)
        if kind
    }
    return completion_rule.is_complete(sessions, made)


@pytest.mark.parametrize(
    ("taught", "late", "completes"),
    [
        (420, 30, True),
        (420, 31, False),
        (180, 30, True),
        (180, 31, False),
        (120, 20, True),
        (120, 21, False),
        (100, 16, True),
        (100, 17, False),
    ],
)
def test_thirty_minutes_or_a_sixth_may_be_missed_whichever_is_less(taught, late, completes):
    assert enough((taught, "late", late)) is completes
    assert enough((taught, "left_early", late)) is completes


def test_who_misses_a_session_that_must_be_attended_is_partial_however_short_it_is():
    essential, other = Session(pk=1, is_essential=True), Session(pk=2)
    for session, minutes in ((essential, 15), (other, 400)):
        session.starts_at, session.ends_at = MORNING, MORNING + dt.timedelta(minutes=minutes)
    sessions, there = [essential, other], Mark(kind="present")
    for kind in ("absent", "apologies"):
        marks = {1: Mark(kind=kind), 2: there}
        assert completion_rule.minutes_missed(sessions, marks) <= completion_rule.minutes_allowed(
            sessions
        )
        assert not completion_rule.is_complete(sessions, marks)
        assert completion_rule.essential_missed(sessions, marks) == [essential]
    assert completion_rule.essential_missed(sessions, {2: there}) == [essential]
    assert completion_rule.is_complete(sessions, {1: Mark(kind="late", minutes_missed=5), 2: there})


def test_what_is_missed_adds_up_over_the_sessions():
    assert enough((180, "late", 15), (180, "left_early", 15))
    assert not enough((180, "late", 15), (180, "left_early", 16))


def test_a_session_that_nobody_marked_or_was_not_attended_is_missed_whole():
    assert enough((400, "present", 0), (30, "absent", 0))
    assert not enough((400, "present", 0), (31, "absent", 0))
    assert not enough((400, "present", 0), (31, "apologies", 0))
    assert not enough((400, "present", 0), (31, "", 0))


def test_a_date_without_sessions_completes_nobody():
    assert not completion_rule.is_complete([], {})


def test_marks_are_kept_with_who_made_them_and_history_tells_the_minutes(trainer):
    run = date_of(180)
    ann, bob = booked(run, "Ann", "Bob")
    session = run.sessions.get()
    assert (
        register.mark(session, {ann.pk: PRESENT, bob.pk: Attendance("late", 10)}, by=trainer) == 2
    )
    assert register.mark(session, {bob.pk: Attendance("late", 20)}, by=trainer) == 1
    assert marks(run) == [("Ann", "present", 0, False), ("Bob", "late", 20, False)]
    assert set(Mark.objects.values_list("marked_by", flat=True)) == {trainer.pk}
    assert said("register.marked") == [
        ({str(ann.pk): "", str(bob.pk): ""}, {str(ann.pk): "present", str(bob.pk): "late 10"}),
        ({str(bob.pk): "late 10"}, {str(bob.pk): "late 20"}),
    ]


def test_marking_again_what_is_there_changes_nothing(trainer):
    run = date_of(180)
    (ann,) = booked(run, "Ann")
    register.mark(run.sessions.get(), {ann.pk: PRESENT}, by=trainer)
    before = list(Mark.objects.values())
    assert register.mark(run.sessions.get(), {ann.pk: PRESENT}, by=PersonFactory()) == 0
    assert list(Mark.objects.values()) == before
    assert len(said("register.marked")) == 1


@pytest.mark.parametrize(
    ("attendance", "sentence"),
    [
        (Attendance("late"), "from 1 to 180"),
        (Attendance("late", 181), "from 1 to 180"),
        (Attendance("left_early", -5), "from 1 to 180"),
        (Attendance("present", 5), "only asked for"),
        (Attendance("asleep"), "Choose present"),
    ],
)
def test_one_wrong_mark_and_none_is_kept(trainer, attendance, sentence):
    run = date_of(180)
    ann, bob = booked(run, "Ann", "Bob")
    with pytest.raises(RegisterRefused, match=sentence):
        register.mark(run.sessions.get(), {ann.pk: PRESENT, bob.pk: attendance}, by=trainer)
    assert marks(run) == []
    assert said("register.marked") == []


def test_somebody_who_cancelled_meanwhile_is_named_and_nothing_is_kept(trainer):
    run = RunFactory()
    ann, bob = booked(run, "Ann", "Bob")
    booking.withdraw(bob, by=bob.person)
    apologies = Attendance("apologies")
    with pytest.raises(RegisterRefused, match="^Bob no longer has a place"):
        register.mark(run.sessions.get(), {ann.pk: apologies, bob.pk: apologies}, by=trainer)
    assert marks(run) == []


def test_somebody_of_another_date_is_refused_without_their_name(trainer):
    run, (elsewhere,) = date_of(180), booked(date_of(180), "Secret Name")
    with pytest.raises(RegisterRefused, match="^Somebody no longer has a place"):
        register.mark(run.sessions.get(), {elsewhere.pk: PRESENT}, by=trainer)


def test_until_half_an_hour_before_only_apologies_can_be_marked(trainer, time_machine):
    run = date_of(180)
    (ann,) = booked(run, "Ann")
    time_machine.move_to(MORNING - dt.timedelta(minutes=30, seconds=1), tick=False)
    with pytest.raises(RegisterRefused, match="opens on 12 March 2025 at 09:00"):
        register.mark(run.sessions.get(), {ann.pk: PRESENT}, by=trainer)
    register.mark(run.sessions.get(), {ann.pk: Attendance("apologies")}, by=trainer)
    time_machine.move_to(MORNING - dt.timedelta(minutes=30), tick=False)
    register.mark(run.sessions.get(), {ann.pk: PRESENT}, by=trainer)
    assert marks(run) == [("Ann", "present", 0, False)]


def test_a_register_opens_in_londons_time_on_both_sides_of_a_clock_change(trainer, time_machine):
    run = date_of(180, starts_at=dt.datetime(2025, 7, 1, 8, 30, tzinfo=dt.UTC))
    (ann,) = booked(run, "Ann")
    time_machine.move_to(dt.datetime(2025, 7, 1, 7, 0, tzinfo=dt.UTC))
    with pytest.raises(RegisterRefused, match="opens on 1 July 2025 at 09:00"):
        register.mark(run.sessions.get(), {ann.pk: PRESENT}, by=trainer)


def test_thirty_people_are_marked_with_ten_queries_or_fewer(trainer, django_assert_max_num_queries):
    run = date_of(180)
    seen = {one.pk: PRESENT for one in booked(run, *[f"Person {n}" for n in range(30)])}
    session = Session.objects.get(run=run)
    with django_assert_max_num_queries(10):
        assert register.mark(session, seen, by=trainer) == 30


def test_nothing_is_written_over_a_mark_that_was_not_seen(trainer):
    run = date_of(180)
    ann, bob = booked(run, "Ann", "Bob")
    session = run.sessions.get()
    register.mark(session, {ann.pk: Attendance("late", 10)}, by=PersonFactory())
    seen = {ann.pk: PRESENT, bob.pk: PRESENT}
    with pytest.raises(marking.RegisterChanged, match="at the same moment"):
        register.mark(session, seen, expected={ann.pk: "", bob.pk: ""}, by=trainer)
    assert marks(run) == [("Ann", "late", 10, False)]
    register.mark(session, seen, expected={ann.pk: "late 10"}, by=trainer)
    # Two trainers who make the same mark are no conflict.
    assert register.mark(session, seen, expected={}, by=PersonFactory()) == 0
    assert [kind for _, kind, _, _ in marks(run)] == ["present", "present"]


def test_all_present_is_taken_back_for_those_whom_nobody_has_marked_since(trainer):
    run = date_of(180)
    ann, bob, cat, dan = booked(run, "Ann", "Bob", "Cat", "Dan")
    session, everybody = run.sessions.get(), [one.pk for one in (ann, bob, cat, dan)]
    register.mark(session, {ann.pk: Attendance("absent")}, rest=everybody, by=trainer)
    assert [kind for _, kind, _, _ in marks(run)] == ["absent", *["present"] * 3]
    register.mark(session, {bob.pk: Attendance("late", 5)}, by=trainer)
    register.mark(session, {bob.pk: PRESENT}, by=trainer)
    assert register.undo_all_present(session, by=trainer) == 2
    assert [name for name, *_ in marks(run)] == ["Ann", "Bob"]
    assert register.undo_all_present(session, by=trainer) == 0
    assert said("register.unmarked") == [({str(cat.pk): "present", str(dan.pk): "present"}, {})]
    register.close(run, by=trainer)
    with pytest.raises(RegisterRefused, match="signed off"):
        register.undo_all_present(session, by=trainer)


def test_all_present_is_nobody_who_has_no_place_or_a_mark(trainer):
    run = date_of(180)
    ann, bob = booked(run, "Ann", "Bob")
    gone = BookingFactory(run=run, state="withdrawn")
    register.mark(run.sessions.get(), {bob.pk: Attendance("apologies")}, by=PersonFactory())
    register.mark(run.sessions.get(), {}, rest=[ann.pk, bob.pk, gone.pk], by=trainer)
    assert [(name, kind) for name, kind, *_ in marks(run)] == [
        ("Ann", "present"),
        ("Bob", "apologies"),
    ]


def test_signing_off_makes_the_unmarked_absent_but_never_over_a_mark_made_by_hand(trainer):
    run = date_of(180, 180)
    ann, bob, cat = booked(run, "Ann", "Bob", "Cat")
    morning, afternoon = run.sessions.all()
    register.mark(morning, {ann.pk: PRESENT, bob.pk: Attendance("apologies")}, by=trainer)
    register.mark(afternoon, {ann.pk: Attendance("late", 30)}, by=trainer)
    (completion,) = register.close(run, by=trainer)
    assert marks(run) == [
        ("Ann", "present", 0, False),
        ("Bob", "apologies", 0, False),
        ("Cat", "absent", 0, True),
        ("Ann", "late", 30, False),
        ("Bob", "absent", 0, True),
        ("Cat", "absent", 0, True),
    ]
    assert (completion.person, completion.booking) == (ann.person, ann)
    ((_, now),) = said("register.closed")
    assert now == {
        "completions": [completion.pk],
        "absent_unmarked": [
            [morning.pk, cat.pk],
            [afternoon.pk, bob.pk],
            [afternoon.pk, cat.pk],
        ],
    }


def test_signing_off_twice_changes_nothing(trainer):
    run = date_of(180)
    (ann,) = booked(run, "Ann")
    register.mark(run.sessions.get(), {ann.pk: PRESENT}, by=trainer)
    assert len(register.close(run, by=trainer)) == 1
    run.refresh_from_db()
    closed_at, tasks = run.closed_at, DBTaskResult.objects.count()
    assert register.close(run, by=trainer) == []
    run.refresh_from_db()
    assert (run.closed_at, DBTaskResult.objects.count()) == (closed_at, tasks)
    assert Completion.objects.count() == len(said("register.closed")) == 1


def test_signing_off_waits_until_the_last_session_has_begun(trainer, time_machine):
    run = date_of(180, 180)
    time_machine.move_to(run.sessions.last().starts_at - dt.timedelta(seconds=1), tick=False)
    with pytest.raises(RegisterRefused, match="last session has not begun"):
        register.close(run, by=trainer)
    run.refresh_from_db()
    assert run.closed_at is None
    time_machine.move_to(run.sessions.last().starts_at, tick=False)
    assert register.close(run, by=trainer) == []
    run.refresh_from_db()
    assert run.closed_at is not None


def test_after_signing_off_nothing_can_be_marked(trainer):
    run = date_of(180)
    (ann,) = booked(run, "Ann")
    register.close(run, by=trainer)
    with pytest.raises(RegisterRefused, match="signed off"):
        register.mark(run.sessions.get(), {ann.pk: PRESENT}, by=trainer)
    assert marks(run) == [("Ann", "absent", 0, True)]


def test_a_cancelled_date_has_no_register(trainer):
    run = RunFactory(cancelled_at=in_days(-1))
    with pytest.raises(RegisterRefused, match="cancelled"):
        register.close(run, by=trainer)
    with pytest.raises(RegisterRefused, match="cancelled"):
        register.mark(run.sessions.get(), {}, by=trainer)


def test_only_who_has_a_place_is_marked_absent(trainer):
    run = date_of(180)
    BookingFactory(run=run, state="waiting")
    BookingFactory(run=run, state="withdrawn")
    register.close(run, by=trainer)
    assert marks(run) == []


def test_it_is_completed_on_the_last_sessions_day_in_london(trainer):
    late = dt.datetime(2025, 7, 1, 23, 30, tzinfo=dt.UTC)  # 00:30 on the 2nd
    run = RunFactory(sessions=[(late - dt.timedelta(days=7), late - dt.timedelta(days=6)),
                               (late, late + dt.timedelta(hours=2))])  # fmt: skip
    (ann,) = booked(run, "Ann")
    for session in run.sessions.all():
        register.mark(session, {ann.pk: PRESENT}, by=trainer)
    (completion,) = register.close(run, by=trainer)
    assert completion.completed_on == dt.date(2025, 7, 2)


def test_those_who_did_not_come_are_written_to_once_when_the_office_says_so(trainer):
    office = PersonFactory(groups=[TRAINING_ADMINISTRATORS])
    run = date_of(180, 180)
    came, apologised, absent, forgotten = booked(run, "Came", "Apologised", "Absent", "Forgotten")
    absent.manager_email = "manager@example.org"
    absent.save()
    register.mark(
        run.sessions.last(),
        {
            came.pk: PRESENT,
            apologised.pk: Attendance("apologies"),
            absent.pk: Attendance("absent"),
        },
        by=trainer,
    )
    with pytest.raises(RegisterRefused, match="not signed off"):
        register.release_absence_notices(run, by=office)
    register.close(run, by=trainer)
    assert Mail.objects.count() == 0
    assert register.release_absence_notices(run, by=office) == [absent, forgotten]
    assert register.release_absence_notices(run, by=office) == []
    told = Mail.objects.order_by("pk").values_list("template", "to", "cc")
    assert list(told) == [
        ("did_not_come", absent.person.email, ["manager@example.org"]),
        ("did_not_come", forgotten.person.email, []),
    ]
    assert said("register.absences_told") == [({}, {"bookings": [absent.pk, forgotten.pk]})]


def test_apologies_for_another_date_excuse_nobody_here(trainer):
    person = PersonFactory()
    here, elsewhere = BookingFactory(run=date_of(60), person=person), BookingFactory(person=person)
    MarkFactory(booking=elsewhere, kind="apologies")
    register.close(here.run, by=trainer)
    assert register.not_told_of_absence(here.run) == [here]


def test_the_certificate_follows_and_is_told_of_once(trainer):
    run = RunFactory(course__title="Supervision", course__renewal_months=36)
    SessionFactory(run=run, starts_at=MORNING)
    run.sessions.exclude(starts_at=MORNING).delete()
    ann, _ = booked(run, "Ann Able", "Bob Absent")
    register.mark(run.sessions.get(), {ann.pk: PRESENT}, by=trainer)
    (completion,) = register.close(run, by=trainer)
    assert Certificate.objects.count() == 0
    assert DBTaskResult.objects.filter(task_path__endswith="award_certificates").count() == 1
    awarding.award_certificates.call(run.pk)
    awarding.award_certificates.call(run.pk)
    certificate = Certificate.objects.get()
    assert (certificate.award, certificate.name, certificate.title) == (
        completion.award,
        "Ann Able",
        "Supervision",
    )
    assert (certificate.completed_on, certificate.refresh_on) == (
        dt.date(2025, 3, 12),
        dt.date(2028, 3, 12),
    )
    assert list(Mail.objects.values_list("template", "to")) == [
        ("certificate_ready", ann.person.email)
    ]


def test_a_certificate_that_was_revoked_is_not_given_again_by_any_way(trainer):
    completion = CompletionFactory()
    certificate = awarding.award_certificate(completion, by="OFFICE")
    issuing.revoke(certificate, by=trainer, reason="Made in error.")
    with pytest.raises(issuing.CertificateRefused, match="was revoked. Ask the training office"):
        awarding.award_certificate(completion, by=completion.person)
    Completion.objects.update(told_at=None)
    awarding.award_certificates.call(completion.booking.run_id)
    assert list(Certificate.objects.all()) == [certificate]


def test_one_certificate_that_cannot_be_made_keeps_nobody_from_theirs(trainer):
    run = date_of(180)
    broken, fine = booked(run, "\U00013000", "Ann Able")  # a character that no typeface has
    seen = {broken.pk: PRESENT, fine.pk: PRESENT}
    register.mark(run.sessions.get(), seen, by=trainer)
    register.close(run, by=trainer)
    awarding.award_certificates.call(run.pk)
    assert [one.name for one in Certificate.objects.all()] == ["Ann Able"]
    failure = JobFailure.objects.get()
    assert failure.about_id == str(Completion.objects.get(booking=broken).pk)
    assert failure.error == "certificates.issuing.CertificateRefused"


def test_the_office_says_which_session_must_be_attended_and_nobody_is_written_to(client, office):
    booked(run := RunFactory(), "Ann")
    page = f"/cms/run/edit/{run.pk}/"
    client.post(page, unchanged(run) | {"sessions-0-is_essential": "on"})
    session = run.sessions.get()
    assert (session.is_essential, session.sequence) == (True, 0)
    assert said("run.changed") == [({"essential": []}, {"essential": [session.pk]})]
    assert Mail.objects.count() == 0
    assert "(must be attended)" in client.get(f"/cms/run/inspect/{run.pk}/").content.decode()


def test_people_to_tell_of_their_absence_are_sorted_by_last_name(trainer):
    run = date_of(60)
    for name in ["Amy Smith", "Zoe Ash"]:
        BookingFactory(run=run, person__name=name)
    register.close(run, by=trainer)
    absent = register.not_told_of_absence(run)
    assert [each.person.name for each in absent] == ["Zoe Ash", "Amy Smith"]


def test_registers_sort_people_as_they_said():
    run = RunFactory()
    said = {
        "Anna van der Berg": "van der Berg",
        "Wang Wei": "Wang, Wei",
        "Li Wei": "",
        "Gabriel García Márquez": "García Márquez",
        "Conor O’Neill": "",
        "Ian McDonald": "",
        "Zoë Ånström": "",
        "Prince": "",
    }
    for name, sort_as in said.items():
        BookingFactory(run=run, person__name=name, person__sort_as=sort_as)
    lines = completion_rule.attendance_lines(run)
    assert [line.booking.person.name for line in lines] == [
        "Zoë Ånström", "Gabriel García Márquez", "Ian McDonald", "Conor O’Neill", "Prince",
        "Anna van der Berg", "Wang Wei", "Li Wei",
    ]  # fmt: skip


def test_registers_are_sorted_by_last_name():
    run = RunFactory()
    for name in ["Zoe Ash", "Amy Smith-Jones", "Émile Élan", "Bob ash", "Cat O’Dea", "Cher"]:
        BookingFactory(run=run, person__name=name)
    in_order = ["Bob ash", "Zoe Ash", "Cher", "Émile Élan", "Cat O’Dea", "Amy Smith-Jones"]
    lines = completion_rule.attendance_lines(run)
    assert [line.booking.person.name for line in lines] == in_order
    [sheet] = register_sheet.sheets(run)
    assert [booking.person.name for _, booking in sheet.rows if booking] == in_order
