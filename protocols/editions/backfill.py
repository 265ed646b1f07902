"""Create the first edition of protocols that were live before editions were kept.

A `post_migrate` handler rather than a migration: rendering an edition needs today's code. It is
idempotent: only pages from before editions have an `edition_label`, and those with an edition are
left out.
"""

import re

from django.db import connections

import history


def backfill(*, using="default", **kwargs):
    """Create the first edition of each live protocol that has none, from its page."""
    from protocols.models import ProtocolPage

    with connections[using].cursor() as cursor:
        if "protocols_edition" not in connections[using].introspection.table_names(cursor):
            return
    pages = ProtocolPage.objects.using(using).live().filter(editions=None)
    for page in pages.exclude(edition_label=""):
        first_edition(page)


def first_edition(page):
    """Create the page's first edition, numbered as its label if that ends in a number.

    It has no approvals: its reason says that it was taken over.
    """
    from protocols.drafts import content, copies
    from protocols.editions import editions

    number = re.match(r"^\D*(\d{1,4})$", page.edition_label)
    edition = content.draft_of(page, page.in_force_from)
    edition.number = max(int(number[1]), 1) if number else 1
    edition.reason = edition.data["reason"] = (
        f"Taken over as it was published: {page.edition_label}."
    )
    edition.data["edition_label"] = page.edition_label
    editions.write(edition, copies.copies_in(edition.html, leave_out=True))
    history.record("edition.taken_over", edition, by="TAKING OVER", now={"number": edition.number})
    return edition
