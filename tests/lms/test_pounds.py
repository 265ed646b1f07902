"""Test sums of money in words, and that a text says one sum and no other."""

from decimal import Decimal

import pytest

from courses.models import Charge
from courses.notices import charged
from lms.formatting import pounds


@pytest.mark.parametrize(
    ("amount", "words"),
    [("80.00", "£80"), ("12.50", "£12.50"), ("1020", "£1,020"), ("0.05", "£0.05"), ("0", "£0")],
)
def test_whole_pounds_have_no_pence(amount, words):
    assert pounds(Decimal(amount)) == words


@pytest.mark.parametrize("text", ["is charged £80.", "£80, free", "charged £80.00.", "it is £80"])
def test_a_text_says_a_sum_with_pence_or_without(text):
    assert charged._says(text, Charge(amount=Decimal("80.00")))


@pytest.mark.parametrize("text", ["£800", "£80.50", "£80,000", "£180", "80"])
def test_another_sum_is_not_the_sum(text):
    assert not charged._says(text, Charge(amount=Decimal("80.00")))
