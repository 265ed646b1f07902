"""Test which marks follow from attendance times in a meeting report."""

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
import time_machine

from courses.attendance import register
from courses.attendance.imports import marks as imports_marks
from courses.attendance.imports import reports
from courses.attendance.imports.people import Attendee
from courses.attendance.imports.reports import MeetingReport, ReportRefused
from courses.attendance.imports.times import Stay
from courses.attendance.register import Attendance, RegisterRefused
from courses.models import Booking, Completion, ImportedReport, Mark, MeetingAlias
from history.models import Event
from lms.models import Mail
from tests.factories import BookingFactory, MarkFactory, PersonFactory, RunFactory

pytestmark = pytest.mark.django_db
LONDON = dt.timezone(dt.timedelta(hours=1))


@pytest.fixture(autouse=True)
def after_the_day():
    with time_machine.travel("2026-10-14T17:00+01:00", tick=False):
        yield


@pytest.fixture
def trainer():
    return PersonFactory(name="Tess Trainer")


def at(clock):
    return dt.datetime.combine(dt.date(2026, 10, 14), dt.time.fromisoformat(clock), LONDON)


def stay(said):
    start, end = said.split("-")
    return Stay(at(start), at(end))


def dated(*sessions):
    """Create a run with these sessions ("09:30-12:30"), on which Ann is booked."""
    run = RunFactory(sessions=[stay(each) for each in sessions], places=40)
    BookingFactory(run=run, person__name="Ann")
    return run


def there(*stays, minutes=None):
    return Attendee("Ann", "", tuple(stay(each) for each in stays), minutes)


def says(run, *attendees):
    """Return Ann's proposed mark per session ("late 30") if every attendee is her."""
    ann = run.bookings.get()
    who = dict.fromkeys(range(len(attendees)), ann.pk)
    proposals = imports_marks.foresee(run, MeetingReport(attendees), who)
    return [str(p.says.kind) + (f" {p.says.minutes}" if p.says.minutes else "") for p in proposals]


@pytest.mark.parametrize(
    ("stays", "mark"),
    [
        (["09:30-12:30"], "present"),
        (["09:00-13:00"], "present"),
        (["09:35-12:25"], "present"),  # 5 minutes at each end
        (["09:36-12:30"], "late 6"),
        (["09:45-12:27"], "late 15"),
        (["09:30-12:24"], "left_early 6"),
        (["09:28-11:30"], "left_early 60"),
        (["09:50-12:20"], "late 30"),
        (["09:40-12:10"], "left_early 30"),
        (["09:40-12:20"], "late 20"),
        (["09:28-10:30", "10:35-12:30"], "present"),  # 5 minutes lost on the way
        (["09:28-10:30", "11:10-12:30"], "left_early 40"),
        (["11:10-12:30", "09:40-10:30"], "left_early 50"),
        (["09:30-11:00", "10:00-12:30"], "present"),  # two devices at once
        (["09:30-12:30", "10:00-10:05"], "present"),
        (["09:30-09:31"], "left_early 179"),
        (["09:00-09:31", "12:29-13:00"], "left_early 178"),
    ],
)
def test_what_follows_for_one_session(stays, mark):
    assert says(dated("09:30-12:30"), there(*stays)) == [mark]


def test_each_session_has_its_own_share():
    run = dated("09:30-12:30", "13:30-16:30")
    assert says(run, there("09:20-14:30")) == ["present", "left_early 120"]
    assert says(run, there("13:50-16:30"), there("11:00-11:01")) == ["late 179", "late 20"]


def test_two_names_that_are_one_person_count_together():
    run = dated("09:30-12:30")
    assert says(run, there("09:30-11:00"), there("10:59-12:30")) == ["present"]


def test_a_session_that_the_report_does_not_touch_is_left_alone():
    run = dated("09:30-12:30", "13:30-16:30")
    assert says(run, there("09:30-12:30")) == ["present"]


def test_who_was_in_one_session_only_is_absent_in_the_other_that_others_came_to():
    run = dated("09:30-12:30", "13:30-16:30")
    ann, bob = run.bookings.get(), BookingFactory(run=run, person__name="Bob")
    report = MeetingReport((there("09:30-16:30"), there("09:30-12:31")))
    found = imports_marks.foresee(run, report, {0: ann.pk, 1: bob.pk})
    assert [(p.booking.person.name, p.says.kind) for p in found] == [
        ("Ann", "present"),
        ("Bob", "present"),
        ("Ann", "present"),
        ("Bob", "absent"),
    ]


@pytest.mark.parametrize(
    ("minutes", "mark"),
    [(181, "present"), (175, "present"), (141, "left_early 39"), (1, "left_early 179")],
)
def test_minutes_without_times_count_for_a_date_of_one_session(minutes, mark):
    assert says(dated("09:30-12:30"), there(minutes=minutes)) == [mark]


def test_minutes_without_times_are_refused_for_a_date_of_two():
    run = dated("09:30-12:30", "13:30-16:30")
    with pytest.raises(ReportRefused, match="more than one session"):
        imports_marks.covered(run, MeetingReport((there(minutes=300),)))


@pytest.mark.parametrize(
    ("minutes", "marks"),
    [
        (420, ["present", "present"]),
        (360, ["present", "present"]),  # an hour away, and an hour for lunch
        (320, ["left_early 40", "present"]),
    ],
)
def test_time_away_that_is_not_placed_is_lunch_first(minutes, marks):
    run = dated("09:30-12:30", "13:30-16:30")
    assert says(run, there("09:30-16:30", minutes=minutes)) == marks


def test_a_report_of_another_day_or_of_what_is_to_come_is_refused():
    run = dated("09:30-12:30")
    wrong_day = there("13:00-14:00")
    with pytest.raises(ReportRefused, match="14 October 2026, 13:00") as refused:
        imports_marks.covered(run, MeetingReport((wrong_day,)))
    assert "Check that it is the report of this date, and the time zone." in str(refused.value)
    to_come = dated("18:00-19:00")
    with pytest.raises(ReportRefused, match="that has begun"):
        imports_marks.covered(to_come, MeetingReport((there("18:00-19:00"),)))


# Marking


def marks(run):
    rows = Mark.objects.filter(session__run=run).order_by("booking__person__name", "session")
    return [(m.booking.person.name, str(Attendance(m.kind, m.minutes_missed))) for m in rows]


def everybody(run):
    return {n: booking.pk for n, booking in enumerate(run.bookings.order_by("person__name"))}


def test_the_register_says_what_the_report_says(trainer):
    run = dated("09:30-12:30")
    BookingFactory(run=run, person__name="Bob")
    BookingFactory(run=run, person__name="Cat")
    report = MeetingReport((there("09:30-12:30"), there("10:00-12:30")))
    who = {n: pk for n, pk in everybody(run).items() if n < 2}
    assert imports_marks.mark_register(run, report, who, by=trainer) == 3
    made = Mark.objects.filter(session__run=run)
    assert {(m.booking.person.name, m.kind, m.minutes_missed) for m in made} == {
        ("Ann", "present", 0),
        ("Bob", "late", 30),
        ("Cat", "absent", 0),
    }
    assert {m.marked_by for m in made} == {trainer}
    event = Event.objects.get(action="register.imported")
    kept = ImportedReport.objects.get()
    assert (event.by_person, event.now) == (trainer.pk, {"marks": 3, "report": kept.pk})
    assert [booking for booking, _, _ in kept.there] == [*who.values()]
    assert imports_marks.mark_register(run, report, who, by=trainer) == 0


def test_who_is_not_in_the_report_may_be_left_unmarked(trainer):
    run = dated("09:30-12:30")
    BookingFactory(run=run, person__name="Bob")
    report = MeetingReport((there("09:30-12:30"),))
    who = {0: run.bookings.get(person__name="Ann").pk}
    imports_marks.mark_register(run, report, who, absent=False, by=trainer)
    assert [m.booking.person.name for m in Mark.objects.all()] == ["Ann"]


def test_a_mark_made_by_hand_stays_unless_it_is_ticked_and_still_the_same(trainer):
    run = dated("09:30-12:30")
    ann = run.bookings.get()
    by_hand = MarkFactory(booking=ann, kind="apologies")
    report, who = MeetingReport((there("09:30-12:30"),)), {0: ann.pk}
    imports_marks.mark_register(run, report, who, by=trainer)
    assert Mark.objects.get().kind == "apologies"
    [proposal] = imports_marks.foresee(run, report, who)
    assert (proposal.is_new, proposal.is_same, proposal.is_other) == (False, False, True)
    register.mark(by_hand.session, {ann.pk: Attendance("late", 10)}, by=trainer)
    imports_marks.mark_register(run, report, who, over=[proposal.key], by=trainer)
    assert Mark.objects.get().kind == "late"
    [proposal] = imports_marks.foresee(run, report, who)
    imports_marks.mark_register(run, report, who, over=[proposal.key], by=trainer)
    assert Mark.objects.get().kind == "present"


def test_after_signing_off_nothing_is_marked_or_remembered_without_a_reason(trainer):
    run = dated("09:30-12:30")
    ann = run.bookings.get()
    register.close(run, by=trainer)
    report = MeetingReport((Attendee("Annie from Health", "", (stay("09:30-12:30"),)),))
    with pytest.raises(RegisterRefused, match="Say why the register is corrected"):
        imports_marks.mark_register(run, report, {0: ann.pk}, by=trainer)
    assert Mark.objects.get().is_automatic
    assert not MeetingAlias.objects.exists()
    assert not Event.objects.filter(action="register.imported").exists()


def test_after_signing_off_a_report_of_two_sessions_is_one_correction(trainer):
    run = dated("09:30-12:30", "13:30-15:30")
    ann, bob = run.bookings.get(), BookingFactory(run=run, person__name="Bob")
    for session in run.sessions.all():
        MarkFactory(booking=bob, session=session)
    register.close(run, by=trainer)
    assert set(Completion.objects.valid().values_list("person__name", flat=True)) == {"Bob"}
    report = MeetingReport((there("09:30-15:30"), there("09:30-10:00")))
    who = {0: ann.pk, 1: bob.pk}
    over = [each.key for each in imports_marks.foresee(run, report, who) if each.is_other]
    because = "The report came late"
    changed = imports_marks.mark_register(run, report, who, over=over, reason=because, by=trainer)
    assert changed == 4
    assert set(Completion.objects.valid().values_list("person__name", flat=True)) == {"Ann"}
    assert Mail.objects.filter(template="completion_withdrawn").count() == 1
    assert Event.objects.filter(action="register.corrected").count() == 2
    # Importing the report again is idempotent and sends no mail.
    assert imports_marks.mark_register(run, report, who, reason=because, by=trainer) == 0
    assert Mail.objects.filter(template="completion_withdrawn").count() == 1


def test_who_gave_up_the_place_meanwhile_is_not_marked(trainer):
    run = dated("09:30-12:30")
    ann = run.bookings.get()
    Booking.objects.filter(pk=ann.pk).update(state="withdrawn", holds_place=False)
    report = MeetingReport((there("09:30-12:30"),))
    assert imports_marks.mark_register(run, report, {0: ann.pk}, by=trainer) == 0


# Two reports of one session


FIRST, SECOND = ["10:00-10:50"], ["10:55-12:00"]


def imported(run, *reports, by, **more):
    """Import reports of Ann one after the other; return her mark."""
    for attendee in reports:
        imports_marks.mark_register(
            run, MeetingReport((attendee,)), {0: run.bookings.get().pk}, by=by, **more
        )
    return dict(marks(run))["Ann"]


@pytest.mark.parametrize(
    ("reports", "mark"),
    [
        ([there(*FIRST)], "left_early 70"),
        ([there(*FIRST), there(*SECOND)], "present"),
        ([there(*SECOND), there(*FIRST)], "present"),
        ([there(*FIRST), there("10:30-11:30")], "left_early 30"),  # time in both counts once
        ([there(*FIRST), there(*FIRST)], "left_early 70"),  # the same report again
        ([there("10:00-10:40"), there("10:40-11:20"), there("11:20-12:00")], "present"),
        ([there("10:00-10:40"), there("11:00-12:00")], "left_early 20"),
        ([there(minutes=50), there(minutes=65)], "present"),
        ([there(minutes=50), there(minutes=50)], "left_early 70"),
        ([there(*FIRST), there(minutes=65)], "present"),
        ([there(*FIRST), there(minutes=30)], "left_early 40"),
        ([there(minutes=100), there(minutes=90)], "present"),  # never more than the session
    ],
)
def test_reports_of_one_session_add_up(trainer, reports, mark):
    assert imported(dated("10:00-12:00"), *reports, by=trainer) == mark


def test_who_was_in_one_report_of_two_keeps_that_time(trainer):
    run = dated("10:00-12:00")
    ann, bob = run.bookings.get(), BookingFactory(run=run, person__name="Bob")
    for stays, booking in ((FIRST, ann), (SECOND, bob)):
        report = MeetingReport((there(*stays),))
        imports_marks.mark_register(run, report, {0: booking.pk}, by=trainer)
    assert dict(marks(run)) == {"Ann": "left_early 70", "Bob": "late 55"}


def test_a_mark_changed_by_hand_after_a_report_is_kept_from_the_next(trainer):
    run = dated("10:00-12:00")
    imported(run, there(*FIRST), by=trainer)
    by_hand = {run.bookings.get().pk: Attendance("late", 10)}
    register.mark(run.sessions.get(), by_hand, by=trainer)
    assert imported(run, there(*SECOND), by=trainer) == "late 10"


def test_two_reports_add_up_after_signing_off(trainer):
    run = dated("10:00-12:00")
    register.close(run, by=trainer)
    both = [there(*FIRST), there(*SECOND)]
    assert imported(run, *both, by=trainer, reason="Two reports") == "present"
    assert Completion.objects.valid().count() == 1


def test_another_session_does_not_add_up(trainer):
    run = dated("10:00-12:00", "13:00-15:00")
    ann = run.bookings.get()
    for stays in (["10:00-11:00"], ["13:00-15:00"]):
        report = MeetingReport((there(*stays),))
        imports_marks.mark_register(run, report, {0: ann.pk}, by=trainer)
    assert [mark for _, mark in marks(run)] == ["left_early 60", "present"]


def test_a_report_that_was_read_in_the_wrong_time_zone_counts_as_it_is_read_last(trainer):
    run = dated("10:00-12:00")
    content = b"Name,Join Time,Leave Time\nAnn,2026-10-14 10:00,2026-10-14 11:00\n"
    found = []
    for zone in ("UTC", "Europe/London"):
        report = reports.parse(content, ZoneInfo(zone), {dt.date(2026, 10, 14)})
        imports_marks.mark_register(run, report, {0: run.bookings.get().pk}, by=trainer)
        found += [mark for _, mark in marks(run)]
    assert found == ["late 60", "left_early 60"]


def test_a_report_that_was_kept_by_what_it_says_is_known_again(trainer):
    run = dated("10:00-12:00")
    of_before = there(minutes=60)
    assert imported(run, of_before, by=trainer) == "left_early 60"
    written = replace(MeetingReport((of_before,)), digest="of what is written")
    imports_marks.mark_register(run, written, {0: run.bookings.get().pk}, by=trainer)
    assert [mark for _, mark in marks(run)] == ["left_early 60"]


def test_a_report_that_is_matched_anew_adds_up_as_it_was_matched_last(trainer):
    run = dated("10:00-12:00")
    ann, bob = run.bookings.get(), BookingFactory(run=run, person__name="Bob")
    first, second = (MeetingReport((there(*stays),)) for stays in (FIRST, SECOND))
    for report, booking in ((first, ann), (first, bob), (second, ann)):
        imports_marks.mark_register(run, report, {0: booking.pk}, by=trainer)
    assert dict(marks(run)) == {"Ann": "late 55", "Bob": "left_early 70"}
