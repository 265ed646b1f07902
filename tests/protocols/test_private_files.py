"""Tests of which roles may open private documents and pictures or see their names."""

import pytest
from django.core.files.base import ContentFile
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction, PageViewRestriction

from protocols.editions import pdfs
from tests.factories import ImageFactory, ProtocolPageFactory, body_of
from tests.protocols.test_secondary_views import clients, given, people

__all__ = ["clients", "people"]
pytestmark = pytest.mark.django_db
NAME = b"Minutes of the closed part"
# These roles manage documents and pictures, and so see their names.
KEEPERS = {"editor", "administrator"}


@pytest.fixture
def private(people):
    collection = Collection.get_first_root_node().add_child(name="Private")
    restriction = CollectionViewRestriction.objects.create(
        collection=collection, restriction_type="groups"
    )
    restriction.groups.add(people["editor"].groups.get())
    return collection


@pytest.fixture
def document(private):
    file = ContentFile(b"Closed.", "minutes.txt")
    return get_document_model().objects.create(title=NAME.decode(), file=file, collection=private)


@pytest.fixture
def picture(private):
    return ImageFactory(title=NAME.decode(), collection=private)


def answered(clients, address):
    """Return the roles that may open the address."""
    found = set()
    for role, client in clients.items():
        answer = client.get(address)
        assert answer.status_code < 500, (address, role)
        if answer.streaming:
            b"".join(answer.streaming_content)
        if answer.status_code == 200:
            found.add(role)
    return found


def named(clients, address):
    return {role for role, client in clients.items() if NAME in given(client, address)}


def test_a_document_of_a_private_collection_is_for_those_in_its_groups(clients, document):
    assert answered(clients, document.url) == {"editor"}


def test_a_picture_of_a_private_collection_is_for_those_who_may_choose_it(clients, picture):
    small = picture.get_rendition("width-100")
    for address in (small.url, picture.file.url):
        assert answered(clients, address) == KEEPERS, address


def test_only_who_keeps_files_is_told_the_names_of_private_ones(clients, document, picture):
    for address in (
        "/cms/documents/chooser/",
        "/cms/documents/chooser/results/",
        f"/cms/documents/chooser/chosen/{document.pk}/",
        f"/cms/documents/chooser/chosen-multiple/?id={document.pk}",
        "/cms/images/chooser/",
        "/cms/images/chooser/results/",
        f"/cms/images/chooser/chosen/{picture.pk}/",
        f"/cms/images/chooser/{picture.pk}/select_format/",
    ):
        assert named(clients, address) == KEEPERS, address
    # Only owners may change them, and these have none.
    for address in (
        "/cms/documents/?q=minutes",
        f"/cms/documents/edit/{document.pk}/",
        f"/cms/documents/delete/{document.pk}/",
        "/cms/images/?q=minutes",
        f"/cms/images/{picture.pk}/",
        f"/cms/images/{picture.pk}/delete/",
        f"/cms/images/{picture.pk}/generate_url/",
        f"/cms/images/{picture.pk}/preview/width-100/",
    ):
        assert named(clients, address) == set(), address
    assert answered(clients, f"/cms/images/{picture.pk}/preview/width-100/") <= KEEPERS


def test_where_a_file_is_used_names_no_draft_to_those_who_do_not_know_it(clients):
    public = get_document_model().objects.create(
        title="Form", file=ContentFile(b"Fill me in.", "form.txt")
    )
    part = ("download", {"title": "The form", "document": public.pk, "about": ""})
    page = ProtocolPageFactory(title="Of old", body=body_of(part))
    page.title = NAME.decode()
    page.save_revision()
    assert named(clients, f"/cms/documents/usage/{public.pk}/") <= {"editor"}
    assert named(clients, f"/cms/images/usage/{ImageFactory().pk}/") == set()


def test_the_files_of_a_restricted_version_are_for_those_who_read_it(clients, people):
    public = get_document_model().objects.create(
        title="Form", file=ContentFile(b"Fill me in.", "form.txt")
    )
    part = ("download", {"title": "The form", "document": public.pk, "about": ""})
    page = ProtocolPageFactory(slug="unborn", body=body_of(part))
    file = page.edition_in_force.files.get().get_absolute_url()
    assert answered(clients, file) == set(clients)
    restriction = PageViewRestriction.objects.create(page=page, restriction_type="groups")
    restriction.groups.add(people["editor"].groups.get())
    pdfs.make()
    of_the_page = ["", "editions/1/", "editions/1/pdf/", "editions/1/record/"]
    for address in (file, *(f"/protocols/unborn/{tail}" for tail in of_the_page)):
        assert answered(clients, address) == {"editor"}, address
