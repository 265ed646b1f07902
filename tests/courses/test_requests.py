"""Test booking requests: the place held, approval, refusal and expiry."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from courses.booking import booking, expiry, nightly_checks
from courses.booking.booking import BookingRefused
from courses.models import Booking, Run
from courses.scheduling import scheduling
from lms.models import ActionLink, Mail
from tests.factories import BookingFactory, PostFactory, RunFactory

pytestmark = pytest.mark.django_db
# A Monday morning, with no bank holiday near.
MONDAY = "2027-06-07T08:00:00+00:00"
HALF_AN_HOUR = dt.timedelta(minutes=30)


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(MONDAY, tick=False) as now:
        yield now


def asks(run, **post):
    person = PostFactory(**post).person
    return booking.request_place(run, person, by=person)


def with_manager(run):
    """Request a place with a confirmed line manager."""
    return asks(
        run, line_manager_email="boss@example.net", line_manager_confirmed_at=timezone.now()
    )


def now_is(made):
    return Booking.objects.get(pk=made.pk)


def counts(run):
    held = Booking.objects.filter(run=run, holds_place=True).count()
    return Run.objects.get(pk=run.pk).taken, held, nightly_checks.runs_miscounted()


def written_to(made):
    return list(
        Mail.objects.filter(to=made.person.email).order_by("pk").values_list("template", flat=True)
    )


def time_passes():
    """Run the periodic jobs until they have nothing left to do."""
    for job in (expiry.pursue_requests, expiry.lapse_offers, expiry.release_reserves):
        while job():
            pass


def test_a_request_holds_its_place_and_is_confirmed_when_approved():
    run = RunFactory(places=1, asks_approval=True)
    made = asks(run)
    assert (made.state, made.holds_place, counts(run)) == ("requested", True, (1, 1, []))
    for _ in range(2):
        assert booking.approve(made, by="OFFICE").state == "confirmed"
    assert counts(run) == (1, 1, [])
    assert written_to(made) == ["booking_requested", "booking_confirmed"]


def test_a_request_on_a_full_date_keeps_its_turn_and_waits_when_approved():
    run = RunFactory(places=0, asks_approval=True)
    first, second = asks(run), asks(run)
    assert (first.state, first.holds_place) == ("requested", False)
    assert [booking.approve(b, by="OFFICE").state for b in (second, first)] == ["waiting"] * 2
    assert list(Booking.objects.in_queue_order()) == [first, second]


def test_a_freed_place_is_held_for_the_request_whose_turn_it_is():
    run = RunFactory(places=1, asks_approval=True)
    holder, first, second = asks(run), asks(run), asks(run)
    booking.approve(second, by="OFFICE")
    booking.withdraw(holder, by=holder.person)
    assert [(b.state, b.holds_place) for b in map(now_is, (first, second))] == [
        ("requested", True),
        ("waiting", False),
    ]
    assert booking.approve(first, by="OFFICE").state == "confirmed"
    assert counts(run) == (1, 1, [])


def test_raising_the_places_approves_nobody():
    run = RunFactory(places=0, asks_approval=True)
    made = asks(run)
    scheduling.change(run, places=5, by="OFFICE")
    assert (now_is(made).state, now_is(made).holds_place) == ("requested", True)


def test_approving_many_never_oversells_and_each_has_its_own_result():
    run = RunFactory(places=2, asks_approval=True)
    made = [asks(run) for _ in range(4)]
    assert [booking.approve(b, by="OFFICE").state for b in made] == [
        "confirmed", "confirmed", "waiting", "waiting",
    ]  # fmt: skip
    assert counts(run) == (2, 2, [])


def test_after_five_working_days_the_place_goes_to_the_next_and_the_turn_is_kept(monday):
    run = RunFactory(places=1, asks_approval=True)
    made, waits = with_manager(run), asks(run, agency__name="Another")
    booking.approve(waits, by="OFFICE")
    monday.shift(dt.timedelta(days=7, hours=8))
    time_passes()
    assert (now_is(made).state, now_is(made).holds_place) == ("requested", False)
    assert now_is(waits).state == "confirmed"
    assert now_is(made).approver_email != "boss@example.net"
    assert booking.approve(made, by="OFFICE").state == "waiting"
    assert counts(run) == (1, 1, [])


def test_whom_nobody_answers_is_told_that_the_request_has_lapsed(monday):
    run = RunFactory(asks_approval=True)
    made = with_manager(run)
    for days, hours in ((2, 0), (5, 8), (7, 0)):
        monday.shift(dt.timedelta(days=days, hours=hours))
        time_passes()
    assert now_is(made).state == "lapsed"
    assert written_to(made) == ["booking_requested", "request_lapsed"]
    assert counts(run) == (0, 0, [])
    assert not ActionLink.objects.filter(used_at=None, expires_at__gt=timezone.now()).exists()


def test_a_request_lapses_when_its_date_begins(monday):
    run = RunFactory(asks_approval=True, starts_at=timezone.now() + HALF_AN_HOUR)
    made = asks(run)
    monday.shift(HALF_AN_HOUR)
    with pytest.raises(BookingRefused, match="too late to decide"):
        booking.approve(made, by="OFFICE")
    time_passes()
    assert now_is(made).state == "lapsed"


def test_refusing_needs_a_reason_and_frees_the_place():
    run = RunFactory(places=1, asks_approval=True)
    made, waits = asks(run), asks(run)
    booking.approve(waits, by="OFFICE")
    with pytest.raises(BookingRefused, match="Say why not"):
        booking.refuse(made, by="OFFICE", reason=" ")
    for _ in range(2):
        assert booking.refuse(made, by="OFFICE", reason="Too busy").state == "refused"
    assert now_is(waits).state == "confirmed"
    assert "Too busy" in Mail.objects.get(template="booking_refused").text
    with pytest.raises(BookingRefused, match="decided or withdrawn: it is now ‘not approved’"):
        booking.approve(made, by="OFFICE")


def test_nobody_decides_about_themself():
    made = asks(RunFactory(asks_approval=True), is_lead=True)
    for decide in (booking.approve, lambda b, by: booking.refuse(b, by=by, reason="No")):
        with pytest.raises(BookingRefused, match="Somebody else must decide"):
            decide(made, by=made.person)


def test_a_lead_who_books_a_colleague_has_agreed():
    lead = PostFactory(is_lead=True)
    colleague = PostFactory(agency=lead.agency).person
    made = booking.request_place(RunFactory(asks_approval=True), colleague, by=lead.person)
    assert made.state == "confirmed"


def test_what_was_withdrawn_meanwhile_cannot_be_approved():
    made = asks(RunFactory(asks_approval=True))
    booking.withdraw(made, by=made.person)
    with pytest.raises(BookingRefused, match="it is now ‘cancelled’"):
        booking.approve(made, by="OFFICE")


def test_what_was_never_a_request_cannot_be_approved():
    with pytest.raises(BookingRefused, match="it is now ‘on the waiting list’"):
        booking.approve(BookingFactory(state="waiting"), by="OFFICE")
