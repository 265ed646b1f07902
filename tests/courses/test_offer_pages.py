"""Test answering an offer and giving up a booking by the single-use link in a mail."""

import datetime as dt
import re

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from agencies.models import Person
from courses.booking import booking
from courses.models import Booking, Charge
from courses.scheduling import scheduling
from history.models import Event
from lms import links
from lms.models import ActionLink, Mail
from tests.factories import (
    BookingFactory,
    CoursePageFactory,
    PersonFactory,
    PostFactory,
    RunFactory,
    in_days,
)

pytestmark = pytest.mark.django_db
State = Booking.State
NOW = dt.datetime(2027, 6, 1, 9, tzinfo=dt.UTC)


def said(response):
    return " ".join(response.content.decode().split())


def offering(**run):
    """Return (the offered booking, its link's path, the next in the queue)."""
    course = CoursePageFactory(course__title="Neglect", course__code="NEG").course
    date = RunFactory(**{"course": course, "places": 1, "freed_places": "offer"} | run)
    first, second, third = (
        booking.request_place(date, post.person, by=post.person)
        for post in PostFactory.create_batch(3)
    )
    booking.withdraw(first, by=first.person)
    return now(second), address_in("place_offered", "offers"), third


def address_in(template, part):
    """Return the path of the link in the newest email of this template."""
    text = Mail.objects.filter(template=template).order_by("-pk").first().text
    return re.search(rf"(/{part}/[\w-]+/)", text)[1]


def now(made):
    return Booking.objects.get(pk=made.pk)


def state(made):
    return now(made).state


def test_opening_the_link_shows_the_offer_and_changes_nothing(client):
    with time_machine.travel(NOW, tick=False):
        offered, address, _ = offering()
        shift = dt.timedelta(hours=20, minutes=10)
        with time_machine.travel(NOW + shift, tick=False):
            seen, head = client.get(address), client.head(address)
    page = said(seen)
    assert "<strong>1 day and 10 hours left</strong>, until Thursday 3 June, 17:00." in page
    assert "Neglect" in page
    assert "is charged" not in page
    assert ">Accept the place<" in page
    assert head.status_code == 200
    assert seen["Referrer-Policy"] == "same-origin"
    assert "no-store" in seen["Cache-Control"]
    assert state(offered) == State.OFFERED
    assert ActionLink.objects.get(purpose="offer").used_at is None


def test_nobody_is_named_to_who_opens_a_forwarded_link(client):
    offered, address, _ = offering()
    page = said(client.get(address))
    assert offered.person.name not in page
    assert offered.person.email not in page


def test_accepted_without_signing_in_it_is_a_place_once(client):
    offered, address, _ = offering()
    done = client.post(address, {"accept": "yes"})
    again, looked = client.post(address, {"decline": "yes"}), client.get(address)
    assert "The place is yours" in said(done)
    assert state(offered) == State.CONFIRMED
    for page in (again, looked):
        assert "This place is yours" in said(page)
        assert "You’ve accepted this offer" in said(page)
    link = ActionLink.objects.get(purpose="offer")
    assert link.used_at
    assert Event.objects.get(action="booking.offer_accepted").by_process == f"LINK {link.pk}"
    assert Mail.objects.filter(template="booking_confirmed", to=offered.person.email).count() == 1


def test_declined_it_goes_to_the_next(client):
    offered, address, third = offering()
    done = client.post(address, {"decline": "yes"})
    assert "You have declined the place" in said(done)
    assert "It is free for others now." in said(done)
    assert (state(offered), state(third)) == (State.DECLINED, State.OFFERED)
    looked = said(client.get(address))
    assert "You have declined this offer" in looked
    assert 'href="/courses/neg/#dates"' in looked


@pytest.mark.parametrize("answer", [{}, {"accept": "yes", "decline": "yes"}])
def test_without_one_answer_it_is_asked_again(client, answer):
    offered, address, _ = offering()
    assert "Choose one of the two" in said(client.post(address, answer))
    assert state(offered) == State.OFFERED
    assert ActionLink.objects.get(purpose="offer").used_at is None


@pytest.mark.parametrize("has_lapsed", [False, True])
def test_an_offer_whose_time_is_over_says_so(client, has_lapsed):
    offered, address, third = offering()
    if has_lapsed:
        booking.lapse(offered.run, [offered], by="CLOCK")
    else:
        Booking.objects.filter(pk=offered.pk).update(offered_until=timezone.now())
        ActionLink.objects.filter(purpose="offer").update(expires_at=timezone.now())
    for page in (client.get(address), client.post(address, {"accept": "yes"})):
        assert "This offer has expired" in said(page)
        assert "look for another date of the course" in said(page)
    assert state(offered) != State.CONFIRMED


def test_a_date_that_is_cancelled_says_why(client):
    offered, address, _ = offering()
    scheduling.cancel(offered.run, by=PersonFactory(), reason="The trainer is ill.")
    page = said(client.post(address, {"accept": "yes"}))
    assert "This date has been cancelled" in page
    assert "The reason given: The trainer is ill." in page
    assert state(offered) == State.CANCELLED


def test_a_booking_that_was_cancelled_meanwhile_says_so(client):
    offered, address, _ = offering()
    booking.withdraw(offered, by=offered.person)
    assert "This booking is cancelled" in said(client.post(address, {"accept": "yes"}))
    assert state(offered) == State.WITHDRAWN


def test_a_link_that_was_called_off_while_the_offer_stands_sends_to_the_newest_mail(client):
    offered, address, _ = offering()
    links.revoke(offered, "offer")
    page = said(client.post(address, {"accept": "yes"}))
    assert "This link does nothing any more" in page
    assert "use the link in the newest email" in page
    assert state(offered) == State.OFFERED


@pytest.mark.parametrize(
    ("now_is", "heading", "next_step"),
    [
        (State.SUBSTITUTED, "You have given this place to a colleague", "look for another date"),
        (State.REFUSED, "This request was not approved", "We have written to you why."),
        (State.WAITING, "This is no longer an offer", "use the link in the newest email"),
    ],
)
def test_what_became_of_it_is_said_with_what_to_do_next(client, now_is, heading, next_step):
    offered, address, _ = offering()
    Booking.objects.filter(pk=offered.pk).update(
        state=now_is, holds_place=False, offered_until=None
    )
    for page in (client.get(address), client.post(address, {"accept": "yes"})):
        assert heading in said(page) and next_step in said(page)
    assert state(offered) == now_is


def test_an_account_that_was_closed_meanwhile_accepts_nothing(client):
    offered, address, _ = offering()
    Person.objects.filter(pk=offered.person_id).update(is_active=False)
    page = said(client.post(address, {"accept": "yes"}))
    assert "Nothing has changed" in page
    assert "This account is closed, so ask the training office about the place." in page
    assert state(offered) == State.OFFERED
    assert ActionLink.objects.get(purpose="offer").used_at is None


def test_the_charge_is_said_before_the_button_where_cancelling_would_cost(client):
    course = CoursePageFactory(course__code="NEG").course
    run = RunFactory(course=course, places=1, starts_at=in_days(2), freed_places="offer")
    offered = BookingFactory(run=run, state=State.OFFERED, offered_until=in_days(1))
    token = links.create("offer", offered, sent_to="x@example.org", until=in_days(1))
    page = said(client.get(f"/offers/{token}/"))
    charge = page.index("your agency is charged £80. Declining costs nothing.")
    assert charge < page.index("Accept the place")


@pytest.mark.parametrize("path", ["offers", "cancel"])
def test_a_token_that_was_never_sent_is_not_there(client, path):
    offered, address, _ = offering()
    other = links.create("approval", offered, sent_to="x@example.org", until=in_days(1))
    for token in ("x" * 32, other):
        assert client.get(f"/{path}/{token}/").status_code == 404
        assert client.post(f"/{path}/{token}/", {"accept": "yes"}).status_code == 404
    assert state(offered) == State.OFFERED


def test_a_forged_form_is_refused_and_our_own_is_not():
    strict = Client(enforce_csrf_checks=True)
    offered, address, _ = offering()
    assert strict.post(address, {"accept": "yes"}).status_code == 403
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', strict.get(address).text)[1]
    strict.post(address, {"accept": "yes", "csrfmiddlewaretoken": token})
    assert state(offered) == State.CONFIRMED


def test_signed_in_an_offer_is_answered_from_my_learning(client):
    offered, _, third = offering()
    client.force_login(offered.person)
    page = said(client.get("/my/"))
    assert f'action="/my/bookings/{offered.pk}/offer/"' in page
    answered = client.post(f"/my/bookings/{offered.pk}/offer/", {"accept": "yes"}, follow=True)
    assert "Your place is confirmed" in said(answered)
    late = client.post(f"/my/bookings/{offered.pk}/offer/", {"decline": "yes"}, follow=True)
    assert "This is no longer an offer" in said(late)
    assert (state(offered), state(third)) == (State.CONFIRMED, State.WAITING)


@time_machine.travel(NOW)
def test_signed_in_an_offer_is_declined_from_its_page(client):
    offered, _, third = offering()
    client.force_login(offered.person)
    assert "2 days and 6 hours left" in said(client.get(f"/my/bookings/{offered.pk}/"))
    answered = client.post(f"/my/bookings/{offered.pk}/offer/", {"decline": "yes"}, follow=True)
    assert "You declined the place" in said(answered)
    assert (state(offered), state(third)) == (State.DECLINED, State.OFFERED)


def test_an_offer_of_somebody_else_is_not_there(client):
    offered, _, _ = offering()
    client.force_login(PersonFactory())
    assert client.post(f"/my/bookings/{offered.pk}/offer/", {"accept": "y"}).status_code == 404
    assert state(offered) == State.OFFERED


def booked(**run):
    """Return (a confirmed booking without a manager, the path of its cancellation link)."""
    course = CoursePageFactory(course__code="NEG").course
    person = PostFactory().person
    made = booking.request_place(RunFactory(course=course, **run), person, by=person)
    return made, address_in("booking_confirmed", "cancel")


def test_a_place_is_cancelled_from_the_mail_and_not_by_opening_it(client):
    made, address = booked()
    asked = said(client.get(address))
    assert "Do you want to cancel your place?" in asked
    assert "costs your agency" not in asked
    assert client.head(address).status_code == 200
    assert state(made) == State.CONFIRMED
    done = client.post(address)
    assert f"Your place on {made.run.course} is cancelled." in said(done)
    assert "You will not be charged." in said(done)
    assert state(made) == State.WITHDRAWN
    link = ActionLink.objects.get(purpose="cancel")
    assert (link.sent_to, bool(link.used_at)) == (made.person.email, True)
    assert Event.objects.get(action="booking.withdrawn").by_process == f"LINK {link.pk}"
    assert done["Referrer-Policy"] == "same-origin"
    assert "This booking is cancelled" in said(client.post(address))


def test_the_charge_is_said_before_it_is_cancelled_and_after(client):
    made, address = booked(starts_at=in_days(2))
    asked = said(client.get(address))
    warned = asked.index("Cancelling now costs your agency £80.")
    assert warned < asked.index(">Cancel my place</button>")
    assert "your agency is charged £80" in said(client.post(address, {"reason": "Ill"}))
    assert Charge.objects.get().booking == made


def test_a_link_to_cancel_that_was_called_off_sends_to_the_newest_mail(client):
    made, address = booked()
    links.revoke(made, "cancel")
    page = said(client.post(address))
    assert "This link does nothing any more" in page
    assert "use the link in the newest email" in page
    assert state(made) == State.CONFIRMED


def test_a_date_that_has_begun_is_not_cancelled_by_link(client):
    made, address = booked(starts_at=in_days(2))
    with time_machine.travel(in_days(2, "10:00"), tick=False):
        page = said(client.post(address))
    assert "This date has begun" in page
    assert "tell the training office" in page
    assert state(made) == State.CONFIRMED


def test_who_waits_leaves_from_the_mail(client):
    course = CoursePageFactory(course__code="NEG").course
    person = PostFactory().person
    made = booking.request_place(RunFactory(course=course, places=0), person, by=person)
    address = address_in("booking_waiting", "cancel")
    assert "Do you want to leave the waiting list?" in said(client.get(address))
    assert f"You have left the waiting list of {course}." in said(client.post(address))
    assert state(made) == State.WITHDRAWN


def test_who_asked_withdraws_from_the_mail(client):
    course = CoursePageFactory(course__code="NEG").course
    person = PostFactory().person
    made = booking.request_place(RunFactory(course=course, asks_approval=True), person, by=person)
    address = address_in("booking_requested", "cancel")
    assert "Do you want to withdraw your request?" in said(client.get(address))
    assert "Your request for a place" in said(client.post(address))
    assert state(made) == State.WITHDRAWN


def test_a_request_that_nobody_answered_says_so_behind_its_link(client):
    course = CoursePageFactory(course__code="NEG").course
    person = PostFactory().person
    made = booking.request_place(RunFactory(course=course, asks_approval=True), person, by=person)
    booking.lapse(made.run, [made], by="CLOCK")
    page = said(client.post(address_in("booking_requested", "cancel")))
    assert "This request has ended" in page
    assert "Talk to your manager, and then book again." in page


def test_who_is_copied_gets_no_link_that_cancels():
    person = PostFactory().person
    made = booking.request_place(
        RunFactory(), person, by=person, manager_email="boss@agency.example.org"
    )
    mail = Mail.objects.get(template="booking_confirmed")
    assert mail.cc == ["boss@agency.example.org"]
    assert f"/my/bookings/{made.pk}/cancel/" in mail.text
    assert not ActionLink.objects.filter(purpose="cancel").exists()


def test_the_link_to_cancel_does_not_outlive_the_beginning():
    made, _ = booked()
    assert ActionLink.objects.get(purpose="cancel").expires_at == made.run.starts_at
