"""Tests of the admin's buttons and messages for those who write or approve drafts."""

import pytest

from agencies.access import PROTOCOL_EDITORS
from lms.models import Mail
from protocols.approval import approval
from protocols.models import ProtocolIndexPage, ProtocolPage
from tests.factories import PersonFactory, ProtocolPageFactory
from tests.protocols.test_approving import (
    approve_step,
    asked,
    board,
    draft_of,
    editor,
    form_of,
    lead,
    protocol_for,
)

pytestmark = pytest.mark.django_db
__all__ = ["board", "editor", "lead"]


@pytest.fixture
def page(lead):
    return protocol_for(lead.posts.get().agency, title="Unborn Baby Protocol")


def form(page, **pressed):
    """Build the browser's form data, with the ids of existing parts."""
    approver = page.approvers.get()
    fields = form_of(page) | {"body-0-id": draft_of(page).body[0].id}
    fields |= {"approvers-TOTAL_FORMS": "1", "approvers-INITIAL_FORMS": "1"}
    fields |= {"approvers-0-id": approver.pk, "approvers-0-agency": approver.agency_id}
    fields |= {"approvers-0-person": "", "approvers-0-ORDER": "1", "approvers-0-DELETE": ""}
    return fields | pressed


def press(client, page, **pressed):
    state = ProtocolPage.objects.get(pk=page.pk).current_workflow_task_state
    step = {"answered-step": str(state.pk if state else "")}
    answer = client.post(f"/cms/pages/{page.pk}/edit/", form(page, **step | pressed))
    told = client.get(answer.url)
    return [str(each).strip() for each in told.context["messages"]]


def answering(action):
    return {"action-workflow-action": "true", "workflow-action-name": action}


def as_(client, person):
    client.force_login(person)
    return client


def step(page):
    return ProtocolPage.objects.get(pk=page.pk).current_workflow_task.name


def test_who_submits_a_draft_has_approved_it_and_each_hears_whose_turn_it_is(
    editor, board, lead, page
):
    told = press(editor, page, **{"action-submit": "yes"})
    assert told[-1] == "The draft is with the next step now: Policy lead."
    assert [(each.name, each.answered_by) for each in page.approvals.all()] == [
        ("Author", board["author"])
    ]
    policy = as_(editor, board["policy"])
    told = press(policy, page, **answering("approve"))
    assert told[-1] == ("The draft is with the agencies that approve it now: City Midwifery.")
    approval.approve(asked(page), by=lead)
    told = press(as_(editor, board["chair"]), page, **answering("approve"))
    assert told[-1] == "Unborn Baby Protocol, version 2, is in force."


def test_no_other_author_is_asked_for_the_step_that_the_first_has_taken(editor, board, page):
    other = PersonFactory(is_staff=True, groups=[PROTOCOL_EDITORS])
    press(editor, page, **{"action-submit": "yes"})
    asked_of = set(Mail.objects.values_list("to", flat=True))
    assert board["policy"].email in asked_of
    assert other.email not in asked_of


def test_what_is_sent_back_is_said_to_be_with_its_author(editor, board, page):
    press(editor, page, **{"action-submit": "yes"})
    policy = as_(editor, board["policy"])
    told = press(policy, page, **answering("reject"))
    assert told[-1] == "The draft is back with its author."
    letter = Mail.objects.get(to=board["author"].email)
    assert letter.subject == "Sent back: the draft of Unborn Baby Protocol"
    assert f"/cms/pages/{page.pk}/edit/" in letter.text


def test_a_step_is_not_asked_again_about_a_text_that_it_has_approved(editor, board, lead, page):
    press(editor, page, **{"action-submit": "yes"})
    approve_step(page, board["policy"])
    approval.send_back(asked(page), comment="Is it agreed?", by=lead)
    # Resubmitted unchanged: only the agency is asked again, then the chair.
    Mail.objects.all().delete()
    ProtocolPage.objects.get(pk=page.pk).current_workflow_state.resume(user=board["author"])
    assert step(page) == "Agencies"
    approval.approve(asked(page), by=lead)
    assert step(page) == "Case Review Committee chair"
    assert not Mail.objects.filter(to=board["policy"].email).exists()


def test_who_submits_another_text_has_approved_that_too(editor, board, lead, page):
    press(editor, page, **{"action-submit": "yes"})
    approve_step(page, board["policy"])
    approval.send_back(asked(page), comment="Five days.", by=lead)
    press(editor, page, **{"action-submit": "yes", "summary": "Within five days."})
    approval.approve(asked(page), by=lead)
    assert step(page) == "Policy lead"
    approve_step(page, board["policy"])
    approve_step(page, board["chair"])
    assert page.editions.get(number=2).summary == "Within five days."


def test_who_is_not_an_author_approves_nothing_by_submitting(editor, board, page):
    chair = board["chair"]
    page.save_revision(user=chair)
    page.get_workflow().start(page, user=chair)
    assert step(page) == "Author"
    assert not page.approvals.exists()


def test_a_draft_is_submitted_for_approval_and_published_by_nothing_else(editor):
    index = ProtocolIndexPage.objects.get()
    new = editor.get(f"/cms/pages/add/protocols/protocolpage/{index.pk}/").content.decode()
    written = editor.get(f"/cms/pages/{ProtocolPageFactory().pk}/edit/").content.decode()
    for shown in (new, written):
        assert "Submit for approval" in shown
        assert "action-publish" not in shown


def test_a_mail_says_what_changes_and_why(editor, board, page):
    press(editor, page, **{"action-submit": "yes"})
    letter = Mail.objects.get(to=board["policy"].email)
    assert letter.subject.startswith("For your approval (")
    assert letter.subject.endswith(": Unborn Baby Protocol")
    assert "What changes, and why: New guidance." in letter.text
    assert f"/cms/pages/{page.pk}/edit/" in letter.text
