"""Test who is asked to approve a booking, by which link, and the escalation after silence."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.utils import timezone

from agencies.models import Board
from courses.booking import approval, booking
from courses.models import Booking
from history.models import Event
from lms.models import ActionLink, Mail
from tests.factories import CompletionFactory, PersonFactory, PostFactory, RunFactory, in_days

pytestmark = pytest.mark.django_db
# A Monday morning, with no bank holiday near.
MONDAY = "2027-06-07T08:00:00+00:00"


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def post():
    return PostFactory(person__name="Amina Yusuf", agency__name="Solent Health")


def requested(post, manager=""):
    return booking.request_place(
        RunFactory(asks_approval=True), post.person, by=post.person, manager_email=manager
    )


def asked():
    return sorted(Mail.objects.filter(template="approval_asked").values_list("to", flat=True))


def links_to(address):
    mails = Mail.objects.filter(to=address, template__startswith="approval_").order_by("pk")
    return [re.search(r"/approvals/\S+", mail.text).group(0) for mail in mails]


def managed(post, email="boss@private.example.net", **more):
    post.line_manager_email = email
    post.line_manager_confirmed_at = timezone.now()
    post.save()
    return requested(post, email, **more)


def test_a_manager_whom_the_lead_has_confirmed_is_asked_though_without_an_account(post):
    PostFactory(agency=post.agency, is_lead=True)
    request = managed(post)
    assert (asked(), request.state) == (["boss@private.example.net"], "requested")
    # Until 5pm of the fifth working day.
    assert request.held_until == timezone.now() + timedelta(days=7, hours=8)
    assert Event.objects.about(request).filter(action="booking.approval_asked").count() == 1


def test_a_proven_address_of_a_colleague_counts_without_the_lead(post):
    colleague = PostFactory(agency=post.agency).person
    requested(post, colleague.email)
    assert asked() == [colleague.email]


@pytest.mark.parametrize("kind", ["unknown", "of another agency", "unproven", "left", "closed"])
def test_any_other_address_does_not_count_and_the_leads_are_asked(post, kind):
    leads = [PostFactory(agency=post.agency, is_lead=True).person for _ in range(2)]
    today = timezone.localdate()
    email = {
        "unknown": lambda: "friend@example.net",
        "of another agency": lambda: PostFactory().person.email,
        "unproven": lambda: PostFactory(agency=post.agency, person__is_verified=False).person.email,
        "left": lambda: (
            PostFactory(
                agency=post.agency, starts_on=today - timedelta(9), ends_on=today - timedelta(1)
            ).person.email
        ),
        "closed": lambda: PostFactory(agency=post.agency, person__is_active=False).person.email,
    }[kind]()
    requested(post, email)
    assert asked() == sorted(lead.email for lead in leads)


def test_without_a_lead_the_office_is_asked_and_led_to_its_own_page(post):
    request = requested(post)
    assert asked() == [Board.load().email]
    assert f"/booking/inspect/{request.pk}/" in Mail.objects.get(template="approval_asked").text


def test_nobody_is_asked_about_themself_by_any_of_their_addresses(post):
    EmailAddress.objects.create(user=post.person, email="second@example.org", verified=True)
    post.line_manager_email, post.is_lead = "second@example.org", True
    post.line_manager_confirmed_at = timezone.now()
    post.save()
    with pytest.raises(booking.BookingRefused):
        requested(post, "second@example.org")
    booked = requested(post)
    assert (booked.state, asked()) == ("requested", [Board.load().email])


def test_a_reminder_goes_once_after_two_working_days_and_a_lead_after_five(post, monday):
    lead = PostFactory(agency=post.agency, is_lead=True).person
    request = managed(post)
    assert not approval.due_for_reminder().exists()
    monday.shift(timedelta(days=2))
    for one in [*approval.due_for_reminder(), *approval.due_for_reminder()]:
        approval.remind(one)
    assert len(links_to("boss@private.example.net")) == 2
    assert not approval.due_for_reminder().exists() and not approval.due_to_pass_on().exists()
    monday.shift(timedelta(days=5, hours=8))
    for one in [*approval.due_to_pass_on(), *approval.due_to_pass_on()]:
        approval.pass_to_lead(one)
    request.refresh_from_db()
    assert (request.approver_email, len(links_to(lead.email))) == (lead.email, 1)
    assert not approval.due_to_pass_on().exists()
    assert not ActionLink.objects.filter(
        sent_to="boss@private.example.net", expires_at__gt=timezone.now()
    ).exists()


def test_a_manager_who_leaves_gives_way_at_once(post):
    lead = PostFactory(agency=post.agency, is_lead=True).person
    manager = PostFactory(agency=post.agency, starts_on=timezone.localdate() - timedelta(9))
    requested(post, manager.person.email)
    assert not approval.due_to_pass_on().exists()
    manager.ends_on = timezone.localdate() - timedelta(1)
    manager.save()
    for one in approval.due_to_pass_on():
        approval.pass_to_lead(one)
    assert asked() == sorted([manager.person.email, lead.email])


def test_opening_the_link_shows_what_is_asked_and_changes_nothing(client, post):
    request = managed(post)
    [address] = links_to("boss@private.example.net")
    for method in (client.get, client.head):
        answer = method(address)
        assert answer.status_code == 200
    page = client.get(address).content.decode()
    assert all(word in page for word in ("Amina Yusuf", "Solent Health", request.run.course.title))
    assert post.person.email not in page
    request.refresh_from_db()
    assert (request.state, ActionLink.objects.filter(purpose="approval", used_at=None).count()) == (
        "requested",
        1,
    )
    assert "no-store" in client.get(address)["Cache-Control"]


def test_the_button_approves_once_and_then_the_link_says_so(client, post):
    request = managed(post)
    [address] = links_to("boss@private.example.net")
    page = client.post(address, {"decision": "approve"}).content.decode()
    assert "You have approved the request" in page
    request.refresh_from_db()
    assert (request.state, bool(request.approved_at)) == ("confirmed", True)
    link = ActionLink.objects.get(purpose="approval")
    event = Event.objects.about(request).get(action="booking.approved")
    assert (event.by_process, bool(link.used_at)) == (f"LINK {link.pk}", True)
    for answer in (
        client.get(address),
        client.post(address, {"decision": "refuse", "reason": "x"}),
    ):
        assert "This request has been approved" in answer.content.decode()
    request.refresh_from_db()
    assert request.state == "confirmed"


def test_refusing_needs_a_reason_and_tells_it(client, post):
    request = managed(post)
    [address] = links_to("boss@private.example.net")
    assert "Say why not" in client.post(address, {"decision": "refuse"}).content.decode()
    assert "Choose whether" in client.post(address, {}).content.decode()
    assert ActionLink.objects.filter(purpose="approval", used_at=None).count() == 1
    client.post(address, {"decision": "refuse", "reason": "No cover that day"})
    request.refresh_from_db()
    assert (request.state, request.end_reason) == ("refused", "No cover that day")
    assert "No cover that day" in Mail.objects.get(template="booking_refused").text


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("withdrawn", "has been cancelled. There is nothing to decide."),
        ("lapsed", "Nobody decided in time"),
        ("cancelled", "This date has been cancelled"),
        ("refused", "was not approved"),
        ("substituted", "has given the place to a colleague"),
    ],
)
def test_what_was_decided_meanwhile_is_said(client, post, state, sentence):
    request = managed(post)
    [address] = links_to("boss@private.example.net")
    Booking.objects.filter(pk=request.pk).update(state=state, holds_place=False)
    for answer in (client.get(address), client.post(address, {"decision": "approve"})):
        assert sentence in answer.content.decode()


def test_an_expired_link_says_until_when_it_was_good(client, post, monday):
    managed(post)
    [address] = links_to("boss@private.example.net")
    monday.shift(timedelta(days=8))
    page = client.get(address).content.decode()
    assert "This link was good until 14 June 2027" in page and "use the link in the newest" in page
    client.post(address, {"decision": "approve"})
    assert Booking.objects.get().state == "requested"


def test_a_link_that_was_never_sent_does_not_exist(client):
    assert client.get("/approvals/anything/").status_code == 404


def test_a_form_sent_from_another_site_decides_nothing(post):
    from django.test import Client

    managed(post)
    [address] = links_to("boss@private.example.net")
    browser = Client(enforce_csrf_checks=True)
    assert browser.post(address, {"decision": "approve"}).status_code == 403
    assert Booking.objects.get().state == "requested"


def test_two_leads_are_asked_and_whoever_is_first_decides(client, post):
    leads = [PostFactory(agency=post.agency, is_lead=True).person for _ in range(2)]
    request = requested(post, PersonFactory().email)
    first, second = (links_to(lead.email)[0] for lead in leads)
    client.post(first, {"decision": "refuse", "reason": "Not this year"})
    answer = client.post(second, {"decision": "approve"})
    request.refresh_from_db()
    assert request.state == "refused" and "was not approved" in answer.content.decode()


def of_two_parts(post):
    run = RunFactory(
        asks_approval=True,
        course__title="Supervision",
        sessions=[
            (in_days(28, "09:30"), in_days(28, "11:00")),
            (in_days(29, "13:00"), in_days(29, "14:45")),
        ],
    )
    return booking.request_place(run, post.person, by=post.person, manager_email=post.manager)


def decider(client, post, way):
    """Return the page on which this reader decides: by the link in a mail, or as agency lead."""
    lead = PostFactory(agency=post.agency, is_lead=True).person
    post.manager = "boss@private.example.net" if way == "link" else ""
    post.line_manager_email, post.line_manager_confirmed_at = post.manager, timezone.now()
    post.save()
    asked_for = of_two_parts(post)
    if way == "lead":
        client.force_login(lead)
        return lambda: client.get(f"/agency/approvals/{asked_for.pk}/")
    return lambda: client.get(links_to("boss@private.example.net")[0])


@pytest.mark.parametrize("way", ["link", "lead"])
def test_whoever_decides_reads_how_long_it_is_and_decides_first(client, post, way):
    page = " ".join(decider(client, post, way)().content.decode().split())
    assert "Monday 5 July 2027, 09:30 to 11:00" in page
    assert "Tuesday 6 July 2027, 13:00 to 14:45" in page
    assert "3 hours 15 minutes in all" in page
    assert "Amina Yusuf has not done this course before." in page
    assert page.index("Yes, I approve") < page.index("About this request")


@pytest.mark.parametrize("way", ["link", "lead"])
def test_whoever_decides_reads_when_it_was_done_before(client, post, way):
    read = decider(client, post, way)
    course = Booking.objects.get().run.course
    CompletionFactory(person=post.person, course=course, completed_on=date(2025, 7, 7))
    CompletionFactory(person=post.person, completed_on=date(2026, 1, 1))
    page = " ".join(read().content.decode().split())
    assert "Amina Yusuf completed this course on 7 July 2025." in page


def test_the_mail_that_asks_says_when_it_ends_and_how_long_it_is(client, post, monday):
    decider(client, post, "link")
    monday.shift(timedelta(days=2))
    approval.remind(Booking.objects.get())
    for kind in ("approval_asked", "approval_reminder"):
        text = Mail.objects.get(template=kind).text
        assert "Monday 5 July 2027, 09:30 to 11:00" in text
        assert "Length: 3 hours 15 minutes" in text
        assert "done this course" not in text
