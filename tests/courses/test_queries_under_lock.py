"""Does a verb under a date's lock cost the same number of queries for 3 people and for 30?"""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.courses.verbs_under_lock import VERBS

pytestmark = pytest.mark.django_db


def queries(verb, number):
    """How many there are with so many people of each kind, and nobody else."""
    with transaction.atomic():
        call = VERBS[verb](number)
        with CaptureQueriesContext(connection) as asked:
            call()
        transaction.set_rollback(True)
    return len(asked)


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_asks_as_often_for_three_people_as_for_thirty(verb, settings):
    settings.SECOND_FACTOR_REQUIRED = False
    queries(verb, 1)  # What is asked once in a process is asked now.
    assert queries(verb, 3) == queries(verb, 30)
