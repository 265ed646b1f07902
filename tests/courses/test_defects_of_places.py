"""Test places against hostile input and unlucky timing."""

import datetime as dt
import logging
import re

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from courses.booking import booking, group_booking
from courses.booking.booking import BookingRefused
from courses.booking.group_booking import Newcomer
from courses.models import Booking
from courses.scheduling import scheduling
from lms.logs import HidesLinks
from lms.models import ActionLink, Mail
from tests.factories import (
    AgencyFactory,
    CoursePageFactory,
    DomainFactory,
    FeeFactory,
    PersonFactory,
    PostFactory,
    RunFactory,
    in_days,
)

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def asks(run, post=None, **said):
    post = post or PostFactory()
    return booking.request_place(run, post.person, by=post.person, post=post, **said)


def now_is(made):
    return Booking.objects.get(pk=made.pk)


def offered_on(**facts):
    """Create a run with one place; return (run, the booking to which it is offered)."""
    run = RunFactory(**{"places": 1, "freed_places": "offer", "starts_at": in_days(20)} | facts)
    first, second = asks(run), asks(run)
    booking.withdraw(first, by=first.person)
    return run, now_is(second)


def move_to(run, moment):
    was = scheduling.times_of(run)
    for session in run.sessions.all():
        shift = moment - run.starts_at
        session.starts_at, session.ends_at = session.starts_at + shift, session.ends_at + shift
        session.save()
    return scheduling.settle_dates(run, by="OFFICE", was=was)


@pytest.mark.parametrize("odd", ['"a,b"@example.org', '"a\\ b"@example.org', '"a\x01"@example.org'])
def test_an_address_that_no_mail_can_go_to_is_refused_where_it_is_typed(client, odd):
    assert client.post("/accounts/signup/", {"name": "Anna Brown", "email": odd}).status_code == 200
    assert client.post("/accounts/login/", {"login": odd}).status_code == 200
    run, post = RunFactory(course=CoursePageFactory().course), PostFactory()
    client.force_login(post.person)
    page = reverse("agencies:line_manager", args=[post.pk])
    assert client.post(page, {"line_manager_email": odd}).status_code == 200
    page = reverse("courses:book", args=[run.pk])
    assert client.post(page, {"manager_email": odd, "confirm": "1"}).status_code == 200
    assert not Booking.objects.exists()


def test_an_offer_ends_when_a_date_begins_that_was_moved_ahead():
    run, offered = offered_on()
    begins = timezone.now() + 5 * HOUR
    move_to(run, begins)
    assert now_is(offered).offered_until == begins
    assert ActionLink.objects.get(purpose="offer").expires_at == begins
    told = Mail.objects.get(template="run_moved").text
    assert f"held until {timezone.localtime(begins):%A %-d %B %Y, %H:%M}" in told
    assert "You keep your turn" not in told
    with time_machine.travel(begins), pytest.raises(BookingRefused, match="offer has expired"):
        booking.accept_offer(offered, by="LINK 1")


def test_a_closed_account_accepts_no_offer():
    _, offered = offered_on()
    offered.person.is_active = False
    offered.person.save()
    with pytest.raises(BookingRefused, match="account is closed"):
        booking.accept_offer(offered, by="LINK 1")


def test_who_takes_over_has_the_place_for_the_agency_that_it_was():
    giver, elsewhere = PostFactory(), PostFactory()
    run = RunFactory(places=1, course__charges_fee=True)
    FeeFactory(sector=giver.agency.sector)
    PostFactory(person=elsewhere.person, agency=giver.agency)
    given = asks(run, giver, cost_code="OURS")
    waits = asks(run, elsewhere, cost_code="THEIRS")
    took = booking.substitute(given, elsewhere.person, by=giver.person)
    assert took == waits
    assert (now_is(took).agency, now_is(took).cost_code) == (giver.agency, "OURS")


def test_who_no_longer_leads_decides_nothing_by_an_earlier_link(client):
    lead = PostFactory(is_lead=True)
    PostFactory(agency=lead.agency, is_lead=True)
    request = asks(RunFactory(asks_approval=True), PostFactory(agency=lead.agency))
    mail = Mail.objects.get(template="approval_asked", to=lead.person.email)
    address = re.search(r"/approvals/\S+", mail.text)[0]
    lead.is_lead = False
    lead.save()
    answer = client.post(address, {"decision": "approve"})
    assert "no longer for you to decide" in answer.text
    assert now_is(request).state == "requested"


def test_nobody_approves_themself_as_a_tag_of_their_own_address():
    post = PostFactory(person__email="amina@solent.example.org")
    DomainFactory(agency=post.agency, name="solent.example.org")
    lead = PostFactory(agency=post.agency, is_lead=True).person
    PostFactory(agency=post.agency, is_lead=True, person__email="amina+lead@solent.example.org")
    PersonFactory(email="amina+boss@solent.example.org")
    asks(RunFactory(asks_approval=True), post, manager_email="amina+boss@solent.example.org")
    assert Mail.objects.get(template="approval_asked").to == lead.email


def test_a_lead_books_no_closed_account():
    lead = PostFactory(is_lead=True)
    gone = PostFactory(agency=lead.agency, person__is_active=False).person
    [outcome] = group_booking.book(
        RunFactory(), [Newcomer("Gone", gone.email)], agency=lead.agency, by=lead.person
    )
    assert outcome.booking is None
    assert "Ask the training office" in outcome.refusal


def test_a_lead_does_not_learn_what_a_colleague_has_from_another_agency():
    lead = PostFactory(is_lead=True)
    colleague = PostFactory(agency=lead.agency)
    run = RunFactory(places=0)
    asks(run, PostFactory(person=colleague.person))
    [outcome] = group_booking.book(run, [colleague], agency=lead.agency, by=lead.person)
    assert (outcome.booking, "Ask them" in outcome.refusal) == (None, True)


def test_what_is_kept_for_a_request_is_kept_until_the_date_begins_at_most():
    run = RunFactory(asks_approval=True, starts_at=timezone.now() + 30 * HOUR)
    asks(run)
    begins = f"until {timezone.localtime(run.starts_at):%A %-d %B %Y, %H:%M}"
    assert begins in Mail.objects.get(template="booking_requested").text


def test_agencies_that_have_merged_share_one_cap():
    run, ours = RunFactory(agency_cap=1), PostFactory()
    merged = AgencyFactory(merged_into=ours.agency, merged_on=timezone.localdate())
    made = [asks(run, ours), asks(run, PostFactory(agency=merged))]
    assert [each.state for each in made] == ["confirmed", "waiting"]
    assert "has its one place" in Mail.objects.get(template="booking_waiting").text


def test_who_is_approved_too_late_for_a_place_is_not_told_that_others_wait():
    run = RunFactory(asks_approval=True, places=1, starts_at=timezone.now() + 3 * HOUR)
    first, request = asks(run), asks(run)
    with time_machine.travel(timezone.now() + 1.5 * HOUR):
        booking.withdraw(first, by=first.person)
        booking.approve(request, by=PersonFactory())
    told = Mail.objects.get(template="booking_waiting").text
    assert "It begins so soon that no more places are given out." in told


def test_what_makes_a_link_work_is_in_no_log(capsys):
    offered_on()
    address = re.search(r"/offers/[\w-]+/", Mail.objects.get(template="place_offered").text)[0]
    answer = Client(enforce_csrf_checks=True).post(address, {"accept": "1"})
    assert (answer.status_code, HidesLinks().filter(log := said_of(address))) == (403, True)
    assert log.getMessage() == "Forbidden (no cookie): /offers/(hidden)/"
    assert address not in capsys.readouterr().err


def said_of(address):
    said = "Forbidden (%s): %s"
    return logging.LogRecord("csrf", logging.WARNING, "", 1, said, ("no cookie", address), None)
