"""Tests of which phone numbers can be dialled in the UK, and how."""

import pytest

from lms.phone_numbers import dialled


@pytest.mark.parametrize(
    ("typed", "dials"),
    [
        ("01632 960 123", "+441632960123"),
        ("(01632) 960-123", "+441632960123"),
        ("+44 (0)1632 960 123", "+441632960123"),
        ("0044 1632 960123", "+441632960123"),
        ("020 7946 0123", "+442079460123"),
        ("023\u00a09201\u20131234", "+442392011234"),
        ("07700 900123", "+447700900123"),
        ("0300 123 4567", "+443001234567"),
        ("0800 1111", "+448001111"),
        ("01204 12345", "+44120412345"),
        ("101", "101"),
        ("116 000", "116000"),
    ],
)
def test_a_number_is_dialled_however_it_is_typed(typed, dials):
    assert dialled(typed) == dials


@pytest.mark.parametrize(
    "typed",
    ["", "960123", "01632 960", "01632 960 1234", "0900 123 4567", "+33 1 23 45 67 89", "12",
     "01632 960 123 ext 4", "01632 960 123 or 124", "call us", "٠١٦٣٢ ٩٦٠١٢٣"],
)  # fmt: skip
def test_what_cannot_be_dialled_in_the_uk_gives_nothing(typed):
    assert dialled(typed) == ""
