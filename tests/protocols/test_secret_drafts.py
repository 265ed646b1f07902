"""Test that no address of the back office tells the title of a draft to who may not read drafts."""

import re

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from wagtail.documents import get_document_model
from wagtail.models import ReferenceIndex

from agencies.access import BOARD_MEMBERS, PROTOCOL_EDITORS, TRAINING_ADMINISTRATORS
from home.models import StandardPage
from protocols.models import ProtocolPage
from tests.factories import (
    ApprovalFactory,
    CourseFactory,
    ImageFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
    StandardPageFactory,
    picture_of,
)
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


# Documents and pictures


@pytest.fixture
def document():
    return get_document_model().objects.create(
        title="Annex", file=ContentFile(b"An annex.", "annex.txt")
    )


@pytest.fixture(params=["document", "picture"])
def file(request, document):
    """Return a file as a body has it, and its address as a visitor has it."""
    if request.param == "document":
        return text_with(document), document.url
    picture = ImageFactory()
    return picture_of(picture), picture.get_rendition("width-640").url


def section(text):
    return ("section", {"heading": "Why", "text": text})


def text_with(document):
    return section(f'<p><a linktype="document" id="{document.pk}">Annex</a></p>')


def drafted(part):
    return ProtocolPageFactory(live=False, edition=None, body=body_with(part))


def drafted_again(part):
    page = ProtocolPageFactory()
    page.body = body_with(part)
    page.save_revision()
    return page


def drafted_standing_page(part):
    return StandardPageFactory(live=False, body=standing(part))


def drafted_standing_page_again(part):
    page = StandardPageFactory()
    page.body = standing(part)
    page.save_revision()
    return page


def standing(part):
    stream = StandardPage._meta.get_field("body").stream_block
    return stream.to_python([{"type": part[0], "value": part[1]}])


def is_given(client, address):
    answer = client.get(address)
    body_of(answer)
    return answer.status_code == 200


@pytest.mark.parametrize(
    "draft", [drafted, drafted_again, drafted_standing_page, drafted_standing_page_again]
)
def test_a_file_of_a_draft_is_for_the_office_alone(file, draft, client, settings):
    part, address = file
    assert is_given(client, address)
    draft(part)
    assert not is_given(client, address)
    client.force_login(PersonFactory())
    assert not is_given(client, address)
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    assert is_given(member_of(PROTOCOL_EDITORS), address)


def test_the_agency_that_is_asked_about_a_draft_opens_its_files(file, client):
    part, address = file
    approval = ApprovalFactory(page=drafted_again(part))
    lead = PostFactory(agency=approval.agency, is_lead=True).person
    client.force_login(lead)
    assert is_given(client, address)
    client.force_login(PostFactory(is_lead=True).person)
    assert not is_given(client, address)


def test_a_file_that_its_page_shows_already_stays_public(file, client):
    """Take a page as it is, also before the worker has written down what it refers to."""
    part, address = file
    page = ProtocolPageFactory(body=body_with(part))
    page.summary = "Changed."
    page.save_revision()
    ReferenceIndex.objects.all().delete()
    assert is_given(client, address)


def test_a_document_that_a_public_page_has_too_stays_public(document, client):
    drafted(text_with(document))
    page = ProtocolPageFactory(body=body_with(text_with(document)))
    ReferenceIndex.create_or_update_for_object(page)
    assert is_given(client, document.url)
