"""Keep the tokens of emailed links, which are part of URLs, out of the logs."""

import logging
import re

# As secrets.token_urlsafe(24) writes it, alone between slashes.
TOKEN = re.compile(r"(?<=/)[\w-]{32}(?=/|\s|$)")


def hidden(text: str) -> str:
    """Mask the tokens of links in a text, for readers to whom they were not sent."""
    return TOKEN.sub("(hidden)", text)


class HidesLinks(logging.Filter):
    def filter(self, record):
        record.msg, record.args = hidden(record.getMessage()), None
        return True


class NoTracebackOfARefusal(logging.Filter):
    """Leave the traceback out where a request was refused: nothing of ours is broken."""

    def filter(self, record):
        if getattr(record, "status_code", 500) < 500:
            record.exc_info = record.exc_text = None
        return True
