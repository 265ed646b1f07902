"""What does each role get of Wagtail's other views of a protocol that it may not see?"""

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction, PageViewRestriction

from agencies.access import (
    BOARD_MEMBERS,
    COMMITTEE_CHAIRS,
    POLICY_LEADS,
    PROTOCOL_EDITORS,
    TRAINING_ADMINISTRATORS,
)
from tests.factories import ApprovalFactory, PersonFactory, PostFactory, ProtocolPageFactory

pytestmark = pytest.mark.django_db
SECRET = "A text that only editors have seen"
STAFF = {
    "editor": PROTOCOL_EDITORS,
    "policy lead": POLICY_LEADS,
    "chair": COMMITTEE_CHAIRS,
    "administrator": TRAINING_ADMINISTRATORS,
    "board member": BOARD_MEMBERS,
}


@pytest.fixture
def draft():
    page = ProtocolPageFactory(slug="unborn")
    page.summary, page.title = SECRET, "A title that only editors have seen"
    page.save_revision()
    page.save_revision()
    return page


@pytest.fixture
def clients(settings):
    settings.SECOND_FACTOR_REQUIRED = False
    people = {role: PersonFactory(is_staff=True, groups=[group]) for role, group in STAFF.items()}
    people["lead"] = PostFactory(is_lead=True).person
    people["professional"] = PostFactory().person
    clients = {role: Client() for role in [*people, "nobody"]}
    for role, person in people.items():
        clients[role].force_login(person)
    return clients


def secondary_views(page):
    first, last = page.revisions.order_by("pk")[:2]
    yield f"/cms/pages/{page.pk}/edit/"
    yield f"/cms/pages/{page.pk}/view_draft/"
    yield f"/cms/pages/{page.pk}/edit/preview/"
    yield f"/cms/pages/{page.pk}/history/"
    yield f"/cms/pages/{page.pk}/copy/"
    yield f"/cms/pages/{page.pk}/delete/"
    yield f"/cms/pages/{page.pk}/unpublish/"
    yield f"/cms/pages/{page.pk}/move/"
    yield f"/cms/pages/{page.pk}/usage/"
    yield f"/cms/pages/{page.pk}/revisions/{first.pk}/view/"
    yield f"/cms/pages/{page.pk}/revisions/{first.pk}/revert/"
    yield f"/cms/pages/{page.pk}/revisions/compare/{first.pk}...{last.pk}/"
    yield f"/cms/pages/{page.pk}/workflow_history/"
    yield f"/cms/pages/workflow/status/{page.pk}/"
    yield f"/cms/protocols/{page.pk}/versions/"
    yield f"/cms/pages/{page.get_parent().pk}/"
    yield "/cms/reports/site-history/"
    yield "/cms/reports/workflow/"
    yield f"/cms/api/main/pages/{page.pk}/"


def test_a_draft_is_shown_in_no_view_to_those_who_do_not_work_on_it(clients, draft):
    told = []
    for address in secondary_views(draft):
        for role, client in clients.items():
            if role in ("editor", "chair", "policy lead"):
                continue
            answer = client.get(address)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            shown = SECRET.encode() in body or b"only editors have seen" in body
            if shown or answer.status_code >= 500:
                told.append((address, role, answer.status_code))
    assert told == []


def test_editors_are_shown_it_in_those_views(clients, draft):
    """The control: what is looked for is there."""
    shown = [
        address
        for address in secondary_views(draft)
        if b"only editors have seen" in clients["editor"].get(address).content
    ]
    assert len(shown) >= 5


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


def test_a_document_of_a_private_collection_is_for_those_in_its_groups(clients):
    private = Collection.get_first_root_node().add_child(name="Private")
    restriction = CollectionViewRestriction.objects.create(
        collection=private, restriction_type="groups"
    )
    group = clients["editor"].get("/cms/").wsgi_request.user.groups.get()
    restriction.groups.add(group)
    document = get_document_model().objects.create(
        title="Minutes",
        file=ContentFile(b"Closed.", "minutes.txt"),
        collection=private,
        file_hash="a",
    )
    given = {}
    for role, client in clients.items():
        answer = client.get(document.url)
        given[role] = answer.status_code
        b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert {role for role, status in given.items() if status == 200} == {"editor"}


def test_a_restricted_protocol_is_closed_to_those_whom_it_is_not_for(clients, draft):
    restriction = PageViewRestriction.objects.create(page=draft, restriction_type="groups")
    group = clients["editor"].get("/cms/").wsgi_request.user.groups.get()
    restriction.groups.add(group)
    for tail in ("", "editions/1/", "editions/1/pdf/", "editions/1/record/"):
        given = {r: clients[r].get(f"/protocols/unborn/{tail}").status_code for r in clients}
        assert {role for role, status in given.items() if status == 200} == {"editor"}, tail
