"""Fill the named placeholders of a design's texts from a certificate.

Named placeholders, `{{ course }}`, and nothing else, as in mails (lms/mail/templates.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils.formats import date_format

from certificates.models import Certificate
from lms.mail.templates import PLACEHOLDER

PLACEHOLDERS = {
    "name": "The person's name",
    "agency": "The agency they work for",
    "course": "The title of the course",
    "course_code": "Its code and version",
    "format": "How it was taught",
    "hours": "Taught hours",
    "completed_on": "The day of completion",
    "refresh_on": "Refresh recommended by; some courses have none",
    "board": "The name of the board",
}


def values_for(certificate: Certificate) -> dict[str, str]:
    """Return the value of each placeholder."""
    version = f", version {certificate.course_version}" if certificate.course_version else ""
    return {
        "name": certificate.name,
        "agency": certificate.agency,
        "course": certificate.title,
        "course_code": certificate.course_code + version,
        "format": certificate.format,
        "hours": certificate.hours_in_words,
        "completed_on": _day(certificate.completed_on),
        "refresh_on": _day(certificate.refresh_on),
        "board": certificate.board,
    }


def filled(line: str, certificate: Certificate) -> str:
    """Fill the placeholders of a line; empty if one of them has no value."""
    known = values_for(certificate)
    if not all(known[name] for name in PLACEHOLDER.findall(line)):
        return ""
    return PLACEHOLDER.sub(lambda found: known[found[1]], line)


def why_wrong(lines: Iterable[str]) -> str:
    """Return what is wrong with the placeholders in these lines; empty if nothing."""
    text = "\n".join(lines)
    if unknown := sorted(set(PLACEHOLDER.findall(text)) - PLACEHOLDERS.keys()):
        named = ", ".join(f"{{{{ {name} }}}}" for name in unknown)
        return f"A certificate does not know {named}. Use the placeholders listed below."
    if any(sign in PLACEHOLDER.sub("", text) for sign in ("{{", "}}", "{%", "%}")):
        return "A placeholder is a name between double braces and nothing else, as {{ course }}."
    return ""


def _day(day: dt.date | None) -> str:
    return date_format(day, "j F Y") if day else ""
