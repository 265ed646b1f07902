"""Page lock and EditionRefused, which approval and publication of a draft share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wagtail.models import Page

from lms.refused import Refused

if TYPE_CHECKING:
    from protocols.models import ProtocolPage

# Actor in the history for what Wagtail publishes at a scheduled time.
SCHEDULE = "SCHEDULED PUBLISHING"


class EditionRefused(Refused):
    """An edition that was refused, with the reasons as sentences; `page` is left unchanged."""

    def __init__(self, sentence: str, page: ProtocolPage | None = None):
        super().__init__(sentence)
        self.page = page


def lock_page(page: ProtocolPage) -> Page:
    """Lock the page's row, so that concurrent publications wait; return it as stored."""
    return Page.objects.select_for_update().get(pk=page.pk)
