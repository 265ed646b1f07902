"""Test that reminders are sent once, on time and with the run's current details."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from courses.booking import booking
from courses.models import Booking, Reminder, Run
from courses.notices import notices
from courses.scheduling import reminders as scheduling_reminders
from courses.scheduling import scheduling
from lms.mail import outbox
from lms.models import Mail
from tests.factories import BookingFactory, MailFactory, PersonFactory, RunFactory, VenueFactory

pytestmark = pytest.mark.django_db
LONDON = timezone.get_default_timezone()


def at(day, hour=9, minute=30):
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time(hour, minute), LONDON)


def booked(starts_at, **facts):
    """Create a booking confirmed 60 days before the run."""
    long_ago = starts_at - dt.timedelta(days=60)
    return BookingFactory(
        run__starts_at=starts_at, queued_at=long_ago, confirmed_at=long_ago, **facts
    )


def remind_all():
    while scheduling_reminders.remind():
        pass


def reminded():
    kinds = Mail.objects.filter(template__startswith="reminder_").order_by("pk")
    return list(kinds.values_list("template", "to"))


def hour_by_hour(since, until):
    """Run the reminder job twice an hour; return (local time, template) of each mail."""
    found, moment = [], since
    while moment <= until:
        with time_machine.travel(moment, tick=False):
            before = Mail.objects.count()
            remind_all()
            remind_all()
            new = Mail.objects.order_by("pk")[before:]
            found += [(f"{timezone.localtime():%Y-%m-%d %H:%M}", one.template) for one in new]
        moment = (moment.astimezone(dt.UTC) + dt.timedelta(hours=1)).astimezone(LONDON)
    return found


@pytest.mark.parametrize("day", ["2027-04-02", "2027-11-05", "2027-06-16"])
def test_ten_and_three_days_before_at_nine_whatever_the_clocks_do(day):
    starts_at = at(day)
    booked(starts_at)
    days = [starts_at.date() - dt.timedelta(days=days) for days in (10, 3)]
    # The job runs at half past, as the run starts at half past.
    assert hour_by_hour(starts_at - dt.timedelta(days=12), starts_at) == [
        (f"{days[0]} 09:30", "reminder_first"),
        (f"{days[1]} 09:30", "reminder_second"),
    ]


def test_the_link_goes_48_hours_before_an_online_date():
    starts_at = at("2027-03-29")  # The day after the clocks went forward.
    booked(starts_at, run__venue=None, run__link="https://meet.example.org/x")
    found = hour_by_hour(starts_at - dt.timedelta(days=4), starts_at)
    assert found == [("2027-03-26 09:30", "reminder_second"), ("2027-03-27 08:30", "reminder_link")]
    assert "Join here: https://meet.example.org/x" in Mail.objects.latest("pk").text


def test_who_was_confirmed_after_its_moment_gets_none_of_that_kind():
    late = booked(at("2027-06-16"))
    with time_machine.travel(at("2027-06-07"), tick=False):
        Booking.objects.update(confirmed_at=timezone.now())
        remind_all()
        assert reminded() == []
    with time_machine.travel(at("2027-06-13"), tick=False):
        remind_all()
    assert reminded() == [("reminder_second", late.person.email)]


@pytest.mark.parametrize(
    ("back_on", "sent"),
    [
        ("2027-06-07", ["reminder_first"]),
        ("2027-06-10", []),
        ("2027-06-13", ["reminder_second"]),
        ("2027-06-15", []),
    ],
)
def test_a_moment_that_was_missed_by_days_is_passed_over(back_on, sent):
    booked(at("2027-06-16"))
    with time_machine.travel(at(back_on, 9, 30), tick=False):
        remind_all()
    assert [kind for kind, _ in reminded()] == sent


def test_only_who_has_a_place_and_an_account_on_a_date_that_stands():
    starts_at = at("2027-06-16")
    has_place = booked(starts_at)
    booked(starts_at, state="waiting")
    booked(starts_at, state="withdrawn")
    booked(starts_at, person__is_active=False)
    booked(starts_at, run__cancelled_at=at("2027-06-01"))
    with time_machine.travel(at("2027-06-06"), tick=False):
        remind_all()
    assert reminded() == [("reminder_first", has_place.person.email)]


def test_a_date_that_moves_takes_its_reminders_along():
    place, office = booked(at("2027-06-16")), PersonFactory()
    with time_machine.travel(at("2027-06-06"), tick=False):
        remind_all()
        was = scheduling.times_of(place.run)
        for session in place.run.sessions.all():
            session.starts_at += dt.timedelta(days=20)
            session.ends_at += dt.timedelta(days=20)
            session.save()
        scheduling.settle_dates(Run.objects.get(pk=place.run.pk), was=was, by=office)
        remind_all()
    assert list(Mail.objects.order_by("pk").values_list("template", "state")) == [
        ("reminder_first", "dropped"),
        ("run_moved", "queued"),
    ]
    with time_machine.travel(at("2027-06-26"), tick=False):
        remind_all()
    latest = Mail.objects.latest("pk")
    assert (latest.template, latest.state) == ("reminder_first", "queued")
    assert "Tuesday 6 July 2027, 09:30" in latest.text


def test_reminders_and_offers_that_wait_fall_away_with_the_booking():
    first, second = booked(at("2027-06-16")), booked(at("2027-06-16"))
    office = PersonFactory()
    with time_machine.travel(at("2027-06-06"), tick=False):
        remind_all()
        outbox.deliver_due(limit=1)
        booking.withdraw(second, by=second.person)
        scheduling.cancel(first.run, by=office, reason="Snow.")
    reminders = Mail.objects.filter(template="reminder_first").order_by("pk")
    assert list(reminders.values_list("state", flat=True)) == ["sent", "dropped"]


def test_an_offer_that_waits_falls_away_when_it_is_declined_or_lapses():
    place = booked(at("2027-06-16"))
    of_it = {"about_type": "courses.booking", "about_id": str(place.pk)}
    offer = MailFactory(template="place_offered", **of_it)
    in_hand = MailFactory(template="place_offered", claimed_by="worker", **of_it)
    notices.taken_back([place])
    states = Mail.objects.order_by("pk").values_list("pk", "state")
    assert list(states) == [(offer.pk, "dropped"), (in_hand.pk, "queued")]


def test_of_what_was_sent_before_a_restart_nothing_is_sent_again():
    place = booked(at("2027-06-16"))
    with time_machine.travel(at("2027-06-06"), tick=False):
        remind_all()
        with pytest.raises(ZeroDivisionError):
            mails = Mail.objects.count()
            remind_and_die()
        assert Mail.objects.count() == mails
    assert list(Reminder.objects.values_list("booking", "kind", "for_day")) == [
        (place.pk, "first", dt.date(2027, 6, 16))
    ]


def remind_and_die():
    scheduling_reminders.remind()
    raise ZeroDivisionError


def test_many_are_reminded_with_few_queries_each():
    with time_machine.travel(at("2027-06-06"), tick=False):
        run = RunFactory(starts_at=at("2027-06-16"), places=None)
        long_ago = at("2027-01-01")
        BookingFactory.create_batch(150, run=run, queued_at=long_ago, confirmed_at=long_ago)
        with CaptureQueriesContext(connection) as asked:
            assert scheduling_reminders.remind()
        assert not scheduling_reminders.remind()
    assert len(asked) < 20
    assert len(reminded()) == Reminder.objects.count() == 150


def test_places_of_reminders_are_where_the_date_is():
    booked(at("2027-06-16"), run__venue=VenueFactory(name="The Hall", travel="Bus 3"))
    with time_machine.travel(at("2027-06-13"), tick=False):
        remind_all()
    text = Mail.objects.get().text
    assert "Where: The Hall\n1 Harbour Street" in text and "Getting there: Bus 3" in text
    assert "Join here" not in text
