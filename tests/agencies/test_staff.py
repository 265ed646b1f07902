"""Test joiners and leavers, the quarterly staff review, and confirming line managers."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from agencies import joining, staff, staff_list_review
from lms.models import Mail
from tests.factories import AgencyFactory, PostFactory

pytestmark = pytest.mark.django_db


@time_machine.travel("2027-05-12T12:00:00+00:00", tick=False)
def test_who_joined_moved_and_left_since_last_quarter_began():
    ours, merged = AgencyFactory(name="Ours"), AgencyFactory(name="Merged")
    since = staff.last_quarter_began()
    assert since == dt.date(2027, 1, 1)
    old, day = dt.date(2025, 1, 1), dt.date(2027, 3, 1)
    PostFactory(agency=ours, starts_on=old)
    joined = PostFactory(agency=ours, starts_on=day)
    left = PostFactory(agency=ours, starts_on=old, ends_on=day)
    before = PostFactory(agency=merged, starts_on=old, ends_on=day)
    moved = PostFactory(agency=ours, person=before.person, starts_on=day + dt.timedelta(1))
    elsewhere = PostFactory(person=left.person, starts_on=day + dt.timedelta(1))
    told = staff.changes([ours, merged], since=since)
    assert {(c.what, c.post, c.from_agency) for c in told} == {
        ("Joined", joined, None), ("Left", left, None), ("Moved", moved, merged),
    }  # fmt: skip
    assert elsewhere not in [change.post for change in told]


def test_each_lead_is_asked_once_a_quarter_on_its_first_working_day():
    with time_machine.travel("2027-01-01T12:00:00+00:00", tick=False):
        lead = PostFactory(is_lead=True, starts_on=dt.date(2026, 1, 1))
        PostFactory(agency=lead.agency, starts_on=dt.date(2026, 1, 1))
        # New Year's Day, a Friday.
        assert staff_list_review.ask_leads() == 0
    with time_machine.travel("2027-01-04T02:30:00+00:00", tick=False):
        assert [staff_list_review.ask_leads(), staff_list_review.ask_leads()] == [1, 0]
        mail = Mail.objects.get(template="check_your_list")
        assert mail.to == lead.person.email and "- On your list: 2\n" in mail.text
    with time_machine.travel("2027-02-01T02:30:00+00:00", tick=False):
        assert staff_list_review.ask_leads() == 0
    with time_machine.travel("2027-04-01T02:30:00+00:00", tick=False):
        assert staff_list_review.ask_leads() == 1


def test_a_manager_is_confirmed_by_the_lead_as_read_and_not_by_the_person():
    lead = PostFactory(is_lead=True)
    post = PostFactory(agency=lead.agency, line_manager_email="boss@example.net")
    for email, by in (("boss@example.net", post.person), ("other@example.net", lead.person)):
        with pytest.raises(joining.JoiningRefused):
            joining.confirm_line_manager(post, email, by=by)
    with pytest.raises(joining.JoiningRefused):
        joining.confirm_line_manager(post, "boss@example.net", by=PostFactory(is_lead=True).person)
    assert joining.confirm_line_manager(post, "boss@example.net", by=lead.person).has_known_manager
    post = joining.name_line_manager(post, "friend@example.net", by=post.person)
    assert not post.has_known_manager


def test_a_lead_confirms_a_manager_on_the_page(client):
    lead = PostFactory(is_lead=True)
    post = PostFactory(agency=lead.agency, line_manager_email="boss@example.net")
    client.force_login(lead.person)
    client.post(f"/agency/managers/{post.pk}/confirm/", {"manager": "boss@example.net"})
    post.refresh_from_db()
    assert post.line_manager_confirmed_at <= timezone.now()
