"""Who came, by agency and by profession? Each figure is counted by hand beside it."""

import datetime as dt

import pytest
from django.utils import timezone

from agencies.models import Agency
from assurance import reports
from assurance.reports import Question, Row
from courses.models import Mark, Run
from tests.factories import (
    AgencyFactory,
    BookingFactory,
    CourseFactory,
    RoleGroupFactory,
    RunFactory,
    SectorFactory,
    in_days,
)

pytestmark = pytest.mark.django_db


def signed_off(days=-10, **run):
    return RunFactory(starts_at=in_days(days), closed_at=in_days(days + 1), **run)


def came(run, agency, kind=Mark.Kind.PRESENT, **booking):
    made = BookingFactory(run=run, agency=agency, **booking)
    for session in run.sessions.all():
        Mark.objects.create(session=session, booking=made, kind=kind, marked_at=timezone.now())
    return made


def the_last_month(**narrower):
    today = timezone.localdate()
    return Question(since=today - dt.timedelta(days=30), until=today, **narrower)


def test_each_agency_is_counted_with_its_own_dates_and_places():
    one, two = signed_off(places=10), signed_off(places=20)
    health, police = AgencyFactory(name="Health"), AgencyFactory(name="Police")
    came(one, health)
    came(two, health, Mark.Kind.LATE)
    came(two, health, Mark.Kind.APOLOGIES)
    came(two, police, Mark.Kind.ABSENT)
    BookingFactory(run=two, agency=police, state="waiting")
    BookingFactory(run=two, agency=police, state="withdrawn")
    assert reports.attendance_by_agency(the_last_month()) == [
        Row("Health", runs=2, places=30, booked=3, attended=2, apologies=1),
        Row("Police", runs=1, places=20, booked=1, attended=0, apologies=0),
    ]
    everybody = reports.attendance_in_all(the_last_month())
    assert everybody == Row("All", runs=2, places=30, booked=4, attended=2, apologies=1)
    assert (everybody.absent, everybody.attendance_rate, everybody.fill_rate) == (1, 0.5, 4 / 30)


def test_two_sessions_of_one_booking_are_one_attendance():
    run = RunFactory(
        sessions=[(in_days(-3), in_days(-3, "12:00")), (in_days(-2), in_days(-2, "12:00"))],
        closed_at=timezone.now(),
    )
    made = came(run, AgencyFactory(name="Health"))
    Mark.objects.filter(booking=made).order_by("pk").last().delete()
    assert reports.attendance_in_all(the_last_month()).attended == 1


def test_a_date_that_is_not_signed_off_is_left_out_and_said():
    run = RunFactory(starts_at=in_days(-3))
    came(run, AgencyFactory())
    question = the_last_month()
    assert reports.attendance_by_agency(question) == []
    assert reports.attendance_in_all(question) == Row("All", 0, 0, 0, 0, 0)
    assert reports.attendance_in_all(question).attendance_rate is None
    assert reports.dates_left_out(question) == 1


def test_a_cancelled_date_is_not_counted_at_all():
    run = signed_off()
    Run.objects.filter(pk=run.pk).update(cancelled_at=timezone.now())
    assert reports.dates_left_out(the_last_month()) == 0
    assert reports.attendance_in_all(the_last_month()).runs == 0


def test_no_limit_of_places_gives_no_share():
    came(signed_off(places=None), AgencyFactory(name="Health"))
    [row] = reports.attendance_by_agency(the_last_month())
    assert (row.places, row.fill_rate, row.attendance_rate) == (0, None, 1.0)


def test_a_merged_agency_is_counted_under_the_one_it_became():
    old, new = AgencyFactory(name="Old Street Surgery"), AgencyFactory(name="Harbour Practice")
    run = signed_off()
    came(run, old)
    came(run, new)
    Agency.objects.filter(pk=old.pk).update(merged_into=new)
    assert [
        (r.name, r.runs, r.places, r.booked) for r in reports.attendance_by_agency(the_last_month())
    ] == [("Harbour Practice", 1, 10, 2)]


def test_professions_are_counted_as_they_were_and_not_given_is_said():
    run, agency = signed_off(), AgencyFactory()
    came(run, agency, role_group=RoleGroupFactory(name="Police"))
    came(run, agency, Mark.Kind.ABSENT, role_group=RoleGroupFactory(name="Police"))
    came(run, agency, role_group=None)
    assert {
        (r.name, r.booked, r.attended) for r in reports.attendance_by_profession(the_last_month())
    } == {
        ("Police", 2, 1),
        ("Profession not given", 1, 1),
    }


def test_the_period_the_course_and_the_sector_narrow_what_is_counted():
    schools = SectorFactory(name="Schools")
    course, agency = CourseFactory(), AgencyFactory(sector=schools)
    came(signed_off(course=course), agency)
    came(signed_off(), AgencyFactory())
    came(signed_off(days=-45, course=course), agency)
    assert reports.attendance_in_all(the_last_month()).booked == 2
    assert reports.attendance_in_all(the_last_month(course=course)).booked == 1
    assert reports.attendance_in_all(the_last_month(sector=schools)).booked == 1


def test_both_days_of_the_period_are_counted_in_london():
    day = timezone.localdate() - dt.timedelta(days=5)
    came(signed_off(days=-5), AgencyFactory())
    assert reports.attendance_in_all(Question(since=day, until=day)).booked == 1
    before = day - dt.timedelta(days=1)
    assert reports.attendance_in_all(Question(since=before, until=before)).booked == 0


def test_the_number_of_queries_is_the_same_for_one_agency_and_for_three(django_assert_num_queries):
    for number in (1, 3):
        for _ in range(number):
            came(signed_off(), AgencyFactory())
        with django_assert_num_queries(2):
            reports.attendance_by_agency(the_last_month())
