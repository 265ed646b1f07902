"""Test that no address of the back office tells the title of a draft to who may not read drafts."""

import re

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from wagtail.documents import get_document_model
from wagtail.models import ReferenceIndex

from agencies.access import BOARD_MEMBERS, PROTOCOL_EDITORS, TRAINING_ADMINISTRATORS
from protocols.models import ProtocolPage
from tests.factories import CourseFactory, PersonFactory, ProtocolPageFactory
from tests.factories import body_of as body_with
from tests.test_access_matrix import routes

pytestmark = pytest.mark.django_db
SECRET = "Zebra Concealment"
OUTSIDERS = [BOARD_MEMBERS, TRAINING_ADMINISTRATORS]
ACTIONS = ["delete", "move", "publish", "unpublish"]


@pytest.fixture
def drafts(settings):
    """Return a draft that was never published, and one of a protocol in force."""
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    never = ProtocolPageFactory(title=f"{SECRET} one", slug="zebra", live=False)
    changed = ProtocolPageFactory(title="Known Protocol", slug="known")
    ProtocolPage.objects.filter(pk=changed.pk).update(draft_title=f"{SECRET} two")
    return [never.pk, changed.pk]


def member_of(group):
    client = Client()
    client.force_login(PersonFactory(is_staff=True, groups=[group]))
    return client


def filled(route, draft, parent):
    """Yield the addresses of a route with the draft wherever it names an object."""
    if "wagtail_bulk_action" in route or "bulk/<str" in route:
        for action in ACTIONS:
            yield f"/cms/bulk/wagtailcore/page/{action}/?id={draft}"
            yield f"/cms/bulk/wagtailcore/page/{action}/?id=all&childOf={parent}"
        return
    route = re.sub(r"\(\?P<revision_id_\w>[^)]*\)", "latest", route)
    route = re.sub(r"\(\?P<pk>[^)]*\)", str(draft), route).replace("^", "").replace("$", "")
    route = route.replace("\\", "")
    route = re.sub(r"<slug:(content_type_app_name|app_label|app_name)>", "protocols", route)
    route = re.sub(r"<slug:(content_type_model_name|model_name)>", "protocolpage", route)
    route = re.sub(r"<str:app_label>", "protocols", route)
    route = re.sub(r"<str:model_name>", "protocolpage", route)
    route = re.sub(r"<(int|str):destination_id>", str(parent), route)
    other = re.sub(r"<int:page_to_move_id>", str(parent), route)
    for one in {route, other.replace(f"/{parent}/confirm", f"/{draft}/confirm")}:
        address = re.sub(r"<\w+:\w+>", str(draft), one)
        yield f"/{address}"
        yield f"/{address}?id={draft}&q=Zebra&page_type=protocols.protocolpage"


def addresses(drafts):
    parent = ProtocolPage.objects.get(pk=drafts[0]).get_parent().pk
    found = {
        each
        for route, _ in routes()
        if route.startswith("cms/") and "failwhale" not in route and "logout" not in route
        for draft in drafts
        for each in filled(route, draft, parent)
    }
    return sorted(found)


def body_of(answer):
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.mark.long(reason="asks every address of the back office for two drafts")
@pytest.mark.parametrize("group", OUTSIDERS)
def test_no_address_tells_the_title_of_a_draft(drafts, group):
    client = member_of(group)
    course = CourseFactory()
    course.protocols_taught.set(drafts)
    own = ["/cms/course/", f"/cms/course/edit/{course.pk}/", f"/cms/course/inspect/{course.pk}/"]
    tells = [
        address
        for address in [*addresses(drafts), *own]
        if SECRET.encode() in body_of(client.get(address))
    ]
    assert not tells, "\n".join(tells)


def test_an_editor_reads_the_titles_of_drafts(drafts):
    client = member_of(PROTOCOL_EDITORS)
    answer = client.get(f"/cms/choose-page/chosen-multiple/?id={drafts[0]}")
    assert SECRET in answer.json()["result"][0]["adminTitle"]


def test_an_administrator_keeps_a_draft_with_its_course_without_reading_its_title(drafts):
    course = CourseFactory()
    course.protocols_taught.set(drafts)
    client = member_of(TRAINING_ADMINISTRATORS)
    page = client.get(f"/cms/course/edit/{course.pk}/").text
    assert "A protocol that is not published yet" in page
    assert SECRET not in page
    assert f'<option value="{drafts[0]}" selected' in page


# Documents


@pytest.fixture
def document():
    return get_document_model().objects.create(
        title="Annex", file=ContentFile(b"An annex.", "annex.txt")
    )


def text_with(document):
    link = f'<p><a linktype="document" id="{document.pk}">Annex</a></p>'
    return body_with(("section", {"heading": "Why", "text": link}))


def drafted(document):
    return ProtocolPageFactory(live=False, edition=None, body=text_with(document))


def drafted_again(document):
    page = ProtocolPageFactory()
    page.body = text_with(document)
    page.save_revision()
    return page


def is_given(client, document):
    answer = client.get(f"/documents/{document.pk}/{document.filename}")
    return b"An annex." in body_of(answer)


@pytest.mark.parametrize("draft", [drafted, drafted_again])
def test_a_document_of_a_draft_is_for_the_office_alone(document, draft, client, settings):
    assert is_given(client, document)
    draft(document)
    assert not is_given(client, document)
    client.force_login(PersonFactory())
    assert not is_given(client, document)
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    assert is_given(member_of(PROTOCOL_EDITORS), document)


def test_a_document_that_a_public_page_has_too_stays_public(document, client):
    drafted(document)
    page = ProtocolPageFactory(body=text_with(document))
    ReferenceIndex.create_or_update_for_object(page)
    assert is_given(client, document)
