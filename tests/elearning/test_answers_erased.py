"""Test that answers are erased after 12 months, and that their questions keep the sums."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from elearning.learning import learning, results
from elearning.models import Answer, Attempt, QuestionVersion
from elearning.privacy import ModuleAnswers
from privacy import erasing
from privacy.models import Retention
from tests.elearning.learners import begin_check, give, take_check
from tests.elearning.modules import make_issued, pool, single
from tests.factories import PersonFactory, in_days

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(editor):
    return make_issued(by=editor)


def switch_on():
    return Retention.objects.create(record_type="module_answers", is_on=True)


def ended(attempt, days):
    Attempt.objects.filter(pk=attempt.pk).update(ended_at=in_days(-days))


def sums():
    return list(
        QuestionVersion.objects.order_by("pk").values_list("erased_answers", "erased_right")
    )


def test_the_sums_are_kept_and_nothing_is_counted_twice(version):
    attempts = [
        take_check(learning.begin(version.module, by=PersonFactory()), right=right)
        for right in (4, 4, 0)
    ]
    for attempt, days in zip(attempts, (400, 367, 360), strict=True):
        ended(attempt, days)
    with pytest.raises(erasing.NotSwitchedOn):
        erasing.apply(ModuleAnswers())
    switch_on()
    assert erasing.apply(ModuleAnswers(), size=3) == 8
    assert erasing.apply(ModuleAnswers()) == 0
    assert sums() == [(2, 2)] * 4
    assert Answer.objects.count() == 4
    kept = Attempt.objects.get(pk=attempts[0].pk)
    assert (kept.state, kept.score, results.by_outcome(kept)) == ("passed", 100, [])


def test_rows_that_are_handed_over_twice_count_once(version):
    attempt = take_check(learning.begin(version.module, by=PersonFactory()))
    rows = list(attempt.answers.all())
    for _ in range(2):
        ModuleAnswers().erase(rows)
    assert sums() == [(1, 1)] * 4


def test_answers_of_a_check_that_goes_on_stay_and_open_ones_count_for_nothing(version):
    attempt = begin_check(learning.begin(version.module, by=PersonFactory()))
    give(attempt, 1)
    switch_on()
    Attempt.objects.update(begun_at=in_days(-400), last_at=in_days(-400))
    assert erasing.apply(ModuleAnswers()) == 0
    Attempt.objects.update(state="lapsed", ended_at=in_days(-400))
    assert erasing.apply(ModuleAnswers()) == 4
    assert sorted(sums()) == [(0, 0), (0, 0), (0, 0), (1, 1)]


def test_a_page_of_what_was_erased_says_so(version, client, person):
    client.force_login(person)
    attempt = take_check(learning.begin(version.module, by=person))
    ended(attempt, 400)
    switch_on()
    erasing.apply(ModuleAnswers())
    page = client.get(f"/learn/early-help/attempts/{attempt.pk}/").content.decode()
    assert "Answers are kept for 12 months." in page and "100%" in page
    assert client.get("/learn/early-help/check/1/").status_code == 404


@pytest.mark.parametrize("many", [3, 30])
def test_a_batch_costs_the_same_number_of_queries(editor, many):
    questions = [single(f"Question {n}?") for n in range(many)]
    version = make_issued(by=editor, pools=[pool(questions)])
    ended(take_check(learning.begin(version.module, by=PersonFactory())), 400)
    switch_on()
    with CaptureQueriesContext(connection) as queries:
        assert erasing.apply(ModuleAnswers()) == many
    assert len(queries) == 14, [each["sql"][:80] for each in queries]
