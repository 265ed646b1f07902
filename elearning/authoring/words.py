"""Words of HTML texts."""

from __future__ import annotations

import re
from html import unescape

from django.utils.html import strip_tags

ENDS = re.compile(r"</(p|div|li|tr|th|td|dt|dd|h[1-6])>|<br ?/?>", re.IGNORECASE)
STRAIGHT = str.maketrans("‘’“”–—", "''\"\"--")


def plain(html: str) -> str:
    """Return the words of an HTML text on one line."""
    return " ".join(unescape(strip_tags(ENDS.sub(" ", html))).split())


def alike(html: str) -> str:
    """Return the words of a text, the same whichever way its quotes and dashes are typed."""
    return plain(html).translate(STRAIGHT).lower()
