"""Test that what a certificate prints is refused at entry if no typeface of ours has its signs."""

import inspect

import pytest

from agencies import partners
from agencies.models import Board
from certificates import issuing
from courses.completion import certified
from tests.factories import AgencyFactory, CourseFactory, SectorFactory
from tests.filling import filled_form

pytestmark = pytest.mark.django_db

SIGNS = "Neglect 😀"
# Each text of a certificate, and where it is entered: the address, the field and its record.
ENTERED = {
    "title": ("course/edit/{}/", "title", CourseFactory),
    "outcomes": ("course/edit/{}/", "outcomes", CourseFactory),
    "agency": ("agency/edit/{}/", "name", AgencyFactory),
    "board": ("settings/agencies/board/{}/", "name", Board.load),
    "signatory_name": ("settings/agencies/board/{}/", "signatory_name", Board.load),
    "signatory_title": ("settings/agencies/board/{}/", "signatory_title", Board.load),
}
# The rest: names have their own test, a code has letters and digits alone, the others are numbers
# and choices of ours.
ELSEWHERE = {"name", "course_code", "course_version", "format"}


def test_every_text_of_a_certificate_is_tried():
    printed = {*issuing.TEXTS, *certified.PRINTED, "board", "signatory_name", "signatory_title"}
    assert printed == ENTERED.keys() | ELSEWHERE
    refused = inspect.getsource(issuing.refuse_unprintable)
    assert all(f'facts["{name}"]' in refused for name in printed)


@pytest.mark.parametrize("fact", ENTERED)
def test_signs_that_cannot_be_printed_are_refused_where_they_are_entered(client, office, fact):
    address, field, make = ENTERED[fact]
    office.is_superuser = True
    office.save()
    record = make()
    path = "/cms/" + address.format(record.pk)
    before = getattr(record, field)
    shown = filled_form(client.get(path).content, having=field)
    answer = client.post(path, shown | {field: SIGNS})
    assert answer.status_code == 200 and "Take out 😀: we cannot print it" in answer.text
    record.refresh_from_db()
    assert getattr(record, field) == before
    # What was there before this was checked keeps nobody from saving the rest.
    type(record).objects.filter(pk=record.pk).update(**{field: SIGNS})
    shown = filled_form(client.get(path).content, having=field)
    assert client.post(path, shown).status_code == 302


def test_an_agency_is_refused_by_the_verb_too():
    with pytest.raises(partners.PartnerRefused, match="cannot print"):
        partners.add(name=SIGNS, sector=SectorFactory(), by="IMPORT")
