"""Test the verdict of a check, and which answers are right."""

import uuid
from collections import Counter

import pytest

from elearning.learning import draw, verdict
from elearning.learning.verdict import Verdict


@pytest.mark.parametrize(
    ("right", "asked", "mark", "score", "is_passed"),
    [
        (0, 1, 80, 0, False),
        (1, 1, 100, 100, True),
        (8, 10, 80, 80, True),
        (7, 10, 80, 70, False),
        (0, 10, 1, 0, False),
        (10, 10, 100, 100, True),
        (9, 10, 100, 90, False),
        (2, 3, 66, 66, True),
        (2, 3, 67, 66, False),
        # 79.5 and 79.9 per cent are not 80.
        (159, 200, 80, 79, False),
        (119, 149, 80, 79, False),
        (31, 39, 79, 79, True),
        (199, 200, 100, 99, False),
        (1, 200, 1, 0, False),
        (2, 200, 1, 1, True),
    ],
)
def test_a_score_is_rounded_down_and_compared_with_the_mark(right, asked, mark, score, is_passed):
    assert verdict.of(right, asked, mark) == Verdict(score, is_passed)


def test_whoever_reads_the_pass_mark_has_passed_and_nobody_else():
    for asked in range(1, 60):
        for right in range(asked + 1):
            for mark in (50, 66, 75, 80, 90, 100):
                found = verdict.of(right, asked, mark)
                assert found.is_passed == (found.score >= mark) == (100 * right >= mark * asked)


@pytest.mark.parametrize(("right", "asked"), [(0, 0), (2, 1), (-1, 3)])
def test_nothing_is_judged_that_was_not_asked(right, asked):
    with pytest.raises(ValueError, match="asked"):
        verdict.of(right, asked, 80)


OPTIONS = [{"is_right": True}, {"is_right": False}, {"is_right": True}]
PAIRS = [
    {"item": "a", "partner": "x"},
    {"item": "b", "partner": "y"},
    {"item": "c", "partner": "x"},
]


@pytest.mark.parametrize(
    ("content", "given", "is_right"),
    [
        ({"kind": "single", "options": OPTIONS}, 0, True),
        ({"kind": "single", "options": OPTIONS}, 1, False),
        ({"kind": "multiple", "options": OPTIONS}, [0, 2], True),
        ({"kind": "multiple", "options": OPTIONS}, [2, 0], True),
        ({"kind": "multiple", "options": OPTIONS}, [0], False),
        ({"kind": "multiple", "options": OPTIONS}, [0, 1, 2], False),
        ({"kind": "multiple", "options": OPTIONS}, [], False),
        ({"kind": "true_false", "is_true": True}, True, True),
        ({"kind": "true_false", "is_true": True}, False, False),
        ({"kind": "true_false", "is_true": False}, False, True),
        ({"kind": "true_false", "is_true": False}, True, False),
        ({"kind": "matching", "pairs": PAIRS}, [0, 1, 2], True),
        ({"kind": "matching", "pairs": PAIRS}, [0, 1, 0], True),  # says the same
        ({"kind": "matching", "pairs": PAIRS}, [1, 0, 0], False),
        ({"kind": "matching", "pairs": PAIRS}, [0, 1, 1], False),
        ({"kind": "order", "items": ["a", "b", "c"]}, [0, 1, 2], True),
        ({"kind": "order", "items": ["a", "b", "c"]}, [0, 2, 1], False),
    ],
)
def test_an_answer_is_right_as_a_whole_or_not_at_all(content, given, is_right):
    assert verdict.is_right(content, given) is is_right


SEED = uuid.UUID(int=7)


def test_a_seed_decides_the_draw_and_another_draws_anew():
    pools = [
        {"key": "a", "outcome": "One", "draws": 3, "questions": list(range(10))},
        {"key": "b", "outcome": "Two", "draws": 2, "questions": list(range(10, 14))},
    ]
    first = list(draw.questions(pools, SEED))
    assert first == list(draw.questions(pools, SEED))
    assert Counter(outcome for _, outcome in first) == {"One": 3, "Two": 2}
    assert len({pk for pk, _ in first}) == 5
    others = [list(draw.questions(pools, uuid.UUID(int=n))) for n in range(20)]
    assert sum(each != first for each in others) > 15
    assert {pk for each in others for pk, outcome in each if outcome == "One"} == set(range(10))


def test_the_draw_is_the_same_on_every_machine_and_in_every_year():
    assert draw.shuffled(range(6), SEED, 12) == [0, 3, 1, 5, 2, 4]


@pytest.mark.parametrize("many", [2, 3, 4])
def test_what_is_to_be_ordered_or_matched_is_never_shown_in_its_order(many):
    items = {"kind": "order", "items": [str(n) for n in range(many)]}
    pairs = {"kind": "matching", "pairs": [{"item": n, "partner": str(n)} for n in range(many)]}
    for seed in range(60):
        for content in (items, pairs):
            shown = draw.shown(content, uuid.UUID(int=seed), 1)
            assert sorted(shown) == list(range(many))
            assert shown != list(range(many))


def test_partners_that_say_the_same_are_shown_once():
    assert sorted(draw.shown({"kind": "matching", "pairs": PAIRS}, SEED, 1)) == [0, 1]
