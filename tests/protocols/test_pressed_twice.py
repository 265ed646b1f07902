"""Is an answer of the board's given once, however often and by whomever it is pressed?"""

import pytest
from django.test import Client
from wagtail.admin.views.pages.edit import EditView
from wagtail.models import TaskState

from agencies.access import COMMITTEE_CHAIRS, POLICY_LEADS, PROTOCOL_EDITORS
from protocols.approving import ApprovalRefused
from protocols.models import Approval, BoardStep
from tests.factories import PersonFactory, PostFactory
from tests.protocols.test_approving import approve_step, asked, drafted, form_of, protocol_for

pytestmark = pytest.mark.django_db

APPROVED = {"action-workflow-action": "true", "workflow-action-name": "approve"}
NOT_TAKEN = "This step was answered meanwhile, so your answer was not taken."


@pytest.fixture
def policy_lead(settings):
    settings.SECOND_FACTOR_REQUIRED = False
    return PersonFactory(is_staff=True, groups=[POLICY_LEADS])


@pytest.fixture
def page(policy_lead):
    """With the policy lead; then an agency and the chair are asked."""
    author = PersonFactory(is_staff=True, groups=[PROTOCOL_EDITORS])
    agency = PostFactory(agency__name="City Midwifery", is_lead=True).agency
    page = drafted(protocol_for(agency), author)
    return type(page).objects.get(pk=page.pk)


def press(person, page, follow=True, accept="text/html", **fields):
    client = Client(headers={"accept": accept})
    client.force_login(person)
    sent = form_of(page, **APPROVED | fields)
    return client.post(f"/cms/pages/{page.pk}/edit/", sent, follow=follow)


def said(answer):
    return [str(message) for message in answer.context["messages"]]


def answered_meanwhile(monkeypatch, answer):
    """Somebody answers between Wagtail's look at whose turn it is, and what it does then."""
    looked = EditView.workflow_action_is_valid

    def look(view):
        valid = looked(view)
        monkeypatch.setattr(EditView, "workflow_action_is_valid", looked)
        answer()
        return valid

    monkeypatch.setattr(EditView, "workflow_action_is_valid", look)


def test_a_second_press_does_not_answer_for_the_agencies(monkeypatch, policy_lead, page):
    answered_meanwhile(monkeypatch, lambda: approve_step(page, policy_lead))
    told = said(press(policy_lead, page))
    assert any("approve it now: City Midwifery." in each for each in told), told
    page = type(page).objects.get(pk=page.pk)
    assert page.current_workflow_task.name == "Agencies"
    assert asked(page).state == "waiting"
    assert Approval.objects.filter(name="Policy lead").count() == 1


def test_a_second_press_does_not_answer_for_the_step_that_follows(policy_lead, page):
    step, state = BoardStep.objects.get(name="Policy lead"), page.current_workflow_task_state
    approve_step(page, policy_lead)
    now = type(page).objects.get(pk=page.pk).current_workflow_task_state
    for seen in (state, now):
        step.on_action(seen, policy_lead, "approve")
    assert TaskState.objects.get(pk=now.pk).status == "in_progress"
    assert not TaskState.objects.filter(task__name="Case Review Committee chair").exists()


def test_who_comes_second_with_another_answer_is_told_and_loses_no_word(
    monkeypatch, policy_lead, page
):
    other = PersonFactory(is_staff=True, groups=[POLICY_LEADS])
    answered_meanwhile(monkeypatch, lambda: approve_step(page, other))
    sent_back = {
        "workflow-action-name": "reject",
        "workflow-action-extra-data": '{"comment": "Ten days, not five."}',
    }
    told = said(press(policy_lead, page, **sent_back))
    assert told == [f"{NOT_TAKEN} You wrote: ‘Ten days, not five.’"]
    assert type(page).objects.get(pk=page.pk).current_workflow_task.name == "Agencies"


def test_who_has_another_step_does_not_answer_this_one(policy_lead, page):
    chair = PersonFactory(is_staff=True, groups=[COMMITTEE_CHAIRS])
    with pytest.raises(ApprovalRefused, match=NOT_TAKEN):
        approve_step(page, chair)
    approve_step(page, policy_lead)
    for person in (chair, policy_lead):
        state = type(page).objects.get(pk=page.pk).current_workflow_task_state
        step = state.task.specific
        with pytest.raises(ApprovalRefused, match=NOT_TAKEN):
            step.on_action(state, person, "reject", comment="No.")


def test_what_wagtail_saves_by_itself_is_no_answer(policy_lead, page):
    """After a press its form says "approve" until the page is left, or for good if it is not."""
    answer = press(policy_lead, page, accept="application/json")
    assert answer.json()["success"] is True
    page = type(page).objects.get(pk=page.pk)
    assert page.current_workflow_task.name == "Policy lead"
    assert not Approval.objects.filter(name="Policy lead").exists()
    assert page.get_latest_revision().user == policy_lead
