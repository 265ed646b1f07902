"""Test that certificate codes are hard to guess and easy to type."""

import pytest

from certificates import codes


def test_a_code_is_sixteen_of_crockfords_symbols():
    made = {codes.generate() for _ in range(200)}
    assert len(made) == 200
    assert {len(code) for code in made} == {16}
    assert set("".join(made)) == set(codes.SYMBOLS)


@pytest.mark.parametrize(
    "typed",
    [
        "7K2M9QXA01110ZHE",
        "7K2M-9QXA-0111-0ZHE",
        "7k2m 9qxa oIl1 OzHe",
        " 7K2M\u20119QXA\u20130111\u00a00ZHE\n",
    ],
)
def test_case_spaces_hyphens_and_lookalikes_make_no_difference(typed):
    assert codes.parse(typed) == "7K2M9QXA01110ZHE"


@pytest.mark.parametrize("typed", ["", "7K2M", "7K2M9QXA01110ZHEE", "7K2M9QXA01110ZHU", "<b>" * 9])
def test_what_cannot_be_a_code_is_none(typed):
    assert codes.parse(typed) is None


def test_it_is_shown_in_fours():
    assert codes.grouped("7K2M9QXA01110ZHE") == "7K2M-9QXA-0111-0ZHE"
