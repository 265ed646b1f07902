"""Generate, format and parse verification codes."""

import secrets

# Crockford's base 32: no I, L, O or U, so that a code survives being read aloud or copied by hand.
SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, "\u2013": None, "\u2011": None})


def generate() -> str:
    """Generate a code of 80 random bits; a unique constraint guards against repeats."""
    return "".join(secrets.choice(SYMBOLS) for _ in range(LENGTH))


def grouped(code: str) -> str:
    """Format the code in groups of four, as printed: 7K2M-9QXA-..."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def parse(typed: str) -> str | None:
    """Normalise a typed code, ignoring case, spaces and hyphens; None if it cannot be one."""
    code = "".join(typed.split()).upper().translate(READ_AS)
    return code if len(code) == LENGTH and set(code) <= set(SYMBOLS) else None
