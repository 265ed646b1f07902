"""Test that names are checked where they are entered, by the function that prints them."""

import pytest
from django import forms
from django.urls import get_resolver, reverse
from django.utils import timezone
from django.utils.html import escape

from agencies import accounts, joining
from agencies.forms import PersonNameField
from agencies.free_text import names
from agencies.models import Person
from certificates import issuing
from courses.attendance import register
from lms.refused import Refused
from tests.factories import (
    AgencyFactory,
    CoursePageFactory,
    PersonFactory,
    PostFactory,
    RunFactory,
    in_days,
)

pytestmark = pytest.mark.django_db

UNPRINTABLE = ["Anna 😀 Brown", "สมชาย ใจดี", "김철수", "አበበ በቀለ"]
PRINTABLE = ["Zoë O’Brien-Núñez", "Nguyễn Thị Ánh", "李小龙", "محمد الفايد", "علی\u200cرضا رضایی"]
SENTENCES = ("We cannot print", "too long for a certificate")
NEW = "new.person@example.org"


def sign_up(client, name):
    client.logout()
    return client.post("/accounts/signup/", {"name": name, "email": NEW})


def own_name(client, name):
    client.force_login(PersonFactory(name="Anna"))
    return client.post("/my/name/", {"name": name})


def office_adds(client, name):
    return client.post(
        reverse("wagtailusers_users:add"), {"name": name, "email": NEW, "is_active": "on"}
    )


def office_changes(client, name):
    person = PersonFactory(name="Anna")
    told = {"name": name, "email": person.email, "is_active": "on"}
    return client.post(reverse("wagtailusers_users:edit", args=[person.pk]), told)


def office_corrects(client, name):
    person = PersonFactory(name="Anna")
    told = {"name": name, "email": person.email}
    return client.post(f"/cms/telephone/{person.pk}/correct/", told)


def lead_books(client, name):
    lead = PostFactory(is_lead=True)
    client.force_login(lead.person)
    run = RunFactory(course=CoursePageFactory().course)
    return client.post(
        f"/agency/dates/{run.pk}/", {"newcomers": f"{name}, {NEW}", "confirm": "yes"}
    )


def walks_in(client, name):
    trainer = PersonFactory()
    run = RunFactory(starts_at=in_days(0, "00:00"), trainers=[trainer])
    client.force_login(trainer)
    told = {"email": NEW, "name": name, "agency": AgencyFactory().pk, "sure": "yes"}
    return client.post(f"/register/{run.pk}/walk-in/", told)


DOORS = [sign_up, own_name, office_adds, office_changes, office_corrects, lead_books, walks_in]


@pytest.mark.parametrize("name", UNPRINTABLE)
@pytest.mark.parametrize("door", DOORS)
def test_a_name_that_cannot_be_printed_is_refused_where_it_is_entered(client, office, door, name):
    page = door(client, name).content.decode()
    assert any(sentence in page for sentence in SENTENCES)
    assert escape(name[:20]) in page  # What was typed is still there.
    assert not Person.objects.filter(name=name).exists()


@pytest.mark.parametrize("name", PRINTABLE)
@pytest.mark.parametrize("door", DOORS)
def test_a_name_that_can_be_printed_is_taken_as_it_is(client, office, door, name):
    door(client, name)
    assert Person.objects.filter(name=name).exists()


@pytest.mark.parametrize("name", UNPRINTABLE + PRINTABLE)
def test_entry_and_printer_agree(name):
    holder = PersonFactory(name=name)
    facts = {
        "title": "Neglect",
        "course_code": "NEG",
        "course_version": "1",
        "outcomes": ["See it"],
        "hours": 3,
        "format": "Classroom",
        "agency": "Solent Health",
        "completed_on": timezone.localdate(),
        "refresh_on": None,
    }
    is_refused = bool(issuing.why_unprintable(holder, **facts))
    assert is_refused == bool(names.why_unprintable(name)) == (name in UNPRINTABLE)


@pytest.mark.parametrize("name", UNPRINTABLE)
def test_no_verb_takes_it_either(office, name):
    lead = PostFactory(is_lead=True)
    for verb in (
        lambda: joining.invite(lead.agency, name=name, email=NEW, by=lead.person),
        lambda: joining.create_walk_in_person(name=name, email=NEW, by=office),
        lambda: accounts.rename(lead.person, name, by=office),
        lambda: accounts.save(Person(name=name, email=NEW), groups=None, by=office),
        lambda: register.walk_in(
            RunFactory(starts_at=in_days(0, "00:00")), NEW, name, by=office, agency=lead.agency
        ),
    ):
        with pytest.raises(Refused):
            verb()
    assert not Person.objects.filter(name=name).exists()


def test_a_person_whose_name_was_taken_before_can_still_be_changed(client, office):
    person = PersonFactory(name="สมชาย ใจดี")
    told = {"name": person.name, "email": person.email, "telephone": "023", "is_active": "on"}
    client.post(reverse("wagtailusers_users:edit", args=[person.pk]), told)
    person.refresh_from_db()
    assert person.telephone == "023"


def forms_of(base):
    for each in base.__subclasses__():
        yield each
        yield from forms_of(each)


def test_each_form_that_asks_for_a_full_name_checks_it():
    """The walk-in's form asks only where the address is new, so its name is another field."""
    get_resolver().reverse_dict  # Imports every view and its forms.
    asking = {
        form
        for form in forms_of(forms.BaseForm)
        for field in getattr(form, "base_fields", {}).values()
        if str(field.label or "").lower().startswith("full name")
    }
    checked = {
        form
        for form in asking
        if any(isinstance(field, PersonNameField) for field in form.base_fields.values())
    }
    assert {form.__name__ for form in asking - checked} <= {"WalkInForm"}
    assert len(checked) >= 4
