"""What becomes of protocols that were live before editions were kept?

Not in a migration: an edition is drawn, by the code of today. It runs after every `migrate`, and
does nothing more once it has been done: only a page of before has a label of before.
"""

import re

from django.db import connections

import history


def take_over(*, using="default", **kwargs):
    """Each protocol that was live has its first edition, which says what its page said."""
    from protocols.models import ProtocolPage

    with connections[using].cursor() as cursor:
        if "protocols_edition" not in connections[using].introspection.table_names(cursor):
            return
    pages = ProtocolPage.objects.using(using).live().filter(editions=None)
    for page in pages.exclude(edition_label=""):
        first_edition(page)


def first_edition(page):
    """Numbered as it was called, where that was a number. Nobody approved it here: it says so."""
    from protocols.drafts import content, copies
    from protocols.editions import editions

    number = re.match(r"^\D*(\d{1,4})$", page.edition_label)
    edition = content.draft_of(page)
    edition.number = max(int(number[1]), 1) if number else 1
    edition.reason = edition.data["reason"] = (
        f"Taken over as it was published: {page.edition_label}."
    )
    edition.data["edition_label"] = page.edition_label
    editions.write(edition, copies.copies_in(edition.html, leave_out=True))
    history.record("edition.taken_over", edition, by="TAKING OVER", now={"number": edition.number})
    return edition
