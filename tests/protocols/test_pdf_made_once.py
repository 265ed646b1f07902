"""Tests that a version's PDF is made once, by the worker, and never while somebody waits for it."""

import io

import pytest
from django_tasks_db.models import DBTaskResult
from pypdf import PdfReader
from wagtail.models import Page

from agencies.models import Board
from protocols.editions import editions, pdfs
from protocols.models import Edition
from tests.factories import PersonFactory, ProtocolPageFactory

pytestmark = pytest.mark.django_db
ADDRESS = "/protocols/unborn/editions/1/pdf/"


def work():
    """Do what the worker is asked to do, and only that."""
    for waiting in DBTaskResult.objects.ready().filter(task_path=pdfs.make_soon.module_path):
        pdfs.make_soon.call(*waiting.args_kwargs["args"])
        waiting.delete()


def served(client):
    answer = client.get(ADDRESS)
    assert answer.status_code == 200
    return answer.getvalue()


def words(pdf):
    return " ".join(PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())


@pytest.mark.server_errors(503)
def test_before_the_worker_has_made_it_nothing_is_drawn_and_the_page_says_so(client):
    ProtocolPageFactory(slug="unborn", title="Unborn Baby Protocol")
    for _ in range(2):
        answer = client.get(ADDRESS)
        assert (answer.status_code, answer["Retry-After"]) == (503, "60")
        assert "no-store" in answer["Cache-Control"]
        text = answer.content.decode()
        assert "We’re making the PDF of Unborn Baby Protocol, Version 1." in text
        assert 'href="/protocols/unborn/editions/1/"' in text
    assert Edition.objects.without_pdf().count() == 1


def test_issuing_a_version_asks_the_worker_for_its_pdf(client):
    ProtocolPageFactory(slug="unborn")
    work()
    assert served(client).startswith(b"%PDF-")
    assert not DBTaskResult.objects.filter(task_path=pdfs.make_soon.module_path).exists()


@pytest.mark.server_errors(503)
def test_who_has_it_is_told_that_it_is_the_same_and_others_get_it_in_one_piece(client):
    edition = ProtocolPageFactory(slug="unborn").editions.get()
    work()
    answer = client.get(ADDRESS)
    assert (answer.streaming, answer["Cache-Control"]) == (False, "no-cache")
    assert answer["Content-Disposition"] == 'inline; filename="unborn-version-1.pdf"'
    kept = {"If-None-Match": answer["ETag"]}
    again = client.get(ADDRESS, headers=kept)
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == "no-cache"
    editions.withdraw(edition, reason="The law changed.", by="TEST")
    assert client.get(ADDRESS, headers=kept).status_code == 503
    work()
    assert client.get(ADDRESS, headers=kept).status_code == 200


def test_who_may_not_read_the_protocol_is_not_told_that_it_is_the_same(client):
    page = ProtocolPageFactory(slug="unborn")
    work()
    kept = {"If-None-Match": client.get(ADDRESS)["ETag"]}
    page.view_restrictions.create(restriction_type="login")
    assert client.get(ADDRESS, headers=kept).status_code == 302
    client.force_login(PersonFactory())
    answer = client.get(ADDRESS)
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]


def test_a_version_that_anybody_may_read_is_found_by_two_queries(client, django_assert_num_queries):
    pdfs.keep(ProtocolPageFactory(slug="unborn").editions.get(), b"%PDF-")
    served(client)  # Which site it is is asked once a minute.
    with django_assert_num_queries(2):
        assert served(client) == b"%PDF-"


@pytest.mark.parametrize("above", [0, 1, 2])
def test_what_is_restricted_at_the_page_or_above_it_asks_to_sign_in(client, above):
    page = ProtocolPageFactory(slug="unborn")
    pdfs.keep(page.editions.get(), b"%PDF-")
    restricted = list(page.get_ancestors(inclusive=True))[-1 - above]
    restricted.view_restrictions.create(restriction_type="login")
    for ask in (client.get, client.head):
        assert ask(ADDRESS)["Location"].startswith("/accounts/login/")
    client.force_login(PersonFactory())
    assert served(client) == b"%PDF-"


def test_below_an_alias_the_restriction_is_that_of_its_source(client):
    page = ProtocolPageFactory(slug="unborn")
    pdfs.keep(page.editions.get(), b"%PDF-")
    index, home = page.get_parent(), page.get_parent().get_parent()
    closed = home.add_child(instance=Page(title="Closed", slug="closed"))
    closed.view_restrictions.create(restriction_type="login")
    Page.objects.filter(pk=index.pk).update(alias_of=closed)
    assert client.get(ADDRESS)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("gone", ["unpublished", "moved", "renamed"])
def test_a_version_is_at_the_address_of_its_page_whatever_becomes_of_that(client, gone):
    page = ProtocolPageFactory(slug="unborn")
    pdfs.keep(page.editions.get(), b"%PDF-")
    address = ADDRESS
    if gone == "unpublished":
        Page.objects.filter(pk=page.pk).update(live=False)
    elif gone == "moved":
        home = page.get_parent().get_parent()
        page.move(home.add_child(instance=Page(title="Old", slug="old")), "last-child")
        address = ADDRESS.replace("/protocols/", "/old/")
    else:
        index = page.get_parent().specific
        index.slug = "rules"
        index.save()
        address = ADDRESS.replace("/protocols/", "/rules/")
    assert client.get(address).getvalue() == b"%PDF-"
    if address != ADDRESS:
        assert client.get(ADDRESS).status_code == 404


@pytest.mark.parametrize("number", ["0", "2", "999999999", "9999999999"])
def test_a_version_that_is_not_there_is_not_found(client, number):
    pdfs.keep(ProtocolPageFactory(slug="unborn").editions.get(), b"%PDF-")
    assert client.get(ADDRESS.replace("1", number)).status_code == 404


def test_it_stays_as_it_was_made(client):
    ProtocolPageFactory(slug="unborn")
    assert pdfs.make() is False
    was = served(client)
    board = Board.load()
    board.name = "Another Board"
    board.save()
    pdfs.make()
    assert served(client) == was


def test_every_version_without_one_gets_it_one_at_a_time(client):
    for _ in range(3):
        ProtocolPageFactory()
    assert [pdfs.make() for _ in range(3)] == [True, True, False]
    assert not Edition.objects.without_pdf().exists()


@pytest.mark.server_errors(503)
def test_what_is_withdrawn_or_put_back_is_made_again_and_says_so(client):
    edition = ProtocolPageFactory(slug="unborn").editions.get()
    work()
    assert "Withdrawn on" not in words(served(client))
    editions.withdraw(edition, reason="The law changed.", by="TEST")
    assert client.get(ADDRESS).status_code == 503
    work()
    assert "The law changed." in words(served(client))
    editions.put_back(edition, by="TEST")
    assert client.get(ADDRESS).status_code == 503
    work()
    assert "Withdrawn on" not in words(served(client))
