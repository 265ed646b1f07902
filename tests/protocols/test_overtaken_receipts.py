"""Test that two leads of one agency do not undo each other's correction of a receipt."""

import pytest
from django.urls import reverse
from django.utils import timezone

from lms.web.overtaken import INCOMPLETE
from protocols.models import Receipt
from tests.factories import DisseminationFactory, PersonFactory, PostFactory
from tests.filling import filled_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def receipt():
    return Receipt.objects.create(
        dissemination=DisseminationFactory(),
        cascaded_on=timezone.localdate(),
        how=["mail"],
        reached=5,
        of=10,
        given_by=PersonFactory(),
    )


@pytest.fixture
def address(receipt):
    return reverse("protocols:agency_confirm", args=[receipt.dissemination.pk])


def lead(receipt, name):
    agency = receipt.dissemination.agency
    return PostFactory(agency=agency, is_lead=True, person=PersonFactory(name=name)).person


def test_corrections_of_two_leads_at_the_same_time_are_both_kept(client, receipt, address):
    mine, theirs = lead(receipt, "Mina Lead"), lead(receipt, "Theo Lead")
    client.force_login(mine)
    my_form = filled_form(client.get(address).content, having="shown")
    client.force_login(theirs)
    form = filled_form(client.get(address).content, having="shown")
    assert client.post(address, form | {"reached": "9"}).status_code == 302
    client.force_login(mine)
    page = client.post(address, my_form | {"note": "Not the night shift"})
    said = page.content.decode()
    assert page.status_code == 200 and "Theo Lead" in said and "It says now: 9" in said
    receipt.refresh_from_db()
    assert (receipt.reached, receipt.note) == (9, "")
    again = filled_form(page.content, having="shown")
    assert client.post(address, again).status_code == 302
    receipt.refresh_from_db()
    assert (receipt.reached, receipt.note) == (9, "Not the night shift")


def test_a_correction_that_nothing_overtook_is_saved(client, receipt, address):
    client.force_login(lead(receipt, "Mina Lead"))
    form = filled_form(client.get(address).content, having="shown")
    assert client.post(address, form | {"reached": "7"}).status_code == 302
    receipt.refresh_from_db()
    assert receipt.reached == 7


def test_a_correction_that_does_not_say_what_it_showed_is_refused(client, receipt, address):
    client.force_login(lead(receipt, "Mina Lead"))
    form = filled_form(client.get(address).content, having="shown") | {"reached": "7"}
    del form["shown"]
    page = client.without_page(address, form)
    assert page.status_code == 200 and INCOMPLETE in page.text
    receipt.refresh_from_db()
    assert receipt.reached == 5
    again = filled_form(page.content, having="shown")
    assert client.post(address, again).status_code == 302
    receipt.refresh_from_db()
    assert receipt.reached == 7
