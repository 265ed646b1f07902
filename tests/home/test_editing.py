"""Test that an editor can write a page, and is told what is wrong with it."""

import pytest
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from home.models import HomePage, StandardPage
from protocols.models import ProtocolIndexPage, ProtocolPage
from tests.factories import ImageFactory, PersonFactory, ProtocolPageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client, settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client.force_login(PersonFactory(is_staff=True, is_superuser=True))
    return client


def paragraph(words):
    block = {"key": "a", "text": words, "type": "unstyled", "depth": 0}
    block |= {"inlineStyleRanges": [], "entityRanges": []}
    return f'{{"blocks": [{str(block).replace(chr(39), chr(34))}], "entityMap": {{}}}}'


def section(heading, anchor=""):
    return ("section", {"heading": heading, "anchor": anchor, "text": paragraph("Words.")})


def page_with(slug, *parts):
    fields = {"title": "A page", "slug": slug, "introduction": "", "body": streamfield(parts)}
    return nested_form_data(fields | {"action-publish": "yes", "comments": inline_formset([])})


def add_a_page(editor, data):
    return editor.post(f"/cms/pages/add/home/standardpage/{HomePage.objects.get().pk}/", data)


def test_a_page_is_written_and_its_parts_get_their_links(editor):
    add_a_page(editor, page_with("about", section("Who we are"), section("Who we are")))
    page = StandardPage.objects.get(slug="about")
    assert [part.value.id for part in page.body] == ["who-we-are", "who-we-are-2"]
    assert editor.get("/about/").status_code == 200


def test_an_address_that_is_taken_is_said_beside_the_slug(editor):
    before = StandardPage.objects.count()
    said = add_a_page(editor, page_with("my", section("One"))).content.decode()
    assert "‘my’ is the address of another part of this site: choose another." in said
    assert StandardPage.objects.count() == before


def test_two_parts_with_one_link_are_said_beside_the_body(editor):
    before = StandardPage.objects.count()
    data = page_with("about", section("One", "same"), section("Two", "same"))
    said = add_a_page(editor, data).content.decode()
    assert "could lead to more than one place: change an anchor." in said
    assert StandardPage.objects.count() == before


def test_a_protocol_opens_for_editing_with_its_owners_and_its_body(editor):
    protocol = ProtocolPageFactory()
    index = ProtocolIndexPage.objects.get()
    addresses = [
        f"/cms/pages/{protocol.pk}/edit/",
        f"/cms/pages/add/protocols/protocolpage/{index.pk}/",
        f"/cms/pages/{index.pk}/edit/",
        "/cms/snippets/protocols/topic/",
        "/cms/snippets/protocols/topic/add/",
    ]
    statuses = {address: editor.get(address).status_code for address in addresses}
    assert statuses == dict.fromkeys(addresses, 200)
    assert ProtocolPage.objects.count() == 1


def test_a_picture_that_nobody_described_is_said_beside_it(editor):
    picture = {"image": ImageFactory().pk, "alt_text": " "}
    part = ("picture", {"image": picture, "caption": ""})
    said = add_a_page(editor, page_with("about", part)).content.decode()
    assert "Please add some alt text for your image or mark it as decorative" in said
    assert not StandardPage.objects.filter(slug="about").exists()
    add_a_page(editor, page_with("about", ("picture", part[1] | {"image": described(picture)})))
    page = StandardPage.objects.get(slug="about")
    assert page.body[0].value["image"].contextual_alt_text == "A flow"


def described(picture):
    return picture | {"alt_text": " A flow "}
