"""What is never written to a log? What makes a link work, which is in the address of its page."""

import logging
import re

# As secrets.token_urlsafe(24) writes it, alone between slashes.
TOKEN = re.compile(r"(?<=/)[\w-]{32}(?=/|\s|$)")


def hidden(text: str) -> str:
    """The same words without what makes a link work: for those to whom it was not sent."""
    return TOKEN.sub("(hidden)", text)


class HidesLinks(logging.Filter):
    def filter(self, record):
        record.msg, record.args = hidden(record.getMessage()), None
        return True
