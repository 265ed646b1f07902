"""Registry of the actions that history records, each with the words shown for it.

Each room registers its own in its `apps.ready`.
"""

import logging
from collections.abc import Mapping

from django.conf import settings

logger = logging.getLogger(__name__)

WORDS: dict[str, str] = {}


class UnknownAction(ValueError):
    """Action that no room has registered."""


def register(words: Mapping[str, str]) -> None:
    """Register actions; raise ValueError if another room has registered one of them."""
    for action, said in words.items():
        if WORDS.setdefault(action, said) != said:
            raise ValueError(f"{action} is registered twice, with different words.")


def check(action: str) -> None:
    """Raise UnknownAction in development and tests; in production log it, and stop nobody."""
    if action in WORDS:
        return
    if settings.LMS_DEVELOPMENT:
        raise UnknownAction(f"Register the words of {action}: see history.actions.")
    logger.error("No room has registered the action %s", action)


def in_words(action: str) -> str:
    """Return the words for an action; of one no longer registered, its name."""
    return WORDS.get(action, action.replace(".", ": ").replace("_", " "))
