"""Could this be somebody's name? Any script, but no markup, and nothing that hides or reorders."""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError

# Persian and several Indian scripts cannot be written without these two.
JOINERS = "\u200c\u200d"
HIDDEN = {"Cc", "Cf", "Co", "Cs", "Cn"}
NOT_IN_NAMES = re.compile(r"[<>{}\[\]\\|=;`^~@#$%*_]|://|www\.", re.IGNORECASE)


def tidy(text: str) -> str:
    """The same text, composed, on one line, without control and direction characters."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(
        letter for letter in text if letter in JOINERS or unicodedata.category(letter) not in HIDDEN
    ).strip()


def check(name: str) -> None:
    if not any(letter.isalpha() for letter in name):
        raise ValidationError("Enter your name with letters, as it should stand on a certificate.")
    if NOT_IN_NAMES.search(name):
        raise ValidationError("Enter your name without symbols, markup or web addresses.")
