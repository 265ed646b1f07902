"""How is a UK phone number recognised, and what does a telephone link dial?"""

import re

# What people write between the digits, a hard space and an en dash among them.
SEPARATORS = re.compile(r"[\s().\-\u2013]+")
COUNTRY_CODE = re.compile(r"^(?:\+|00)440?")
# Landlines, mobiles and freephone, Childline's 0800 1111 too; not 09, which charges the caller.
NATIONAL = re.compile(r"0(?:1[0-9]{8,9}|2[0-9]{9}|3[0-9]{9}|7[0-9]{9}|8[0-9]{8,9}|8001111)")
# Three digits such as the police's 101, and 116 000 for missing children: the same from anywhere.
SHORT = re.compile(r"101|111|999|116[0-9]{3}")


def dialled(number: str) -> str:
    """Return what a telephone link dials, such as +441632960123; empty if it is no UK number."""
    digits = COUNTRY_CODE.sub("0", SEPARATORS.sub("", number))
    if NATIONAL.fullmatch(digits):
        return f"+44{digits[1:]}"
    return digits if SHORT.fullmatch(digits) else ""
