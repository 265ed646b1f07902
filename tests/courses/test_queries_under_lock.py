"""Test that verbs under a run's lock take as many queries for 3 people as for 30."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from agencies.models import Board
from tests.courses.verbs_under_lock import VERBS

pytestmark = pytest.mark.django_db


def queries(verb, number):
    """Count the verb's queries with `number` people of each kind and nobody else."""
    with transaction.atomic():
        call = VERBS[verb](number)
        with CaptureQueriesContext(connection) as asked:
            call()
        transaction.set_rollback(True)
    return len(asked)


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_asks_as_often_for_three_people_as_for_thirty(verb, settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    Board.load()  # It is made when it is first asked for.
    queries(verb, 1)  # warm-up: fills the caches of the process
    assert queries(verb, 3) == queries(verb, 30)
