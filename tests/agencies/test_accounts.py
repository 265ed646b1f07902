"""Test who may change an account, and what everybody else is told."""

import pytest

from agencies import accounts
from agencies.access import PROTOCOL_EDITORS, TRAINING_ADMINISTRATORS
from agencies.models import Person
from tests.factories import PersonFactory, PostFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["person", "lead", PROTOCOL_EDITORS])
def test_nobody_but_the_office_changes_an_account(role):
    post = PostFactory(person__name="Before")
    by = {"person": post.person}.get(role) or (
        PostFactory(agency=post.agency, is_lead=True).person
        if role == "lead"
        else PersonFactory(is_staff=True, groups=[role])
    )
    post.person.name = "After"
    with pytest.raises(accounts.AccountRefused, match="training office may change .* Ask it to"):
        accounts.save(post.person, groups=None, by=by)
    assert Person.objects.get(pk=post.person_id).name == "Before"


def test_the_office_does_not_change_a_system_administrator():
    root = PersonFactory(is_superuser=True, is_staff=True)
    office = PersonFactory(is_staff=True, groups=[TRAINING_ADMINISTRATORS])
    with pytest.raises(accounts.AccountRefused, match="system administrator .* Ask one to"):
        accounts.save(root, groups=None, by=office)
