"""Test that the person, their lead and the office change the job of a booking."""

from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from courses.booking import booking, changing_job
from courses.models import Booking, Fee
from courses.rules.eligibility import BookingRefused
from history.models import Event
from lms.models import Mail
from tests.factories import (
    AgencyFactory,
    BookingFactory,
    PersonFactory,
    PostFactory,
    RunFactory,
    in_days,
)

pytestmark = pytest.mark.django_db


def words(answer):
    return " ".join(BeautifulSoup(answer.content, "html.parser").get_text(" ").split())


@pytest.fixture
def old():
    return PostFactory(agency__name="Old Agency")


@pytest.fixture
def new(old):
    return PostFactory(person=old.person, agency__name="New Agency", line_manager_email="b@n.org")


def booked(old, **run):
    run = RunFactory(**run)
    return booking.request_place(run, old.person, by=old.person, post=old)


def now(made):
    return Booking.objects.get(pk=made.pk)


def test_the_person_reads_what_follows_changes_it_and_is_told(client, old, new):
    made = booked(old, agency_cap=3)
    client.force_login(old.person)
    shown = words(client.get(reverse("courses:booking", args=[made.pk])))
    assert "This booking counts for Old Agency." in shown
    address = reverse("courses:booking_job", args=[made.pk])
    page = words(client.get(address))
    for said in (
        "counts for Old Agency now", "as one of the 3 of New Agency",
        "Attending is free for New Agency", "New Agency is charged £80",
        "The certificate names New Agency",
    ):  # fmt: skip
        assert said in page, said
    assert client.post(address, {"post": new.pk}).status_code == 302
    assert (now(made).agency, now(made).manager_email) == (new.agency, "b@n.org")
    [mail] = Mail.objects.filter(template="booking_job_changed")
    assert (mail.to, mail.cc) == (old.person.email, ["b@n.org"])
    event = Event.objects.get(action="booking.job_changed")
    assert event.by_person == old.person_id


def test_the_lead_and_the_office_change_it_too_and_nobody_else(client, office, old, new):
    lead = PostFactory(agency=old.agency, is_lead=True).person
    made = booked(old)
    with pytest.raises(BookingRefused, match="Only the person"):
        changing_job.change_job(made, new, by=PersonFactory())
    client.force_login(lead)
    assert client.post(reverse("courses:booking_job", args=[made.pk]), {"post": new.pk})
    assert now(made).agency == new.agency
    client.force_login(office)
    page = words(client.get(f"/cms/booking/job/{made.pk}/"))
    assert "If it is for Old Agency:" in page
    client.post(f"/cms/booking/job/{made.pk}/", {"post": old.pk})
    assert now(made).agency == old.agency


def test_an_agency_that_has_all_of_its_places_gets_no_other_by_a_change(client, old, new):
    made = booked(old, agency_cap=1)
    BookingFactory(run=made.run, agency=new.agency, state="confirmed")
    with pytest.raises(BookingRefused, match="all of its 1 places"):
        changing_job.change_job(made, new, by=old.person)
    client.force_login(old.person)
    page = words(client.get(reverse("courses:booking_job", args=[made.pk])))
    assert "That is not possible." in page


def test_a_change_frees_a_place_of_the_agencys_share_for_who_waits(old, new):
    made = booked(old, agency_cap=1, freed_places="at_once")
    colleague = PostFactory(agency=old.agency).person
    waits = booking.request_place(made.run, colleague, by=colleague)
    assert waits.state == "waiting"
    changing_job.change_job(made, new, by=old.person)
    assert now(waits).state == "confirmed"


def test_what_attending_costs_is_asked_for_before_it_is_changed(client, old, new):
    made = booked(old, course__charges_fee=True)
    Fee.objects.create(sector=new.agency.sector, a_day=Decimal(80))
    client.force_login(old.person)
    address = reverse("courses:booking_job", args=[made.pk])
    assert "Attending costs New Agency £80" in words(client.get(address))
    assert "give a purchase order or cost code" in words(client.post(address, {"post": new.pk}))
    assert now(made).agency == old.agency
    client.post(address, {"post": new.pk, "cost_code": "PO 7"})
    assert (now(made).agency, now(made).cost_code) == (new.agency, "PO 7")


def test_a_request_is_put_to_the_new_agency(old, new):
    lead = PostFactory(agency=new.agency, is_lead=True).person
    made = booked(old, asks_approval=True)
    changing_job.change_job(made, new, by=old.person)
    assert now(made).approver_email == lead.email
    assert (now(made).state, now(made).holds_place) == ("requested", True)


@pytest.mark.parametrize("state", ["withdrawn", "lapsed", "refused"])
def test_what_has_ended_or_begun_keeps_its_agency(old, new, state):
    ended = BookingFactory(person=old.person, agency=old.agency, state=state)
    begun = BookingFactory(
        person=old.person, agency=old.agency, run=RunFactory(starts_at=in_days(-1))
    )
    for made in (ended, begun):
        with pytest.raises(BookingRefused, match="its agency stays"):
            changing_job.change_job(made, new, by=old.person)


def test_who_has_left_reads_so_on_the_booking(client, old):
    made = booked(old)
    old.ends_on = in_days(-1).date()
    old.starts_on = in_days(-9).date()
    old.save()
    client.force_login(old.person)
    page = words(client.get(reverse("courses:booking", args=[made.pk])))
    assert "You no longer work there, as far as we know." in page
    PostFactory(agency=AgencyFactory(), person=old.person)
    assert "Change the job" in page


def test_the_office_has_nothing_to_press_where_there_is_no_other_job(client, office, old):
    made = booked(old)
    page = client.get(f"/cms/booking/job/{made.pk}/")
    assert "no other confirmed job" in words(page)
    assert "For which job" not in words(page) and "Go back" in words(page)
    PostFactory(person=old.person)
    assert "For which job" in words(client.get(f"/cms/booking/job/{made.pk}/"))
