"""Tests of what each role sees in Wagtail's other views of a protocol.

Editors see drafts. The policy lead and the chair see a draft while it is with them, and otherwise
only its title. Nobody else, within the board or outside, sees any of it.
"""

import pytest
from django.test import Client

from agencies.access import (
    BOARD_MEMBERS,
    COMMITTEE_CHAIRS,
    POLICY_LEADS,
    PROTOCOL_EDITORS,
    TRAINING_ADMINISTRATORS,
)
from protocols.models import ProtocolPage
from tests.factories import ApprovalFactory, PersonFactory, PostFactory, ProtocolPageFactory
from tests.protocols.test_approving import approve_step

pytestmark = pytest.mark.django_db
TEXT = b"A text that only editors have seen"
TITLE = b"A title that only editors have seen"
STAFF = {
    "editor": PROTOCOL_EDITORS,
    "policy lead": POLICY_LEADS,
    "chair": COMMITTEE_CHAIRS,
    "administrator": TRAINING_ADMINISTRATORS,
    "board member": BOARD_MEMBERS,
}
APPROVERS = {"policy lead", "chair"}


@pytest.fixture
def draft():
    page = ProtocolPageFactory(slug="unborn")
    page.summary, page.title = TEXT.decode(), TITLE.decode()
    page.save_revision()
    page.save_revision()
    return page


@pytest.fixture
def people():
    staff = {role: PersonFactory(is_staff=True, groups=[group]) for role, group in STAFF.items()}
    outside = {"lead": PostFactory(is_lead=True).person, "professional": PostFactory().person}
    return staff | outside


@pytest.fixture
def clients(people, settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    clients = {role: Client() for role in [*people, "nobody"]}
    for role, person in people.items():
        clients[role].force_login(person)
    return clients


def submitted(page, people, *approved_by):
    """Submit the page's draft, which its author approves, and approve it in these roles."""
    page.get_workflow().start(page, user=people["editor"])
    for role in approved_by:
        approve_step(page, people[role])
    return ProtocolPage.objects.get(pk=page.pk)


def reading_views(page):
    """Yield the URLs where Wagtail shows a draft's text."""
    *_, first, last = page.revisions.order_by("pk")
    yield f"/cms/pages/{page.pk}/edit/"
    yield f"/cms/pages/{page.pk}/view_draft/"
    yield f"/cms/pages/{page.pk}/revisions/{first.pk}/view/"
    yield f"/cms/pages/{page.pk}/revisions/{first.pk}/revert/"
    yield f"/cms/pages/{page.pk}/revisions/compare/live...{last.pk}/"
    yield f"/cms/pages/{page.pk}/revisions/compare/{first.pk}...{last.pk}/"
    if state := page.current_workflow_state:
        yield f"/cms/pages/workflow/preview/{page.pk}/{state.current_task_state.task_id}/"
        yield f"/cms/pages/workflow/confirm_cancellation/{page.pk}/"
        yield f"/cms/pages/{page.pk}/workflow_history/detail/{state.pk}/"


def secondary_views(page):
    yield from reading_views(page)
    yield f"/cms/pages/{page.pk}/edit/preview/"
    yield f"/cms/pages/{page.pk}/history/"
    yield f"/cms/pages/{page.pk}/copy/"
    yield f"/cms/pages/{page.pk}/delete/"
    yield f"/cms/pages/{page.pk}/unpublish/"
    yield f"/cms/pages/{page.pk}/move/"
    yield f"/cms/pages/{page.pk}/usage/"
    yield f"/cms/pages/{page.pk}/workflow_history/"
    yield f"/cms/pages/{page.get_parent().pk}/"
    yield "/cms/pages/search/?q=title"
    yield f"/cms/choose-page/{page.get_parent().pk}/"
    yield "/cms/choose-page/search/?q=title"
    yield f"/cms/protocols/{page.pk}/versions/"
    yield "/cms/reports/site-history/"
    yield "/cms/reports/workflow/"
    yield "/cms/reports/workflow_tasks/"
    yield "/cms/reports/locked/"
    yield "/cms/reports/aging-pages/"
    yield f"/cms/api/main/pages/{page.pk}/"
    yield "/cms/"


def given(client, address):
    answer = client.get(address)
    assert answer.status_code < 500, address
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def shown(clients, views, *words):
    """Map, for each of these words, each board role to the views that contain it."""
    found = {each: {role: set() for role in STAFF} for each in words}
    for address in views:
        for role in STAFF:
            said = given(clients[role], address)
            for each in words:
                if each in said:
                    found[each][role].add(address)
    return [found[each] for each in words]


def roles_in(shown):
    return {role for role, views in shown.items() if views}


@pytest.mark.long(reason="it asks at every view of the back office, as each role")
def test_a_draft_that_is_not_submitted_is_read_by_editors_alone(clients, draft):
    read, named = shown(clients, secondary_views(draft), TEXT, TITLE)
    assert roles_in(read) == {"editor"}
    assert len(read["editor"]) >= 5
    assert roles_in(named) == {"editor", *APPROVERS}
    lists = {
        f"/cms/pages/{draft.get_parent().pk}/",
        "/cms/pages/search/?q=title",
        f"/cms/choose-page/{draft.get_parent().pk}/",
        "/cms/choose-page/search/?q=title",
        "/cms/reports/aging-pages/",
        f"/cms/api/main/pages/{draft.pk}/",
    }
    assert set.union(*(named[role] for role in APPROVERS)) <= lists


def test_a_draft_is_read_by_the_policy_lead_and_then_the_chair_while_it_is_with_them(
    clients, people, draft
):
    page = submitted(draft, people)
    (read,) = shown(clients, reading_views(page), TEXT)
    assert roles_in(read) == {"editor", "policy lead"}
    comparing = f"/cms/pages/{page.pk}/revisions/compare/live...{page.latest_revision_id}/"
    assert TEXT in given(clients["policy lead"], comparing)
    approve_step(page, people["policy lead"])
    page = ProtocolPage.objects.get(pk=page.pk)
    (read,) = shown(clients, reading_views(page), TEXT)
    assert roles_in(read) == {"editor", "chair"}
    assert TEXT in given(clients["chair"], comparing)


def test_the_back_office_is_closed_to_all_others(clients, people, draft):
    for address in secondary_views(submitted(draft, people)):
        for role in ("lead", "professional"):
            assert clients[role].get(address).status_code == 403, (address, role)
        assert clients["nobody"].get(address).status_code == 302, address


def test_who_has_a_step_puts_nothing_in_force_or_out_of_it_but_by_that_step(clients, people, draft):
    page = submitted(draft, people, "policy lead")
    for role in ("policy lead", "chair", "administrator", "board member", "lead", "nobody"):
        for address in (
            f"/cms/pages/{page.pk}/unpublish/",
            f"/cms/bulk/wagtailcore/page/unpublish/?id={page.pk}",
            f"/cms/bulk/wagtailcore/page/publish/?id={page.pk}",
            f"/cms/bulk/wagtailcore/page/delete/?id={page.pk}",
            f"/cms/api/main/pages/{page.pk}/action/unpublish/",
            f"/cms/api/main/pages/{page.pk}/action/publish/",
            f"/cms/api/main/pages/{page.pk}/action/delete/",
        ):
            assert clients[role].post(address, {"next": "/cms/"}).status_code < 500
    page = ProtocolPage.objects.get(pk=page.pk)
    assert (page.live, page.editions.count()) == (True, 1)


def test_choosers_of_the_back_office_are_closed_to_people_of_agencies(clients):
    for address in (
        "/cms/choose-page/",
        "/cms/choose-page/search/?q=unborn",
        "/cms/documents/chooser/",
        "/cms/images/chooser/",
        "/cms/workflows/list/",
        "/cms/bulk/wagtailcore/page/publish/",
    ):
        for role in ("lead", "professional"):
            assert clients[role].get(address).status_code == 403, (address, role)
        assert clients["nobody"].get(address).status_code == 302, address


def test_a_draft_that_another_agency_is_asked_about_does_not_exist(clients, draft):
    address = f"/my/drafts/{ApprovalFactory(page=draft).pk}/"
    for role, client in clients.items():
        wanted = 302 if role == "nobody" else 404
        assert client.get(address).status_code == wanted, role
        assert client.post(address, {"decision": "approve"}).status_code == wanted, role
    assert draft.approvals.get().state == "waiting"
