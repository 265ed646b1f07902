"""Tests that a draft comes into force once everybody has approved that exact text."""

import datetime as dt

import pytest
from bs4 import BeautifulSoup
from django.core import mail as django_mail
from django.core.files.base import ContentFile
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.models import TaskState, WorkflowState
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from agencies.access import COMMITTEE_CHAIRS, POLICY_LEADS, PROTOCOL_EDITORS
from history.models import Event
from lms.models import Mail
from protocols.approval import approval as approval_approval
from protocols.drafts import content
from protocols.editions import editions
from protocols.models import AgencyStep, Approval, Edition
from tests.factories import AgencyFactory, PersonFactory, PostFactory, ProtocolPageFactory, body_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def board():
    """Create the board's author, policy lead and committee chair."""
    groups = {"author": PROTOCOL_EDITORS, "policy": POLICY_LEADS, "chair": COMMITTEE_CHAIRS}
    return {name: PersonFactory(is_staff=True, groups=[group]) for name, group in groups.items()}


@pytest.fixture
def lead():
    return PostFactory(agency__name="City Midwifery", is_lead=True).person


def drafted(page, author, **fields):
    """Write the next text as a draft and submit it for approval."""
    today = timezone.localdate()
    changes = {"reason": "New guidance.", "in_force_from": today, "body": saying("Now this.")}
    for name, value in (changes | fields).items():
        setattr(page, name, value)
    page.save_revision(user=author)
    page.get_workflow().start(page, user=author)
    return page


def saying(words):
    return body_of(("section", {"heading": "Why we have this", "text": f"<p>{words}</p>"}))


def approve_step(page, person, action="approve", **more):
    page = type(page).objects.get(pk=page.pk)
    state = page.current_workflow_task_state
    state.task.specific.on_action(state, person, action, **more)


def protocol_for(agency, **fields):
    page = ProtocolPageFactory(**fields)
    page.approvers.create(agency=agency)
    page.approvers.commit()
    return page


def draft_of(page):
    return type(page).objects.get(pk=page.pk).get_latest_revision_as_object()


def asked(page):
    return Approval.objects.of_agencies().waiting().get(page=page)


def test_the_last_step_puts_in_force_what_everybody_approved(board, lead):
    agency = lead.posts.get().agency
    page = drafted(protocol_for(agency), board["author"])
    assert not Approval.objects.of_agencies().exists()
    approve_step(page, board["policy"])
    letter = Mail.objects.get(template="draft_to_approve")
    assert letter.to == lead.email
    assert f"/my/drafts/{asked(page).pk}/" in letter.text
    assert page.editions.count() == 1
    approval_approval.approve(asked(page), by=lead)
    approve_step(page, board["chair"])
    edition = page.editions.get(number=2)
    assert [(each["name"], each["agency"]) for each in edition.approvers] == [
        ("Author", None),
        ("Policy lead", None),
        ("City Midwifery", agency.pk),
        ("Case Review Committee chair", None),
    ]
    assert "Now this." in edition.html
    assert Event.objects.about(edition).get().by_person == board["chair"].pk
    told = Event.objects.filter(action="approval.approved").values_list("by_person", flat=True)
    assert set(told) == {lead.pk, *(person.pk for person in board.values())}
    assert WorkflowState.objects.get().status == "approved"


def test_an_agency_sends_it_back_and_is_asked_again_for_the_next_text(board, lead):
    agency = lead.posts.get().agency
    other = PostFactory(agency__name="Police", is_lead=True).person
    page = protocol_for(agency)
    page.approvers.create(agency=other.posts.get().agency)
    page = drafted(page, board["author"])
    approve_step(page, board["policy"])
    first = page.approvals.get(agency=agency)
    with pytest.raises(approval_approval.ApprovalRefused, match="Say what should change"):
        approval_approval.send_back(first, comment=" ", by=lead)
    approval_approval.send_back(first, comment="Five days, not ten.", by=lead)
    page.refresh_from_db()
    assert page.current_workflow_state.status == "needs_changes"
    assert [(each.name, each.state) for each in page.approvals.of_agencies()] == [
        ("City Midwifery", "sent_back"),
        ("Police", "lapsed"),
    ]
    assert TaskState.objects.get(status="rejected").comment == "City Midwifery: Five days, not ten."
    assert any("Five days" in each.text for each in Mail.objects.filter(to=board["author"].email))
    page = draft_of(page)
    page.body = saying("Within five days.")
    page.save_revision(user=board["author"])
    page.current_workflow_state.resume(user=board["author"])
    for person in (lead, other):
        approval_approval.approve(
            Approval.objects.of_agencies().waiting().visible_to(person).get(), by=person
        )
    # The board's steps must approve the new text too; the agencies' answers to it stand.
    for name in ("policy", "chair"):
        approve_step(page, board[name])
    edition = page.editions.get(number=2)
    assert "Within five days." in edition.html
    assert len(edition.approvers) == 5


def test_what_was_changed_after_an_approval_is_not_put_in_force(board, lead):
    page = drafted(protocol_for(lead.posts.get().agency), board["author"])
    approve_step(page, board["policy"])
    approval_approval.approve(asked(page), by=lead)
    # An autosave overwrites the approved revision while somebody types.
    page.body = saying("Something else.")
    page.save_revision(
        user=board["author"], overwrite_revision=page.get_latest_revision(), clean=False
    )
    with pytest.raises(editions.EditionRefused) as refused:
        approve_step(page, board["chair"])
    assert str(refused.value) == (
        "It cannot be put in force yet. Author has not approved this text. Policy lead has not"
        " approved this text. City Midwifery has not approved this text."
    )
    assert page.editions.count() == 1
    assert type(page).objects.get(pk=page.pk).current_workflow_task.name == (
        "Case Review Committee chair"
    )


def test_a_document_that_was_replaced_after_an_approval_is_approved_anew(board, lead):
    form = get_document_model().objects.create(
        title="The form", file=ContentFile(b"Fill me in.", name="form.txt")
    )
    download = ("download", {"title": "The form", "document": form.pk, "about": ""})
    page = protocol_for(lead.posts.get().agency)
    page = drafted(page, board["author"], body=body_of(download))
    approve_step(page, board["policy"])
    form.file.save("form.txt", ContentFile(b"Something else."))
    with pytest.raises(approval_approval.ApprovalRefused, match="has changed since"):
        approval_approval.approve(asked(page), by=lead)


def test_an_answer_to_a_text_that_has_changed_since_is_not_taken(board, lead):
    page = drafted(protocol_for(lead.posts.get().agency), board["author"])
    approve_step(page, board["policy"])
    page.body = saying("Something else.")
    page.save_revision(
        user=board["author"], overwrite_revision=page.get_latest_revision(), clean=False
    )
    for answer in (approval_approval.approve, approval_approval.send_back):
        more = {"comment": "No."} if answer is approval_approval.send_back else {}
        with pytest.raises(approval_approval.ApprovalRefused, match="has changed since"):
            answer(asked(page), by=lead, **more)


def test_an_answer_is_given_once_and_not_after_the_approval_was_called_off(board, lead):
    page = drafted(protocol_for(lead.posts.get().agency), board["author"])
    approve_step(page, board["policy"])
    approval = asked(page)
    page.current_workflow_state.cancel(user=board["author"])
    with pytest.raises(approval_approval.ApprovalRefused, match="no longer asked"):
        approval_approval.approve(approval, by=lead)
    page.get_workflow().start(page, user=board["author"])
    approval_approval.approve(asked(page), by=lead)
    with pytest.raises(approval_approval.ApprovalRefused, match="has been answered"):
        approval_approval.approve(page.approvals.of_agencies().get(state="approved"), by=lead)


def test_where_the_board_does_without_the_agencies_from_now_on_none_is_asked(board, lead):
    page = drafted(protocol_for(lead.posts.get().agency), board["author"])
    approve_step(page, board["policy"])
    approval = asked(page)
    AgencyStep.objects.get().deactivate(user=board["author"])
    with pytest.raises(approval_approval.ApprovalRefused, match="there is nothing left to do"):
        approval_approval.approve(approval, by=lead)
    page = type(page).objects.get(pk=page.pk)
    assert page.current_workflow_task.name == "Case Review Committee chair"


def test_a_protocol_that_asks_no_agency_goes_on_without(board):
    page = drafted(ProtocolPageFactory(), board["author"])
    for name in ("policy", "chair"):
        approve_step(page, board[name])
    assert page.editions.count() == 2
    passed_over = TaskState.objects.filter(status="skipped").values_list("task__name", flat=True)
    assert set(passed_over) == {"Author", "Agencies"}


def test_a_joint_owner_that_has_a_lead_is_asked_without_being_named(board, lead):
    owners = [AgencyFactory(name="The Board"), lead.posts.get().agency]
    page = drafted(ProtocolPageFactory(owners=owners), board["author"])
    approve_step(page, board["policy"])
    assert [each.name for each in page.approvals.of_agencies()] == ["City Midwifery"]
    with pytest.raises(editions.EditionRefused, match="City Midwifery has not approved this text"):
        editions.issue_edition(draft_of(page), by=board["author"])
    approval_approval.approve(asked(page), by=lead)
    approve_step(page, board["chair"])
    assert page.editions.count() == 2


def test_owners_in_another_order_are_another_text(board):
    page = drafted(ProtocolPageFactory(owners=AgencyFactory.create_batch(2)), board["author"])
    assert "Author" not in approval_approval.lacking(page, content.facts_of(draft_of(page)))
    page.owners = [*page.owners.all()][::-1]
    for place, owner in enumerate(page.owners.all()):
        owner.sort_order = 1 - place
    page.save_revision(user=board["author"])
    assert "Author" in approval_approval.lacking(page, content.facts_of(draft_of(page)))


def test_an_agency_without_anybody_to_ask_stops_it_with_a_sentence(board):
    page = drafted(protocol_for(AgencyFactory(name="The Trust")), board["author"])
    with pytest.raises(editions.EditionRefused, match="The Trust has no lead"):
        approve_step(page, board["policy"])
    assert not Approval.objects.of_agencies().exists()


def test_a_person_who_is_named_answers_instead_of_the_lead(board, lead):
    agency = lead.posts.get().agency
    named = PostFactory(agency=agency).person
    page = ProtocolPageFactory()
    page.approvers.create(agency=agency, person=named)
    page = drafted(page, board["author"])
    approve_step(page, board["policy"])
    assert Mail.objects.get(template="draft_to_approve").to == named.email
    approval = asked(page)
    assert list(Approval.objects.visible_to(named)) == [approval]
    assert not Approval.objects.visible_to(lead).exists()
    # A person who has left the agency can no longer answer for it.
    named.posts.update(ends_on=timezone.localdate() - dt.timedelta(days=1))
    assert not Approval.objects.visible_to(named).exists()


def words(response):
    page = BeautifulSoup(response.content, "html.parser")
    return " ".join(page.main.get_text(" ").split())


def test_a_lead_reads_the_draft_and_answers_on_a_page_of_their_own(client, board, lead):
    page = protocol_for(lead.posts.get().agency, title="Unborn Baby Protocol")
    page = drafted(page, board["author"])
    approve_step(page, board["policy"])
    approval = asked(page)
    address = f"/my/drafts/{approval.pk}/"
    client.force_login(lead)
    assert "Waiting for your answer" in words(client.get("/my/drafts/"))
    shown = words(client.get(address))
    for part in ("Now this.", "New guidance.", "Changed Why we have this", "Read version 1"):
        assert part in shown
    assert "Say what should change." in words(
        client.post(address, {"decision": "send_back", "comment": ""})
    )
    assert "NHS number" in words(
        client.post(address, {"decision": "send_back", "comment": "About 943 476 5919"})
    )
    assert client.post(address, {"decision": "approve"}).status_code == 302
    approval.refresh_from_db()
    assert (approval.state, approval.answered_by) == ("approved", lead)
    assert "You have approved the draft for City Midwifery." in words(client.get(address))
    assert "has been answered" in words(client.post(address, {"decision": "approve"}))


@pytest.fixture
def editor(client, settings, board):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client.force_login(board["author"])
    return client


def form_of(page, **fields):
    """Build the form data that an editor's browser sends."""
    text = {"key": "a", "text": "Now this.", "type": "unstyled", "depth": 0}
    text |= {"inlineStyleRanges": [], "entityRanges": []}
    prose = str({"blocks": [text], "entityMap": {}}).replace("'", '"')
    part = ("section", {"heading": "Why we have this", "anchor": "", "text": prose})
    owners = [{"id": owner.pk, "agency": owner.agency_id} for owner in page.owners.all()]
    answers = list(page.answers.values("id", "kind", "citation"))
    none = {name: inline_formset([]) for name in ("approvers", "check_answers")}
    none |= {name: inline_formset([]) for name in ("elsewhere", "comments")}
    return nested_form_data(
        none
        | {
            "title": page.title,
            "slug": page.slug,
            "summary": page.summary,
            "reason": "New guidance.",
            "is_major": "on",
            "in_force_from": timezone.localdate().isoformat(),
            "next_review_on": "2099-01-01",
            "numbered_from": "1",
            "owners": inline_formset(owners, initial=len(owners)),
            "answers": inline_formset(answers, initial=len(answers)),
            "body": streamfield([part]),
            "check_question": "",
        }
        | fields
    )


def test_a_refused_publication_is_said_above_the_draft_which_is_kept(editor):
    page = ProtocolPageFactory(title="Unborn Baby Protocol")
    address = f"/cms/pages/{page.pk}/edit/"
    answer = editor.post(address, form_of(page, **{"action-publish": "yes"}), follow=True)
    assert answer.redirect_chain == [(address, 302)]
    said = [str(message) for message in answer.context["messages"]]
    assert said[0].startswith("It cannot be put in force yet. Author has not approved this text.")
    assert page.editions.count() == 1
    assert type(page).objects.get(pk=page.pk).reason == "The first version."
    draft = draft_of(page)
    assert draft.reason == "New guidance."
    assert "Now this." in str(draft.body)


def test_saving_a_draft_changes_nothing_that_is_public(editor, client):
    page = ProtocolPageFactory(slug="unborn")
    before = page.edition_in_force
    editor.post(f"/cms/pages/{page.pk}/edit/", form_of(page, title="Other"))
    assert draft_of(page).title == "Other"
    assert type(page).objects.get(pk=page.pk).edition_in_force == before
    assert "Now this." not in words(client.get("/protocols/unborn/"))


def test_the_address_stays_with_the_first_edition(editor):
    page = ProtocolPageFactory(slug="unborn")
    said = editor.post(f"/cms/pages/{page.pk}/edit/", form_of(page, slug="other"))
    assert "it stays ‘unborn’" in said.content.decode()
    never_public = ProtocolPageFactory(slug="never", edition=None, live=False)
    editor.post(f"/cms/pages/{never_public.pk}/edit/", form_of(never_public, slug="other"))
    assert type(page).objects.get(pk=never_public.pk).slug == "other"


def test_a_refusal_in_every_other_place_is_said_too(editor, board):
    page = ProtocolPageFactory(edition=None, live=False)
    page.save_revision(user=board["author"])
    places = [
        f"/cms/bulk/wagtailcore/page/publish/?id={page.pk}",
        f"/cms/api/main/pages/{page.pk}/action/publish/",
    ]
    for place in places:
        answer = editor.post(place, {"next": "/cms/"})
        assert answer.status_code == 302, place
        said = [str(message) for message in editor.get("/cms/").context["messages"]]
        assert any(each.startswith("It cannot be put in force") for each in said), place
    assert not Edition.objects.exists()
    assert not type(page).objects.get(pk=page.pk).live
    assert django_mail.outbox == []
