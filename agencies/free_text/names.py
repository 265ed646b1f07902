"""Clean and validate people's names: any script that we can print, no markup, nothing invisible."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from django.core.exceptions import ValidationError

# Zero-width joiners, needed to write Persian and several Indian scripts.
JOINERS = "\u200c\u200d"
HIDDEN = {"Cc", "Cf", "Co", "Cs", "Cn"}
NOT_IN_NAMES = re.compile(r"[<>{}\[\]\\|=;`^~@#$%*_]|://|www\.", re.IGNORECASE)


KEY_LENGTH = 250
APOSTROPHES = re.compile(r"['’‘`ʼ.]")

# Functions that return why a certificate cannot show a name: the room that prints adds its own.
PRINTERS: list[Callable[[str], str]] = []


def tidy(text: str) -> str:
    """Normalise a text to one line without control and direction characters."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(
        letter for letter in text if letter in JOINERS or unicodedata.category(letter) not in HIDDEN
    ).strip()


def key(name: str) -> str:
    """Fold a name, so that one person's names written in two ways have one key.

    Case, spaces, hyphens, apostrophes and accents of the Latin script make no difference.
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in plain if not "\u0300" <= letter <= "\u036f")
    return " ".join(re.sub(r"[\u2010-\u2015-]", " ", APOSTROPHES.sub("", plain)).split())[
        :KEY_LENGTH
    ]


def sort_key(name: str, sort_as: str = "") -> tuple[str, str]:
    """Return the key that sorts people by last name: the last word, then the words before it.

    In 'Birch, Bob' the last name is before the comma. `sort_as` is what somebody said instead:
    'van der Berg', or with the rest behind a comma.
    """
    if sort_as:
        surname, _, first = sort_as.partition(",")
        return key(surname), key(first or name)
    surname, comma, first = name.partition(",")
    if comma:
        return key(surname), key(first)
    first, _, surname = " ".join(name.split()).rpartition(" ")
    return key(surname), key(first)


def has_last_name(name: str, sort_as: str) -> bool:
    """Return whether the last name by which lists sort somebody is still in their name."""
    return f" {key(sort_as.partition(',')[0])} " in f" {key(name)} "


def check(name: str) -> None:
    if not any(letter.isalpha() for letter in name):
        raise ValidationError("Enter your name with letters, as it should stand on a certificate.")
    if NOT_IN_NAMES.search(name):
        raise ValidationError("Enter your name without symbols, markup or web addresses.")


def check_person(name: str) -> None:
    """Refuse what is no name, and a name that the printer would refuse after the course."""
    check(name)
    if why := why_unprintable(name):
        raise ValidationError(why)


def why_unprintable(name: str) -> str:
    """Return why no certificate can show this name; empty if one can."""
    return next((why for printer in PRINTERS if (why := printer(name))), "")
