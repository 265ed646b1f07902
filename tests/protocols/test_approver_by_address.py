"""Tests that editors name an agency's approver by address, without a list of people."""

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext

from protocols.models import Approver
from tests.factories import PersonFactory, PostFactory, ProtocolPageFactory
from tests.protocols.test_approving import board, draft_of, editor, form_of

__all__ = ["board", "editor"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def post():
    return PostFactory(agency__name="City Midwifery", person__email="mary@example.org")


def saved(editor, page, agency, address):
    row = {"id": "", "agency": agency.pk, "person": address, "ORDER": "1", "DELETE": ""}
    rows = {f"approvers-0-{name}": value for name, value in row.items()}
    sent = form_of(page, **{"approvers-TOTAL_FORMS": "1"} | rows)
    return editor.post(f"/cms/pages/{page.pk}/edit/", sent, follow=True)


def field(answer):
    page = BeautifulSoup(answer.content, "html.parser")
    return page.find(id="id_approvers-0-person")


@pytest.mark.parametrize("typed", ["mary@example.org", " Mary@Example.org "])
def test_who_is_named_by_an_address_is_kept_and_shown_by_it(editor, post, typed):
    page = ProtocolPageFactory()
    answer = saved(editor, page, post.agency, typed)
    approver = draft_of(page).approvers.get()
    assert (approver.agency, approver.person) == (post.agency, post.person)
    assert field(answer)["value"] == "mary@example.org"


def test_the_agency_alone_is_enough(editor, post):
    page = ProtocolPageFactory()
    saved(editor, page, post.agency, "")
    assert draft_of(page).approvers.get().person is None


def test_who_has_left_since_keeps_nobody_from_saving(editor, post):
    page = ProtocolPageFactory()
    saved(editor, page, post.agency, "mary@example.org")
    post.person.is_active = False
    post.person.save()
    saved(editor, page, post.agency, "mary@example.org")
    assert draft_of(page).approvers.get().person == post.person


@pytest.mark.parametrize("address", ["nobody@example.org", "no address"])
def test_an_address_that_nobody_has_is_said_beside_it_and_stays_there(editor, post, address):
    page = ProtocolPageFactory()
    answer = saved(editor, page, post.agency, address)
    assert "Nobody has an account with this address." in answer.content.decode()
    assert field(answer)["value"] == address
    assert not Approver.objects.exists()


def test_the_form_names_nobody_else_however_many_there_are(editor, post):
    page = ProtocolPageFactory()
    page.approvers.create(agency=post.agency, person=post.person, sort_order=0)
    page.save_revision()

    def asked():
        with CaptureQueriesContext(connection) as queries:
            answer = editor.get(f"/cms/pages/{page.pk}/edit/")
        return answer.content.decode(), len(queries)

    asked()
    _, queries = asked()
    others = PersonFactory.create_batch(30)
    shown, many = asked()
    assert many == queries
    assert not [person for person in others if person.email in shown or person.name in shown]
