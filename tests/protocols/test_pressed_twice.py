"""Tests that a workflow step is answered once, however often and by whomever pressed."""

from functools import partial

import pytest
from django.test import Client
from wagtail.models import TaskState, WorkflowState

from agencies.access import COMMITTEE_CHAIRS, POLICY_LEADS, PROTOCOL_EDITORS
from protocols.approval import approval as approval_approval
from protocols.approval import reminders
from protocols.approval.approval import ApprovalRefused
from protocols.back_office.workflow_admin import ProtocolEditView
from protocols.editions import editions
from protocols.models import Approval, BoardStep, ProtocolPage
from tests.browsing import Browser
from tests.factories import AgencyFactory, PersonFactory, PostFactory, ProtocolPageFactory
from tests.protocols.test_approving import (
    approve_step,
    asked,
    draft_of,
    drafted,
    form_of,
    protocol_for,
)
from tests.servers import at_once, while_locked

pytestmark = pytest.mark.django_db

APPROVED = {"action-workflow-action": "true", "workflow-action-name": "approve"}
SENT_BACK = {
    "workflow-action-name": "reject",
    "workflow-action-extra-data": '{"comment": "Ten days, not five."}',
}
NOT_TAKEN = "This step was answered meanwhile, so your answer was not taken."


def staff(*groups):
    return PersonFactory(is_staff=True, groups=groups)


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False


@pytest.fixture
def author():
    return staff(PROTOCOL_EDITORS)


@pytest.fixture
def policy_lead():
    return staff(POLICY_LEADS)


@pytest.fixture
def chair():
    return staff(COMMITTEE_CHAIRS)


@pytest.fixture
def page(author):
    """Create a page whose draft waits for the policy lead, then an agency and the chair."""
    agency = PostFactory(agency__name="City Midwifery", is_lead=True).agency
    return as_it_is(drafted(protocol_for(agency), author))


def as_it_is(page):
    return ProtocolPage.objects.get(pk=page.pk)


def step_of(page):
    return as_it_is(page).current_workflow_task.name


def waiting(page):
    return as_it_is(page).current_workflow_task_state


def press(*args, **kwargs):
    return about_to_press(*args, **kwargs)()


def about_to_press(person, page, state, accept="text/html", *, follow=True, **fields):
    """Prepare a press on the edit page as it was shown when this state was current."""
    client, path = signed_in(person, accept), edit_of(page)
    return partial(client.post, path, shown_to(client, page, state, **fields), follow=follow)


def signed_in(person, accept="text/html"):
    client = Browser(headers={"accept": accept})
    client.force_login(person)
    return client


def edit_of(page):
    return f"/cms/pages/{page.pk}/edit/"


def shown_to(client, page, state, **fields):
    """Open the edit page, and return what its button to approve sends."""
    draft = draft_of(page)
    same = {"reason": draft.reason, "body-0-id": draft.body[0].id}
    same |= {"next_review_on": draft.next_review_on.isoformat()}
    sent = form_of(page, **same | APPROVED | {"answered-step": str(state.pk)} | fields)
    return client.shown_at(edit_of(page)) | sent


def said(answer):
    return [str(message) for message in answer.context["messages"]]


@pytest.fixture(params=["at once", "after it"])
def answered_before(request, monkeypatch):
    """Let somebody answer before a press, or between Wagtail's check of the step and its answer."""
    looked = ProtocolEditView.workflow_action_is_valid

    def meanwhile(answer):
        def look(view):
            valid = looked(view)
            monkeypatch.setattr(ProtocolEditView, "workflow_action_is_valid", looked)
            answer()
            return valid

        monkeypatch.setattr(ProtocolEditView, "workflow_action_is_valid", look)

    return meanwhile if request.param == "at once" else lambda answer: answer()


def test_the_form_says_which_step_is_answered(client, policy_lead, page):
    client.force_login(policy_lead)
    state = waiting(page)
    shown = client.get(f"/cms/pages/{page.pk}/edit/").text
    assert f'name="answered-step" value="{state.pk}"' in shown
    press(policy_lead, page, state, summary="Other words.")
    assert Approval.objects.filter(name="Policy lead", answered_by=policy_lead).exists()
    assert draft_of(page).summary == "Other words."


def test_a_second_press_does_not_answer_for_the_agencies(answered_before, policy_lead, page):
    state = waiting(page)
    answered_before(lambda: approve_step(page, policy_lead))
    told = said(press(policy_lead, page, state))
    assert told == ["The draft is with the agencies that approve it now: City Midwifery."]
    assert step_of(page) == "Agencies"
    assert asked(page).state == "waiting"
    assert Approval.objects.filter(name="Policy lead").count() == 1


def careless(monkeypatch):
    """Answer as Wagtail does, without checking the current step again."""
    monkeypatch.setattr(ProtocolEditView, "too_late", lambda view: None)
    monkeypatch.setattr(
        approval_approval,
        "answer_step",
        lambda step, state, *, by, action, **more: step.answer(state, by, action, **more),
    )


@pytest.mark.parametrize("answered_before", ["at once"], indirect=True)
def test_without_looking_again_it_does(monkeypatch, answered_before, policy_lead, page):
    """Control: without the check, the policy lead's press answers for the agencies."""
    state = waiting(page)
    answered_before(lambda: approve_step(page, policy_lead))
    careless(monkeypatch)
    press(policy_lead, page, state)
    assert TaskState.objects.filter(task__name="Agencies", status="approved").exists()
    assert not Approval.objects.of_agencies().filter(state="approved").exists()


@pytest.mark.race
def test_of_presses_at_once_one_is_the_answer(own_database, rounds):
    """Press concurrently: one press counts, and none ends in an error."""
    for _ in range(rounds):
        author, policy_lead = staff(PROTOCOL_EDITORS), staff(POLICY_LEADS)
        page = protocol_for(PostFactory(is_lead=True).agency)
        page = as_it_is(drafted(page, author))
        state = waiting(page)
        sent = shown_to(signed_in(policy_lead), page, state)
        path, who = edit_of(page), policy_lead
        told = at_once(6, lambda number: signed_in(who).post(path, sent))
        assert [getattr(each, "status_code", each) for each in told] == [302] * 6
        assert step_of(page) == "Agencies"
        assert page.approvals.filter(name="Policy lead").count() == 1
        assert asked(page).state == "waiting"


def test_who_holds_two_steps_and_presses_twice_answers_one(answered_before, author):
    both = staff(POLICY_LEADS, COMMITTEE_CHAIRS)
    page = as_it_is(drafted(ProtocolPageFactory(), author))
    state = waiting(page)
    answered_before(lambda: approve_step(page, both))
    told = said(press(both, page, state))
    assert told == ["The draft is with the next step now: Case Review Committee chair."]
    assert step_of(page) == "Case Review Committee chair"
    assert page.editions.count() == 1


@pytest.mark.parametrize("never_live", [{}, {"edition": None, "live": False}])
def test_the_last_step_pressed_twice_is_one_version_in_force(
    answered_before, author, policy_lead, chair, never_live
):
    page = drafted(ProtocolPageFactory(**never_live), author)
    before = page.editions.count()
    approve_step(page, policy_lead)
    state = waiting(page)
    answered_before(lambda: approve_step(page, chair))
    told = said(press(chair, page, state))
    assert any("is in force." in each for each in told), told
    assert as_it_is(page).live
    assert page.editions.count() == before + 1


def test_who_comes_second_with_another_answer_is_told_and_loses_no_word(
    answered_before, policy_lead, page
):
    other, state, before = staff(POLICY_LEADS), waiting(page), draft_of(page).summary
    answered_before(lambda: approve_step(page, other))
    answer = press(policy_lead, page, state, **SENT_BACK | {"summary": "Written anew."})
    assert f"{NOT_TAKEN} You wrote: ‘Ten days, not five.’" in said(answer)
    assert draft_of(page).summary == before
    assert step_of(page) == "Agencies"


def test_an_old_press_does_not_approve_a_text_that_was_not_shown(author, policy_lead, page):
    old = waiting(page)
    approve_step(page, staff(POLICY_LEADS), "reject", comment="Not yet.")
    page = as_it_is(page)
    page.reason = "Other words."
    page.save_revision(user=author)
    page.current_workflow_state.resume(user=author)
    assert step_of(page) == "Policy lead"
    with pytest.raises(ApprovalRefused, match=NOT_TAKEN):
        old.task.specific.on_action(old, policy_lead, "approve")
    assert NOT_TAKEN in said(press(policy_lead, page, old))
    assert step_of(page) == "Policy lead"
    assert not Approval.objects.filter(name="Policy lead").exists()


def test_a_press_on_the_dashboard_that_is_too_late_is_told_there(policy_lead, page):
    state = waiting(page)
    approve_step(page, staff(POLICY_LEADS))
    client = Client()
    client.force_login(policy_lead)
    approve, reject = (
        f"/cms/pages/workflow/action/{page.pk}/{action}/{state.pk}/"
        for action in ("approve", "reject")
    )
    assert said(client.post(approve, follow=True)) == [NOT_TAKEN]
    window = {"x-requested-with": "XMLHttpRequest"}
    answer = client.post(reject, {"comment": "Ten days."}, headers=window)
    assert answer.json() == {"step": "success", "redirect": "/cms/"}
    assert said(client.get("/cms/")) == [f"{NOT_TAKEN} You wrote: ‘Ten days.’"]


def test_a_second_press_does_not_answer_for_the_step_that_follows(policy_lead, page):
    step, state = BoardStep.objects.get(name="Policy lead"), waiting(page)
    approve_step(page, policy_lead)
    now = waiting(page)
    step.on_action(state, policy_lead, "approve")
    with pytest.raises(ApprovalRefused, match=NOT_TAKEN):
        step.on_action(now, policy_lead, "approve")
    assert TaskState.objects.get(pk=now.pk).status == "in_progress"
    assert not TaskState.objects.filter(task__name="Case Review Committee chair").exists()


def test_who_has_another_step_does_not_answer_this_one(policy_lead, chair, page):
    with pytest.raises(ApprovalRefused, match=NOT_TAKEN):
        approve_step(page, chair)
    approve_step(page, policy_lead)
    for person in (chair, policy_lead):
        state = waiting(page)
        with pytest.raises(ApprovalRefused, match=NOT_TAKEN):
            state.task.specific.on_action(state, person, "reject", comment="No.")


def test_what_wagtail_saves_by_itself_is_no_answer(policy_lead, page):
    """Ignore autosaves: after a press the form still says "approve"."""
    answer = press(policy_lead, page, waiting(page), accept="application/json")
    assert answer.json()["success"] is True
    assert step_of(page) == "Policy lead"
    assert not Approval.objects.filter(name="Policy lead").exists()
    assert as_it_is(page).get_latest_revision().user == policy_lead


@pytest.mark.race
@pytest.mark.parametrize("groups", [(), (PROTOCOL_EDITORS,)], ids=["a chair", "an author too"])
def test_what_wagtail_saves_by_itself_beside_the_last_answer_leaves_it_in_force(
    own_database, groups
):
    """Ignore an autosave sent by the old page while "Approve" is being processed."""
    author, chair = staff(PROTOCOL_EDITORS), staff(COMMITTEE_CHAIRS, *groups)
    page = drafted(ProtocolPageFactory(edition=None, live=False), author)
    approve_step(page, staff(POLICY_LEADS))
    state = waiting(page)
    answer = while_locked(
        partial(editions.lock_page, page),
        partial(approve_step, page, chair),
        about_to_press(chair, page, state, accept="application/json", follow=False),
    )
    assert answer.status_code == (400 if groups else 302)
    page = as_it_is(page)
    assert (page.live, page.has_unpublished_changes, page.editions.count()) == (True, False, 1)


def test_what_was_written_beside_a_late_answer_is_still_in_the_form(policy_lead, page):
    """Keep the form's text for a policy lead who may still edit, as also an author."""
    both, state = staff(POLICY_LEADS, PROTOCOL_EDITORS), waiting(page)
    approve_step(page, policy_lead, "reject", comment="Not yet.")
    answer = press(both, page, state, summary="Written anew.")
    assert NOT_TAKEN in said(answer)
    assert "Written anew." in answer.text
    assert draft_of(page).summary != "Written anew."


def test_the_draft_is_kept_where_its_approval_is_refused(author, policy_lead, chair):
    page = drafted(ProtocolPageFactory(), author, reason="The first version.")
    approve_step(page, policy_lead)
    answer = press(chair, page, waiting(page), seo_title="For search")
    assert "what it says now is of version 1." in said(answer)[0]
    assert draft_of(page).seo_title == "For search"
    assert step_of(page) == "Case Review Committee chair"
    assert page.editions.count() == 1


def test_what_cannot_be_asked_anew_leaves_the_draft_where_it_was(author, policy_lead, page):
    approve_step(page, policy_lead)
    approval = asked(page)
    approval_approval.send_back(approval, comment="No.", by=approval.agency.posts.get().person)
    page = as_it_is(page)
    page.approvers.create(agency=AgencyFactory(name="The Trust"), sort_order=1)
    page.save_revision(user=author)
    with pytest.raises(editions.EditionRefused, match="The Trust has no lead"):
        as_it_is(page).current_workflow_state.resume(user=author)
    assert as_it_is(page).current_workflow_state.status == "needs_changes"
    reminders.take_back(as_it_is(page), by=author)
    assert not WorkflowState.objects.active().exists()
