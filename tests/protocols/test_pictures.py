"""Tests that pictures of protocols have descriptions and stay unchanged in each edition."""

import io

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.test import Client
from PIL import Image as Pillow
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, CollectionViewRestriction

from agencies.access import PROTOCOL_EDITORS
from protocols.drafts import content as drafts_content
from protocols.drafts import copies
from protocols.editions import editions
from protocols.models import Edition, ProtocolPage
from tests.factories import (
    APPROVED,
    ImageFactory,
    PersonFactory,
    ProtocolPageFactory,
    StandardPageFactory,
    body_of,
    picture_of,
)

pytestmark = pytest.mark.django_db


def shown_in(html):
    return BeautifulSoup(html, "html.parser").find("img")


def widths(tag):
    return [int(each.split()[1].rstrip("w")) for each in tag["srcset"].split(", ")]


def given(client, address):
    answer = client.get(address)
    return answer, b"".join(answer.streaming_content) if answer.streaming else answer.content


def issue(page):
    return editions.issue_edition(page, by="TEST", approved_by=APPROVED)


def private_collection():
    private = Collection.get_first_root_node().add_child(name="Private")
    CollectionViewRestriction.objects.create(collection=private, restriction_type="login")
    return private


def test_a_picture_says_how_large_it_is_and_is_fetched_no_larger_than_needed():
    page = ProtocolPageFactory(edition=None, body=body_of(picture_of(ImageFactory())))
    tag = shown_in(drafts_content.draft_of(page).html)
    assert (tag["width"], tag["height"], tag["loading"]) == ("800", "400", "lazy")
    assert widths(tag) == [400, 800, 1200]
    assert tag["sizes"] == "(max-width: 800px) 100vw, 800px"


def test_a_small_picture_stays_small_and_is_there_once():
    small = ImageFactory(file__width=300, file__height=100)
    page = ProtocolPageFactory(edition=None, body=body_of(picture_of(small)))
    tag = shown_in(drafts_content.draft_of(page).html)
    assert (tag["width"], tag["height"], widths(tag)) == ("300", "100", [300])


def test_what_a_camera_wrote_beside_the_picture_goes_to_nobody():
    written, notes = io.BytesIO(), Pillow.Exif()
    notes[0x010E] = "At the family's home"
    Pillow.new("RGB", (900, 600)).save(written, "JPEG", exif=notes)
    assert b"family's home" in written.getvalue()
    image = get_image_model().objects.create(
        title="Photo", file=ContentFile(written.getvalue(), "photo.jpg")
    )
    edition = ProtocolPageFactory(body=body_of(picture_of(image))).edition_in_force
    kept = [copies.read(file) for file in edition.files.all()]
    assert len(kept) == 3
    assert not any(b"family's home" in content for content in kept)


@pytest.mark.parametrize("words", ["", "  "])
def test_a_picture_is_described_unless_it_is_decoration(words):
    image = ImageFactory(description="What the library says")
    with pytest.raises(ValidationError) as refused:
        body_of(picture_of(image, alt_text=words))
    assert "mark it as decorative" in str(refused.value.as_json_data())
    body = body_of(picture_of(image, alt_text=words, decorative=True))
    page = ProtocolPageFactory(edition=None, body=body)
    assert shown_in(drafts_content.draft_of(page).html)["alt"] == ""


def test_what_is_written_beside_a_picture_stays_words():
    hostile = '"><script>alert(1)</script> srcset="/documents/1/x.txt"'
    picture = picture_of(ImageFactory(), alt_text=hostile, caption=hostile)
    edition = ProtocolPageFactory(body=body_of(picture)).edition_in_force
    found = BeautifulSoup(edition.html, "html.parser")
    assert not found.find("script")
    assert found.figcaption.get_text() == found.img["alt"] == hostile
    assert set(found.img.attrs) == {
        "alt", "class", "decoding", "height", "loading", "sizes", "src", "srcset", "width",
    }  # fmt: skip


def test_a_version_serves_its_own_pictures_and_they_are_pictures(client):
    page = ProtocolPageFactory(slug="unborn", body=body_of(picture_of(ImageFactory())))
    html = client.get("/protocols/unborn/").content.decode()
    tag = shown_in(BeautifulSoup(html, "html.parser").article.decode())
    addresses = [each.split()[0] for each in tag["srcset"].split(", ")]
    assert tag["src"] == addresses[1]
    for address, wide in zip(addresses, [400, 800, 1200], strict=True):
        assert address.startswith("/protocols/unborn/editions/1/files/")
        answer, content = given(client, address)
        assert answer["Content-Type"] == "image/webp"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Disposition"].startswith("inline;")
        assert Pillow.open(io.BytesIO(content)).size == (wide, wide // 2)
    assert page.edition_in_force.files.count() == 3


def test_a_version_reads_as_it_did_when_all_that_it_was_made_of_is_gone(client):
    image = ImageFactory()
    document = get_document_model().objects.create(
        title="Form", file=ContentFile(b"Fill me in.", name="form.txt")
    )
    download = ("download", {"title": "The form", "document": document.pk, "about": ""})
    page = ProtocolPageFactory(slug="unborn", body=body_of(picture_of(image), download))
    page.save_revision()
    edition = page.edition_in_force
    addresses = ["", "record/"] + [
        file.get_absolute_url().removeprefix(edition.get_absolute_url())
        for file in edition.files.all()
    ]
    reader = Client()
    before = [given(reader, edition.get_absolute_url() + each)[1] for each in addresses]
    page.revisions.all().delete()
    for each in (*image.renditions.all(), image, document):
        each.file.delete(save=False)
        each.delete()
    ProtocolPage.objects.update(summary="Another", body=body_of(("warning", {"text": "Stop"})))
    after = [given(Client(), edition.get_absolute_url() + each)[1] for each in addresses]
    assert len(after) == 6
    assert after == before


def test_a_private_picture_is_not_made_public_by_a_version():
    image = ImageFactory(collection=private_collection())
    page = ProtocolPageFactory(edition=None, body=body_of(picture_of(image)))
    with pytest.raises(editions.EditionRefused, match="‘example.*’ is in a private collection"):
        issue(page)
    assert not Edition.objects.exists()


@pytest.mark.parametrize("lost", ["row", "files", "size"])
def test_a_version_is_not_made_without_its_picture(client, lost):
    image = ImageFactory()
    page = ProtocolPageFactory(edition=None, body=body_of(picture_of(image)))
    drafts_content.draft_of(page)
    if lost == "row":
        image.delete()
    else:
        for size in image.renditions.all():
            size.file.storage.delete(size.file.name)
    if lost == "files":
        image.renditions.all().delete()
        image.file.storage.delete(image.file.name)
    page = ProtocolPage.objects.get(pk=page.pk)
    with pytest.raises(editions.EditionRefused, match="is not here any more: take it out"):
        issue(page)
    assert not Edition.objects.exists()


@pytest.fixture
def editor(client, settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    person = PersonFactory(is_staff=True, groups=[PROTOCOL_EDITORS])
    client.force_login(person)
    return person


def test_an_editor_finds_pictures_and_sees_what_became_of_them(client, editor):
    first, second = ImageFactory(title="Old flow"), ImageFactory(title="New flow")
    page = ProtocolPageFactory(body=body_of(picture_of(first, alt_text="The old flow")))
    was = page.save_revision(user=editor)
    body = page.body.get_prep_value()
    body[0]["value"]["image"] |= {"image": second.pk, "alt_text": "The new flow"}
    page.body = page.body.stream_block.to_python(body)
    now = page.save_revision(user=editor)
    assert "New flow" in client.get("/cms/images/chooser/").content.decode()
    compared = client.get(f"/cms/pages/{page.pk}/revisions/compare/{was.pk}...{now.pk}/")
    found = BeautifulSoup(compared.content, "html.parser").select(".preview-image img")
    assert [tag["alt"] for tag in found] == ["The old flow", "The new flow"]
    assert [given(client, tag["src"])[0].status_code for tag in found] == [200, 200]
    assert found[0]["src"] != found[1]["src"]
    preview = client.get(f"/cms/pages/{page.pk}/revisions/{now.pk}/view/")
    tag = shown_in(BeautifulSoup(preview.content, "html.parser").article.decode())
    assert tag["alt"] == "The new flow"
    assert given(client, tag["src"])[0]["Content-Type"] == "image/webp"


def test_sizes_of_a_picture_are_for_those_whose_collection_it_is(client, editor):
    open_one, closed = ImageFactory(), ImageFactory(collection=private_collection())
    readers = {"nobody": Client(), "professional": Client(), "editor": client}
    readers["professional"].force_login(PersonFactory())

    def who_gets(file):
        return {name for name, one in readers.items() if given(one, file.url)[0].status_code == 200}

    assert who_gets(open_one.get_rendition("max-165x165").file) == set(readers)
    assert who_gets(closed.get_rendition("max-165x165").file) == {"professional", "editor"}
    assert who_gets(open_one.file) == who_gets(closed.file) == {"editor"}


def test_only_pictures_are_given_out_below_media(client, editor):
    drawing = get_image_model().objects.create(
        title="Drawing",
        file=ContentFile(b'<svg xmlns="http://www.w3.org/2000/svg"/>', "drawing.svg"),
        width=1,
        height=1,
    )
    document = get_document_model().objects.create(
        title="Notes", file=ContentFile(b"Notes.", "notes.txt")
    )
    for address in (drawing.file.url, document.file.url, "/media/../lms.sqlite3", "/media/"):
        assert client.get(address).status_code == 404, address
    gone = ImageFactory()
    gone.file.storage.delete(gone.file.name)
    assert client.get(gone.file.url).status_code == 404


def test_a_standing_page_shows_its_picture(client):
    StandardPageFactory(slug="how-we-work", body=body_of(picture_of(ImageFactory())))
    tag = shown_in(BeautifulSoup(client.get("/how-we-work/").content, "html.parser").main.decode())
    assert given(client, tag["src"])[0]["Content-Type"] == "image/webp"


def test_what_is_said_of_a_picture_is_searched(client):
    picture = picture_of(ImageFactory(), alt_text="Boxes and arrows", caption="Stepping up")
    page = ProtocolPageFactory(body=body_of(picture))
    words = page.body.stream_block.get_searchable_content(page.body)
    assert words == ["Boxes and arrows", "Stepping up"]
