"""Test that NHS numbers, however written, and nothing else are found in a text."""

import pytest
from django.core.exceptions import ValidationError

from agencies.free_text import nhs_numbers


@pytest.mark.parametrize(
    "text",
    [
        "943 476 5919",
        "9434765919",
        "NHS no.9434765919.",
        "943-476-5919",
        "943–476–5919",
        "Born 01 02 2010, 943 476 5919",
        "9 4 3 4 7 6 5 9 1 9",
    ],
)
def test_a_valid_number_is_found(text):
    assert nhs_numbers.are_in(text)
    with pytest.raises(ValidationError, match="Take it out") as refused:
        nhs_numbers.refuse(text)
    assert "5919" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A hearing loop, and step-free access by 9:30 on 12 December 2026",
        "943 476 5918",  # wrong check digit
        "1943 476 5919",  # eleven digits
        "07700 900123",
        "+44 7700 900123",
        "PO 4711-2026",
    ],
)
def test_nothing_else_is(text):
    assert not nhs_numbers.are_in(text)
    nhs_numbers.refuse(text)
