"""Recognise UK phone numbers and format them for `tel:` links."""

import re

# Separators people type between digits, including no-break spaces and en dashes.
SEPARATORS = re.compile(r"[\s().\-\u2013]+")
COUNTRY_CODE = re.compile(r"^(?:\+|00)440?")
# Landline, mobile and freephone, including Childline's 0800 1111; not 09 (premium rate).
NATIONAL = re.compile(r"0(?:1[0-9]{8,9}|2[0-9]{9}|3[0-9]{9}|7[0-9]{9}|8[0-9]{8,9}|8001111)")
# Short numbers such as 101 (police) and 116 000 (missing children), dialled as they are.
SHORT = re.compile(r"101|111|999|116[0-9]{3}")


def dialled(number: str) -> str:
    """Return the number to dial, such as +441632960123; an empty string if it is no UK number."""
    digits = COUNTRY_CODE.sub("0", SEPARATORS.sub("", number))
    if NATIONAL.fullmatch(digits):
        return f"+44{digits[1:]}"
    return digits if SHORT.fullmatch(digits) else ""
