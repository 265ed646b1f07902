"""Modules of the demonstration: whole, and as long as they say."""

import pytest

from elearning.models import QuestionVersion
from home.demonstration import modules
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def versions():
    return {each.module.code: each for each in modules.make_modules(by=PersonFactory())}


def test_the_early_help_module_draws_10_of_20(versions):
    pools = versions["early-help"].pools
    assert sum(each["draws"] for each in pools) == 10
    assert sum(len(each["questions"]) for each in pools) == 20
    kinds = [item["kind"] for item in versions["early-help"].items]
    assert (kinds.count("lesson"), kinds.count("scenario")) == (6, 2)


@pytest.mark.parametrize(("code", "check"), [("early-help", 8), ("unborn-baby", 4)])
def test_its_parts_take_as_long_as_it_says(versions, code, check):
    version = versions[code]
    assert sum(item["minutes"] for item in version.items) + check == version.minutes


def test_each_question_leads_back_to_a_lesson(versions):
    for version in versions.values():
        keys = {item["key"] for item in version.items}
        asked = [pk for pool in version.pools for pk in pool["questions"]]
        found = QuestionVersion.objects.filter(pk__in=asked)
        assert {each.content["lesson"] for each in found} <= keys


def test_each_option_has_feedback(versions):
    for version in QuestionVersion.objects.all():
        said = [option["feedback"] for option in version.content.get("options", [])]
        assert all(said or [version.content["feedback"]])
