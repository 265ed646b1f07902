"""Test the deadlines for deciding and for free cancellation: weekends, bank holidays, moves."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courses.booking import booking
from courses.models import BookingPolicy, Charge
from courses.rules import charging, deadlines
from courses.rules.policy import change as change_policy
from courses.scheduling import scheduling
from lms import working_days
from lms.models import Mail
from tests.factories import BookingFactory, PostFactory, RunFactory
from tests.filling import filled_form

LONDON = timezone.get_default_timezone()


def at(day, time):
    return dt.datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("day", "days", "then"),
    [
        ("2026-11-20", 1, "2026-11-23"),  # over a weekend
        ("2026-12-24", 1, "2026-12-29"),  # Christmas, and Boxing Day on the Monday after it
        ("2027-03-25", 2, "2027-03-31"),  # Good Friday and Easter Monday
        ("2026-11-23", -1, "2026-11-20"),
        ("2026-11-25", 5, "2026-12-02"),
        ("2026-11-25", 0, "2026-11-25"),
    ],
)
def test_working_days_pass_over_weekends_and_bank_holidays(day, days, then):
    day, then = dt.date.fromisoformat(day), dt.date.fromisoformat(then)
    assert working_days.later(day, days) == then


@pytest.mark.parametrize(
    ("now", "hours", "then"),
    [
        (("2026-11-25", "09:00"), 4, ("2026-11-25", "13:00")),
        (("2026-11-25", "16:00"), 4, ("2026-11-26", "10:00")),
        (("2026-11-27", "17:00"), 4, ("2026-11-30", "11:00")),
        (("2026-11-28", "12:00"), 4, ("2026-11-30", "12:00")),
        (("2026-12-24", "15:00"), 4, ("2026-12-29", "09:00")),
        (("2026-11-25", "06:00"), 10, ("2026-11-25", "18:00")),
    ],
)
def test_working_hours_pass_between_eight_and_six(now, hours, then):
    assert working_days.hours_later(at(*now), hours) == at(*then)


def test_five_working_days_keep_the_time_of_day_over_a_clock_change():
    moment = at("2027-03-25", "10:00")
    assert working_days.moment_later(moment, 5) == at("2027-04-05", "10:00")


# No deadline: Hypothesis would measure how busy the machine is, not the code.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(now=st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2028, 1, 1)), days=st.integers(1, 9))
def test_nobody_is_late_before_all_of_their_working_days_have_passed(now, days):
    now = now.replace(tzinfo=dt.UTC)
    asked_at = working_days.moment_later(now, -days)
    assert working_days.moment_later(asked_at, days) <= now


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("starts", "free_until"),
    [
        (("2026-11-26", "09:30"), ("2026-11-24", "00:00")),
        (("2026-11-26", "18:00"), ("2026-11-24", "00:00")),
        (("2027-03-29", "09:30"), ("2027-03-27", "00:00")),  # over the clock change of 28 March
    ],
)
def test_cancelling_is_free_to_the_end_of_the_third_day_before(starts, free_until):
    run = RunFactory(starts_at=at(*starts))
    assert deadlines.free_until(run) == at(*free_until)
    with time_machine.travel(at(*free_until) - dt.timedelta(seconds=1), tick=False):
        assert not deadlines.costs_now(run)
    with time_machine.travel(at(*free_until), tick=False):
        assert deadlines.costs_now(run)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("now", "starts", "ends"),
    [
        # 5pm of the second working day while the date is far, whatever the hour ...
        (("2026-11-23", "10:00"), ("2026-12-14", "09:30"), ("2026-11-25", "17:00")),
        (("2026-11-23", "02:18"), ("2026-12-14", "09:30"), ("2026-11-25", "17:00")),
        (("2026-11-23", "23:59"), ("2026-12-14", "09:30"), ("2026-11-25", "17:00")),
        # ... over a weekend, over Christmas and over a clock change too.
        (("2026-11-27", "17:00"), ("2026-12-14", "09:30"), ("2026-12-01", "17:00")),
        (("2026-12-24", "10:00"), ("2027-01-29", "09:30"), ("2026-12-30", "17:00")),
        (("2027-03-26", "10:00"), ("2027-05-14", "09:30"), ("2027-03-31", "17:00")),
        # The last 5pm of a working day in half of the time left when it is near.
        (("2026-11-23", "09:30"), ("2026-11-25", "09:30"), ("2026-11-23", "17:00")),
        (("2026-11-27", "09:30"), ("2026-12-01", "09:30"), ("2026-11-27", "17:00")),
        # Never under 4 hours of a working day: not away over a night or a weekend ...
        (("2026-11-23", "14:07"), ("2026-11-24", "20:00"), ("2026-11-24", "08:15")),
        # ... nor at noon for an afternoon's decision ...
        (("2026-11-25", "08:00"), ("2026-11-25", "14:00"), ("2026-11-25", "12:00")),
        # ... but the beginning of the date ends it in any case.
        (("2026-11-27", "17:00"), ("2026-11-30", "09:30"), ("2026-11-30", "09:30")),
    ],
)
def test_an_offer_lasts_until_5pm_of_the_second_working_day_or_less(now, starts, ends):
    run = RunFactory(starts_at=at(*starts))
    with time_machine.travel(at(*now), tick=False):
        assert deadlines.offer_ends(run) == at(*ends)


@pytest.mark.django_db
def test_the_board_decides_its_own_deadlines():
    run = RunFactory(starts_at=at("2026-12-14", "09:30"))
    policy = BookingPolicy.load()
    policy.free_until_days, policy.offer_days, policy.approval_days = 7, 1, 1
    policy.offer_until = dt.time(16)
    policy.save()
    with time_machine.travel(at("2026-11-23", "10:00"), tick=False):
        assert deadlines.free_until(run) == at("2026-12-08", "00:00")
        assert deadlines.offer_ends(run) == at("2026-11-24", "16:00")
        assert deadlines.hold_ends() == at("2026-11-24", "16:00")


@pytest.mark.django_db
def test_who_was_asked_by_the_cut_off_is_who_can_answer_no_more():
    moments = [
        at(f"2026-12-{day}", time)
        for day in range(15, 32)  # Over Christmas and a weekend.
        for time in ("00:00", "08:59", "16:59", "17:00", "23:59")
    ]
    assert deadlines.answer_ends(at("2026-12-18", "02:18")) == at("2026-12-29", "17:00")
    for now in moments:
        with time_machine.travel(now, tick=False):
            cut_off = deadlines.asked_by()
        for asked_at in moments:
            assert (asked_at <= cut_off) == (deadlines.answer_ends(asked_at) <= now), (
                asked_at,
                now,
            )


def moved(to):
    """Book a full-day run, move it to `to`; return (run, booking, text of the mail about it)."""
    run, person = RunFactory(starts_at=at("2026-12-14", "09:30")), PostFactory().person
    booked = booking.request_place(run, person, by=person)
    was = scheduling.times_of(run)
    run.sessions.update(starts_at=at(to, "09:30"), ends_at=at(to, "16:30"))
    run = scheduling.settle_dates(run, by="OFFICE", was=was)
    return run, booked, Mail.objects.get(template="run_moved").text


@pytest.mark.django_db
def test_who_is_booked_on_a_date_that_is_moved_can_cancel_free_for_two_working_days():
    with time_machine.travel(at("2026-11-27", "12:00"), tick=False):
        run, booked, told = moved("2026-12-02")
        # Moved on Friday, so free until the end of Tuesday; unmoved it would cost already.
        assert deadlines.free_until(run) == at("2026-12-02", "00:00")
    assert "Cancelling is free until the end of Tuesday 1 December 2026." in told
    with time_machine.travel(at("2026-12-02", "08:00"), tick=False):
        booking.withdraw(booked, by=booked.person)
    assert Charge.objects.get().kind == "late"


@pytest.mark.django_db
def test_moved_to_tomorrow_it_is_free_until_it_begins():
    with time_machine.travel(at("2026-11-27", "12:00"), tick=False):
        _, booked, told = moved("2026-11-28")
        booking.withdraw(booked, by=booked.person)
    assert "Cancelling is free until the end of Saturday 28 November 2026." in told
    assert not Charge.objects.exists()


@pytest.mark.django_db
def test_a_new_policy_charges_nobody_for_a_day_that_was_free_when_they_were_told(client, office):
    """Lengthen the days in the office's form; a date without bookings has the new day."""
    with time_machine.travel("2027-06-07T08:00:00+00:00", tick=False):
        booked, empty = (RunFactory(starts_at=at("2027-06-21", "09:30:00")) for _ in range(2))
        post = PostFactory()
        made = booking.request_place(booked, post.person, by=post.person)
        was = deadlines.free_until(booked)
        found = BookingPolicy.load()
        page = f"/cms/settings/courses/bookingpolicy/{found.pk}/"
        client.force_login(office)
        fields = filled_form(client.get(page, follow=True).content, having="free_until_days")
        assert client.post(page, fields | {"free_until_days": 10}).status_code == 302
        booked.refresh_from_db()
        assert deadlines.free_until(booked) == was
        assert deadlines.free_until(empty) == at("2027-06-12", "00:00:00")
    with time_machine.travel("2027-06-17T08:00:00+00:00", tick=False):
        booking.withdraw(made, by=post.person)
        assert not Charge.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("policy", "costs", "of_others"),
    [
        ({"day_charge": 100}, 80, 100),
        ({"day_charge": 60}, 60, 60),
        ({"half_day_hours": 7}, 40, 40),
    ],
)
def test_a_new_policy_charges_no_more_than_people_were_told(
    client, office, policy, costs, of_others
):
    """Change the price in the office's form; twice, since what was told first counts."""
    with time_machine.travel("2027-06-07T08:00:00+00:00", tick=False):
        booked, empty = (RunFactory(starts_at=at("2027-06-09", "09:30:00")) for _ in range(2))
        post = PostFactory()
        made = booking.request_place(booked, post.person, by=post.person)
        assert charging.price_of_an_empty_place(booked) == 80
        page = f"/cms/settings/courses/bookingpolicy/{BookingPolicy.load().pk}/"
        client.force_login(office)
        for _ in range(2):
            fields = filled_form(client.get(page, follow=True).content, having="free_until_days")
            assert client.post(page, fields | policy).status_code == 302
        booked.refresh_from_db()
        assert charging.price_of_an_empty_place(booked) == costs
        assert charging.price_of_an_empty_place(empty) == of_others
        booking.withdraw(made, by=post.person, reason="Ill")
        assert Charge.objects.get().amount == costs


@pytest.mark.django_db
def test_who_did_not_come_is_charged_what_they_were_told_after_the_date_too():
    run = RunFactory(starts_at=timezone.now() - dt.timedelta(days=2))
    BookingFactory(run=run)
    changed = BookingPolicy.load()
    changed.day_charge = 100
    change_policy(changed, by="TEST", action="policy.changed")
    run.refresh_from_db()
    assert charging.price_of_an_empty_place(run) == 80
