"""Test agreement given elsewhere, owners whom nobody asks, and steps that nobody can answer."""

import datetime as dt

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from history.models import Event
from lms.models import Mail
from protocols.approval import agreements, approval
from protocols.approval.agreements import Source
from protocols.approval.approval import ApprovalRefused
from protocols.editions import scheduling
from protocols.models import Approval, Edition, ProtocolPage
from tests.factories import AgencyFactory, PersonFactory, PostFactory, ProtocolPageFactory
from tests.protocols.test_approving import approve_step, asked, board, drafted, editor, protocol_for

__all__ = ["board", "editor"]
pytestmark = pytest.mark.django_db


def owned_jointly(board, **fields):
    """Draft a protocol that an agency without any account owns with another."""
    page = ProtocolPageFactory(**fields)
    page.owners.update(sort_order=0)
    page = ProtocolPage.objects.get(pk=page.pk)
    page.owners.create(agency=AgencyFactory(name="Isle of Wight Council"), sort_order=1)
    page.owners.commit()
    return page


def minute(words="Case Review Committee, minute 7", kind="meeting", on=None):
    return Source(kind, words, on or timezone.localdate())


def words(answer):
    return " ".join(BeautifulSoup(answer.content, "html.parser").get_text(" ").split())


def now(page):
    return ProtocolPage.objects.get(pk=page.pk)


def key(page, name):
    return {label: key for key, label in agreements.to_record(now(page))}[name]


def test_owners_without_an_account_are_named_before_submitting_and_on_versions(
    client, board, editor
):
    page = owned_jointly(board)
    page.reason = "New."
    page.save_revision()
    edit = words(client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])))
    assert "Nobody has an account at" in edit and "Isle of Wight Council" in edit
    versions = words(client.get(reverse("protocol_versions", args=[page.pk])))
    assert "Not asked, because nobody there has an account:" in versions
    assert "Isle of Wight Council" in versions


def test_an_owners_agreement_by_email_is_recorded_with_its_source_and_the_version_says_so(
    client, board, editor
):
    page = drafted(owned_jointly(board), board["author"])
    address = reverse("record_agreement", args=[page.pk])
    given = {
        "whose": key(page, "Isle of Wight Council"), "source": "email",
        "on": "2026-11-02", "words": "Director of Children’s Services",
    }  # fmt: skip
    assert "is recorded" in words(client.post(address, given, follow=True))
    recorded = Approval.objects.get(source="email")
    assert Event.objects.about(recorded).get().by_person == board["author"].pk
    approve_step(page, board["policy"])
    approve_step(page, board["chair"])
    edition = page.editions.get(number=2)
    [theirs] = [each for each in edition.approvers if each["name"] == "Isle of Wight Council"]
    said = "By email on 2 November 2026: Director of Children’s Services"
    assert (theirs["on"], theirs["source"]) == ("2026-11-02", said)
    assert f"Isle of Wight Council: {said}" in words(client.get(edition.get_absolute_url()))


def test_the_committees_decision_is_recorded_for_a_chair_who_never_signs_in(client, board, editor):
    lead = PostFactory(is_lead=True).person
    page = drafted(protocol_for(lead.posts.get().agency), board["author"])
    approve_step(page, board["policy"])
    approval.approve(asked(page), by=lead)
    chair = "Case Review Committee chair"
    agreements.record(now(page), key(page, chair), minute(), by=board["author"])
    edition = page.editions.get(number=2)
    [theirs] = [each for each in edition.approvers if each["name"] == chair]
    assert theirs["source"].endswith("Case Review Committee, minute 7")
    assert "In a meeting on" in words(client.get(edition.get_absolute_url()))


def test_an_agency_that_was_asked_may_agree_elsewhere_and_the_draft_goes_on(board, editor):
    lead = PostFactory(is_lead=True, agency__name="City Midwifery").person
    page = drafted(protocol_for(lead.posts.get().agency), board["author"])
    approve_step(page, board["policy"])
    agreements.record(now(page), key(page, "City Midwifery"), minute(), by=board["author"])
    assert now(page).current_workflow_task_state.task.name == "Case Review Committee chair"
    assert not Approval.objects.of_agencies().waiting().exists()


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (minute(on=dt.date(2099, 1, 1)), "cannot be to come"),
        (minute(words=" "), "the meeting and its minute"),
    ],
)
def test_agreement_without_its_source_or_day_is_refused(board, editor, source, why):
    page = drafted(owned_jointly(board), board["author"])
    whose = key(page, "Isle of Wight Council")
    with pytest.raises(ApprovalRefused, match=why):
        agreements.record(now(page), whose, source, by=board["author"])


def test_only_editors_record_it_and_only_for_what_waits(board, editor):
    page = drafted(owned_jointly(board), board["author"])
    whose = key(page, "Isle of Wight Council")
    with pytest.raises(ApprovalRefused, match="Only the protocol editors"):
        agreements.record(now(page), whose, minute(), by=PersonFactory())
    agreements.record(now(page), whose, minute(), by=board["author"])
    with pytest.raises(ApprovalRefused, match="Nothing waits"):
        agreements.record(now(page), whose, minute(), by=board["author"])


def test_agreement_counts_for_its_text_alone(board, editor):
    page = drafted(owned_jointly(board), board["author"])
    agreements.record(now(page), key(page, "Isle of Wight Council"), minute(), by=board["author"])
    page = now(page).get_latest_revision_as_object()
    page.reason = "Another reason."
    page.save_revision()
    assert agreements.owners_not_asked(now(page).get_latest_revision_as_object())


def test_a_step_that_nobody_can_answer_is_said_at_once_and_on_versions(client, board, editor):
    board["policy"].groups.clear()
    page = drafted(ProtocolPageFactory(), board["author"])
    told = set(Mail.objects.filter(template="draft_stuck").values_list("to", flat=True))
    assert board["author"].email in told and len(told) == 2
    shown = words(client.get(reverse("protocol_versions", args=[page.pk])))
    assert "Nobody has this role." in shown
    PersonFactory(name="Paula", is_staff=True, groups=["Policy leads"])
    assert "Paula can approve it" in words(client.get(reverse("protocol_versions", args=[page.pk])))


def test_a_scheduled_version_is_in_force_though_an_owner_got_its_first_lead_meanwhile(board):
    begins = timezone.now() + dt.timedelta(days=3)
    page = owned_jointly(board)
    page.go_live_at = begins
    page = drafted(page, board["author"], in_force_from=timezone.localdate(begins))
    approve_step(page, board["policy"])
    approve_step(page, board["chair"])
    assert page.editions.count() == 1
    PostFactory(agency=page.owners.last().agency, is_lead=True)
    with time_machine.travel(begins + dt.timedelta(minutes=1)):
        scheduling.publish_due()
    assert Edition.objects.filter(page=page).count() == 2
    assert not Mail.objects.filter(template="protocol_not_in_force").exists()
