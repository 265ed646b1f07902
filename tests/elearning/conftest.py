"""Fixtures of online learning."""

import pytest

from elearning.learning.followers import attempt_followers
from tests.elearning.learners import Follower
from tests.factories import PersonFactory


@pytest.fixture
def editor():
    return PersonFactory()


@pytest.fixture
def person():
    return PersonFactory()


@pytest.fixture
def follower():
    """Register something that a module is part of, and hears of it."""
    made = Follower()
    attempt_followers.register(made)
    yield made
    attempt_followers.unregister(made.name)
