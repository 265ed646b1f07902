"""Clean and validate people's names: any script, but no markup or invisible characters."""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError

# Zero-width joiners, needed to write Persian and several Indian scripts.
JOINERS = "\u200c\u200d"
HIDDEN = {"Cc", "Cf", "Co", "Cs", "Cn"}
NOT_IN_NAMES = re.compile(r"[<>{}\[\]\\|=;`^~@#$%*_]|://|www\.", re.IGNORECASE)


def tidy(text: str) -> str:
    """Normalise a text to one line without control and direction characters."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(
        letter for letter in text if letter in JOINERS or unicodedata.category(letter) not in HIDDEN
    ).strip()


def check(name: str) -> None:
    if not any(letter.isalpha() for letter in name):
        raise ValidationError("Enter your name with letters, as it should stand on a certificate.")
    if NOT_IN_NAMES.search(name):
        raise ValidationError("Enter your name without symbols, markup or web addresses.")
