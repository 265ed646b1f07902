"""Test that adding somebody without an email address twice at once adds one person."""

import pytest

from agencies.joining import JoiningRefused
from agencies.models import Person
from agencies.no_email import adding
from tests.factories import PostFactory
from tests.servers import at_once

pytestmark = pytest.mark.race
PRESSES = 4


def pressed_at_once(lead):
    """Return how many people several presses for one name have added, and what they raised."""

    def press(number):
        staff = lead.agency.posts.current().values("person")
        among = Person.objects.filter(pk__in=staff)
        return adding.add(lead.agency, name="Bo Driver", by=lead.person, among=among)

    done = at_once(PRESSES, press)
    people = Person.objects.filter(name="Bo Driver", posts__agency=lead.agency)
    return people.count(), [each for each in done if isinstance(each, Exception)]


def test_pressing_several_times_at_once_adds_one_person(own_database, rounds):
    for _ in range(rounds):
        added, refusals = pressed_at_once(PostFactory(is_lead=True))
        assert added == 1
        assert [type(each) for each in refusals] == [JoiningRefused] * (PRESSES - 1)


def test_without_the_look_at_who_is_there_it_adds_several(own_database, monkeypatch):
    """Take out what the verb asks under the agency's lock (the control)."""
    monkeypatch.setattr(adding, "refuse_unseen", lambda *asked: None)
    assert pressed_at_once(PostFactory(is_lead=True)) == (PRESSES, [])
