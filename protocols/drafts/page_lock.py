"""The lock on a protocol's page, and the refusal, that approving and issuing a draft share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wagtail.models import Page

if TYPE_CHECKING:
    from protocols.models import ProtocolPage

# History's name for what Wagtail publishes at a set time.
SCHEDULE = "SCHEDULED PUBLISHING"


class EditionRefused(Exception):
    """Why there is no new version, in a sentence or more; `page` stays as it is."""

    def __init__(self, sentence: str, page: ProtocolPage | None = None):
        super().__init__(sentence)
        self.page = page


def lock_page(page: ProtocolPage) -> Page:
    """Return the page as it is in the database; who else publishes it waits until this is done."""
    return Page.objects.select_for_update().get(pk=page.pk)
