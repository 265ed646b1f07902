"""Test that people's own forms do not undo what the office has changed while they were open."""

import pytest
from django.urls import reverse

from agencies import accounts, joining
from lms.web.overtaken import INCOMPLETE
from tests.factories import PersonFactory, PostFactory
from tests.filling import filled_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(client, office):
    post = PostFactory(person=PersonFactory(name="Ann Smiht"), line_manager_email="is@example.org")
    client.force_login(post.person)
    return post


FORMS = {
    "name": (
        lambda post: reverse("agencies:name"),
        lambda post, office: accounts.rename(post.person, "Ann Smith", by=office),
        {"name": "Ann Jones"},
        lambda post: post.person.name,
    ),
    "line manager": (
        lambda post: reverse("agencies:line_manager", args=[post.pk]),
        lambda post, office: joining.name_line_manager(post, "theirs@example.org", by=office),
        {"line_manager_email": "mine@example.org"},
        lambda post: post.line_manager_email,
    ),
}


def now(post, value_of):
    return value_of(type(post).objects.select_related("person").get(pk=post.pk))


@pytest.mark.parametrize("form", FORMS)
def test_what_the_office_has_changed_is_said_first(client, post, office, form):
    address_of, change, mine, value_of = FORMS[form]
    address = address_of(post)
    open_form = filled_form(client.get(address).content, having="shown")
    change(post, office)
    theirs = now(post, value_of)
    page = client.post(address, open_form | mine)
    assert page.status_code == 200
    assert "Ola Office" in page.text and f"It says now: {theirs}" in page.text
    assert now(post, value_of) == theirs
    again = filled_form(page.content, having="shown")
    assert client.post(address, again).status_code == 302
    assert now(post, value_of) == next(iter(mine.values()))


@pytest.mark.parametrize("form", FORMS)
def test_a_form_that_does_not_say_what_it_showed_is_refused(client, post, form):
    address_of, _, mine, value_of = FORMS[form]
    before = now(post, value_of)
    page = client.without_page(address_of(post), mine)
    assert page.status_code == 200 and INCOMPLETE in page.text
    assert now(post, value_of) == before
    again = filled_form(page.content, having="shown")
    assert client.post(address_of(post), again).status_code == 302
    assert now(post, value_of) == next(iter(mine.values()))
