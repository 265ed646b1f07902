"""Test attendance figures by agency and profession, each counted by hand beside it."""

import datetime as dt
from itertools import pairwise

import pytest
from django.utils import timezone

from agencies.models import Agency
from assurance.reports import attendance
from assurance.reports.attendance import Attendance, Question
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


def booked_in_all(question):
    return attendance.attendance(question).everybody.booked


def the_last_month(**narrower):
    today = timezone.localdate()
    return Question(since=today - dt.timedelta(days=30), until=today, **narrower)


def test_each_agency_is_counted_with_its_own_dates():
    one, two = signed_off(places=10), signed_off(places=20)
    health, police = AgencyFactory(name="Health"), AgencyFactory(name="Police")
    came(one, health)
    came(two, health, Mark.Kind.LATE)
    came(two, health, Mark.Kind.APOLOGIES)
    came(two, police, Mark.Kind.ABSENT)
    BookingFactory(run=two, agency=police, state="waiting")
    BookingFactory(run=two, agency=police, state="withdrawn")
    found = attendance.attendance(the_last_month())
    assert found.agencies == [
        Attendance("Health", runs=2, booked=3, attended=2, apologies=1),
        Attendance("Police", runs=1, booked=1, attended=0, apologies=0),
    ]
    everybody = found.everybody
    assert everybody == Attendance("All", runs=2, booked=4, attended=2, apologies=1)
    assert (everybody.absent, everybody.attendance_rate) == (1, 0.5)
    assert (found.filling.places, found.filling.rate) == (30, 4 / 30)


def test_two_sessions_of_one_booking_are_one_attendance():
    run = RunFactory(
        sessions=[(in_days(-3), in_days(-3, "12:00")), (in_days(-2), in_days(-2, "12:00"))],
        closed_at=timezone.now(),
    )
    made = came(run, AgencyFactory(name="Health"))
    Mark.objects.filter(booking=made).order_by("pk").last().delete()
    assert attendance.attendance(the_last_month()).everybody.attended == 1


def test_who_came_to_one_session_and_sent_apologies_for_another_came():
    run = RunFactory(
        sessions=[(in_days(-3), in_days(-3, "12:00")), (in_days(-2), in_days(-2, "12:00"))],
        closed_at=timezone.now(),
    )
    made = came(run, AgencyFactory(name="Health"))
    last = Mark.objects.filter(booking=made).order_by("pk").last()
    Mark.objects.filter(pk=last.pk).update(kind=Mark.Kind.APOLOGIES)
    came(run, made.agency, Mark.Kind.APOLOGIES)
    [row] = attendance.attendance(the_last_month()).agencies
    assert row == Attendance("Health", runs=1, booked=2, attended=1, apologies=1)


def test_a_date_that_is_not_signed_off_is_left_out_and_said():
    run = RunFactory(starts_at=in_days(-3))
    came(run, AgencyFactory())
    found = attendance.attendance(the_last_month())
    assert found.agencies == []
    assert found.everybody == Attendance("All", 0, 0, 0, 0)
    assert found.everybody.attendance_rate is None
    assert found.left_out == 1


def test_a_cancelled_date_is_not_counted_at_all():
    run = signed_off()
    Run.objects.filter(pk=run.pk).update(cancelled_at=timezone.now())
    found = attendance.attendance(the_last_month())
    assert (found.left_out, found.everybody.runs) == (0, 0)


def test_no_limit_of_places_gives_no_share():
    came(signed_off(places=None), AgencyFactory(name="Health"))
    found = attendance.attendance(the_last_month())
    assert (found.filling.places, found.filling.rate) == (0, None)
    assert found.agencies[0].attendance_rate == 1.0


def test_agencies_that_were_merged_are_counted_under_the_one_they_became_at_any_depth():
    names = ["Old Street Surgery", "Harbour Practice", "Island Group", "Solent Practices"]
    chain = [AgencyFactory(name=name) for name in names]
    run = signed_off()
    for agency in chain:
        came(run, agency)
    for agency, into in pairwise(chain):
        Agency.objects.filter(pk=agency.pk).update(merged_into=into)
    found = attendance.attendance(the_last_month())
    assert found.agencies == [Attendance("Solent Practices", runs=1, booked=4, attended=4)]
    assert found.sent_nobody == []


def test_an_agency_of_a_circle_of_mergers_is_counted_once():
    one, two = AgencyFactory(name="One"), AgencyFactory(name="Two")
    came(signed_off(), one)
    Agency.objects.filter(pk=one.pk).update(merged_into=two)
    Agency.objects.filter(pk=two.pk).update(merged_into=one)
    found = attendance.attendance(the_last_month())
    assert [row.name for row in found.agencies] == ["One"]
    assert [row.name for row in found.sent_nobody] == ["Two"]


def test_agencies_without_a_booking_are_named_those_of_the_sector_alone_if_one_is_chosen():
    health, schools = SectorFactory(name="Health"), SectorFactory(name="Schools")
    came(signed_off(), AgencyFactory(name="Solent", sector=health))
    waits = BookingFactory(run=signed_off(), state="waiting", agency__sector=health)
    AgencyFactory(name="Abbey School", sector=schools)
    AgencyFactory(name="abbot School", sector=schools)
    AgencyFactory(name="Closed School", sector=schools, merged_into=waits.agency)

    def named(**narrower):
        found = attendance.attendance(the_last_month(**narrower))
        return [row.name for row in found.sent_nobody]

    assert sorted(named()) == sorted(["Abbey School", "abbot School", waits.agency.name])
    assert named(sector=schools) == ["Abbey School", "abbot School"]
    assert named(sector=health) == [waits.agency.name]


def test_a_merged_agency_is_of_the_sector_of_the_one_it_became():
    health, schools = SectorFactory(name="Health"), SectorFactory(name="Schools")
    college = AgencyFactory(name="College", sector=schools)
    came(signed_off(), AgencyFactory(name="Nursing School", sector=health, merged_into=college))
    assert attendance.attendance(the_last_month(sector=health)).agencies == []
    [row] = attendance.attendance(the_last_month(sector=schools)).agencies
    assert (row.name, row.booked) == ("College", 1)


def test_with_a_sector_nothing_is_said_about_how_full_the_dates_were():
    agency = AgencyFactory()
    came(signed_off(), agency)
    assert attendance.attendance(the_last_month(sector=agency.sector)).filling is None


def test_professions_are_counted_as_they_were_and_not_given_is_said():
    run, agency = signed_off(), AgencyFactory()
    came(run, agency, role_group=RoleGroupFactory(name="Police"))
    came(run, agency, Mark.Kind.ABSENT, role_group=RoleGroupFactory(name="Police"))
    came(run, agency, role_group=None)
    assert {
        (r.name, r.booked, r.attended) for r in attendance.attendance(the_last_month()).professions
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
    assert booked_in_all(the_last_month()) == 2
    assert booked_in_all(the_last_month(course=course)) == 1
    assert booked_in_all(the_last_month(sector=schools)) == 1


def test_both_days_of_the_period_are_counted_in_london():
    day = timezone.localdate() - dt.timedelta(days=5)
    came(signed_off(days=-5), AgencyFactory())
    assert booked_in_all(Question(since=day, until=day)) == 1
    before = day - dt.timedelta(days=1)
    assert booked_in_all(Question(since=before, until=before)) == 0


def test_the_number_of_queries_is_the_same_for_3_agencies_and_for_30(django_assert_num_queries):
    for number in (3, 27):
        for _ in range(number):
            came(signed_off(), AgencyFactory(), role_group=RoleGroupFactory())
            AgencyFactory()
        with django_assert_num_queries(5):
            attendance.attendance(the_last_month())
