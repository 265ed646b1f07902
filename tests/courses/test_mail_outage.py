"""Test three days without a mail server: what the office reads, and that nobody loses a place."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from agencies.models import Board
from courses.booking import booking, expiry, outage
from courses.models import Booking
from courses.rules import deadlines
from history.models import Event
from lms.formatting import moment
from lms.mail import outbox
from lms.models import ActionLink, Mail, MailOutage
from tests.factories import PostFactory, RunFactory
from tests.smtp import MailServer

pytestmark = pytest.mark.django_db
MONDAY = dt.datetime(2027, 3, 1, 10, tzinfo=dt.UTC)
DAYS = 3
OFFERS = 40


@pytest.fixture
def server(settings):
    with MailServer() as one:
        settings.LMS_MAIL_DELIVERY_BACKEND = "lms.mail.smtp.SmtpBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", one.port
        yield one


def offered(many, **facts):
    """Offer places to people who wait for a run three weeks ahead."""
    starts_at = timezone.now() + dt.timedelta(days=21)
    run = RunFactory(places=many, freed_places="offer", starts_at=starts_at, **facts)
    holders = [PostFactory().person for _ in range(many)]
    held = [booking.request_place(run, one, by=one) for one in holders]
    for _ in range(many):
        booking.request_place(run, (one := PostFactory().person), by=one)
    for each in held:
        booking.withdraw(each, by=each.person)
    return Booking.objects.filter(run=run, state="offered")


def a_minute():
    """Do what the worker does in a minute."""
    outbox.deliver_due(limit=10_000)
    expiry.lapse_offers()
    expiry.pursue_requests()
    outage.keep_offers()
    outage.ask_again()


def test_no_offer_runs_out_while_the_mail_server_is_down_and_all_have_their_time_after(
    server, client, office
):
    server.stop()
    with time_machine.travel(MONDAY, tick=False) as clock:
        offers = offered(OFFERS)
        first_until = set(offers.values_list("offered_until", flat=True))
        waiting = Mail.objects.filter(template="place_offered")
        for day in range(DAYS * 24):
            clock.move_to(MONDAY + dt.timedelta(hours=day + 1))
            a_minute()
            assert offers.count() == OFFERS
        assert set(waiting.values_list("tries", flat=True)) == {0}
        assert not waiting.filter(state="queued", last_error="").exists()
        client.force_login(office)
        page = client.get("/cms/").content.decode()
        assert "is on its way" not in page
        assert "It has taken no email since" in page
        assert "Connection refused" in page
        assert "2 days, 23 hours" in page
        server.start()
        a_minute()
        assert offers.count() == OFFERS
        # The whole time from now, which no extension during the outage gave.
        until = deadlines.offer_ends(offers[0].run)
        assert until > timezone.now() + dt.timedelta(hours=24)
        assert set(offers.values_list("offered_until", flat=True)) == {until}
        sent = waiting.filter(state="sent")
        assert sent.count() == OFFERS
        assert set(sent.values_list("to", flat=True)) == set(
            offers.values_list("person__email", flat=True)
        )
        assert {moment(until) in mail.text for mail in sent} == {True}
        for offer in offers:
            [link] = ActionLink.objects.filter(
                purpose="offer", about_id=str(offer.pk), expires_at__gt=timezone.now()
            )
            assert link.expires_at == offer.offered_until
        assert Event.objects.filter(action="booking.offer_extended").count() >= OFFERS
        assert first_until.isdisjoint(offers.values_list("offered_until", flat=True))
        assert MailOutage.objects.get().ended_at
        assert "It has taken no email" not in client.get("/cms/").content.decode()
        clock.move_to(timezone.now() + dt.timedelta(days=7))
        while expiry.lapse_offers():
            pass
        assert not offers.all().exists()


def test_a_request_whose_mail_waited_is_asked_again_with_the_whole_time(server):
    server.stop()
    with time_machine.travel(MONDAY, tick=False) as clock:
        starts_at = timezone.now() + dt.timedelta(days=60)
        run = RunFactory(places=1, asks_approval=True, starts_at=starts_at)
        post = PostFactory(
            line_manager_email="boss@example.net", line_manager_confirmed_at=timezone.now()
        )
        asked = booking.request_place(run, post.person, by=post.person)
        for day in range(12):
            clock.move_to(MONDAY + dt.timedelta(days=day))
            a_minute()
        asked.refresh_from_db()
        assert (asked.state, asked.holds_place) == ("requested", True)
        server.start()
        a_minute()
        asked.refresh_from_db()
        assert asked.holds_place
        assert asked.held_until > timezone.now() + dt.timedelta(days=4)
        assert asked.approver_email == "boss@example.net"
        mails = Mail.objects.filter(template__startswith="approval_", state="sent")
        assert mails.count() == 1
        assert Mail.objects.filter(template="booking_requested", state="sent").count() == 1


def test_a_place_that_waits_for_a_job_outlives_the_outage_and_is_asked_about_again(server):
    server.stop()
    with time_machine.travel(MONDAY, tick=False) as clock:
        run = RunFactory(places=1, starts_at=MONDAY + dt.timedelta(days=9))
        post = PostFactory(confirmed_at=None)
        lead = PostFactory(agency=post.agency, is_lead=True).person
        asked = booking.request_place(run, post.person, by=post.person)
        for day in range(8):
            clock.move_to(MONDAY + dt.timedelta(days=day))
            a_minute()
        asked.refresh_from_db()
        assert asked.held_until < timezone.now()
        assert (asked.state, asked.holds_place) == ("requested", True)
        server.start()
        for _ in range(2):
            a_minute()
        asked.refresh_from_db()
        assert (asked.state, asked.holds_place) == ("requested", True)
        assert asked.held_until > timezone.now() + dt.timedelta(hours=24)
        sent = Mail.objects.filter(state="sent")
        assert sent.filter(template="job_awaited").count() == 1
        [letter] = sent.filter(template="place_waits_for_job")
        assert letter.to in (lead.email, Board.load().email)
