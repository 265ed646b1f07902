"""Detect and refuse NHS numbers in free text.

Ten digits, the last a modulus 11 check digit: NHS Data Dictionary, NHS NUMBER.
"""

import re

from django.core.exceptions import ValidationError

# Digits may have separators; overlapping matches are found too.
TEN_DIGITS = re.compile(r"(?<!\d)(?=(\d(?:[\s.–-]{0,2}\d){9})(?!\d))")
WEIGHTS = range(10, 1, -1)


def are_in(text: str) -> bool:
    return any(_is_valid(re.sub(r"\D", "", found)) for found in TEN_DIGITS.findall(text))


def refuse(text: str) -> None:
    """Validate free text: raise ValidationError, whose message omits the number."""
    if are_in(text):
        raise ValidationError(
            "This has an NHS number in it. Take it out: write nothing by which a patient, a child "
            "or a family can be known. If it is a phone number, write it with +44 instead of "
            "the first 0."
        )


def _is_valid(ten: str) -> bool:
    *digits, check = map(int, ten)
    rest = 11 - sum(weight * digit for weight, digit in zip(WEIGHTS, digits, strict=True)) % 11
    return rest % 11 == check
