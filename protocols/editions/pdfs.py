"""Make the PDF of each edition once, in the worker, and keep it for everybody who asks for it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.db.models import Q
from django_tasks import task
from wagtail.models import Page, Site

from lms import jobs
from lms.storage.content_store import ContentStore
from protocols.editions import pdf
from protocols.models import Edition, EditionPdf

if TYPE_CHECKING:
    from django.http import HttpRequest

FILES = ContentStore("editions")
# Of one pass: a long one takes seconds, and mail waits for them.
FEW = 1


@jobs.in_words("Make the PDF of a protocol’s version")
def make() -> bool:
    """Make the PDFs that are missing, outdated ones too; return whether more are. Periodic job."""
    this, due = jobs.Round(make), Edition.objects.without_pdf()
    editions = list(this.ready(due.order_by("-pk")).select_related("page")[: FEW + 1])
    for edition in editions[:FEW]:
        _make(this, edition)
    this.forget_settled(due)
    return len(editions) > FEW


@task()
def make_soon(edition_id: int) -> None:
    """Make an edition's PDF unless it is there; what fails is left to the run of every minute."""
    edition = Edition.objects.without_pdf().select_related("page").filter(pk=edition_id).first()
    if edition:
        _make(jobs.Round(make), edition)


def _make(this: jobs.Round, edition: Edition) -> None:
    """Make one, or record its failure, outside a transaction to hold no locks while it is drawn."""
    try:
        keep(edition, pdf.render(edition))
    except jobs.DATABASE_IS_AWAY:
        raise
    except Exception as error:
        this.fail(edition, error)
    else:
        this.forget(edition)


def keep(edition: Edition, content: bytes) -> None:
    """Store the file durably, then its row, in the place of an outdated one."""
    facts = {
        "file": FILES.write(content, ".pdf"),
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "withdrawn_at": edition.withdrawn_at,
    }
    EditionPdf.objects.update_or_create(edition=edition, defaults=facts)


def kept_of(edition: Edition) -> EditionPdf | None:
    """Return the row of the PDF as it was made, None before that."""
    return EditionPdf.objects.up_to_date().filter(edition=edition).first()


def for_anybody_at(request: HttpRequest, path: str, number: int) -> EditionPdf | None:
    """Return the row of the PDF of the protocol at this address, if anybody may read it."""
    if (site := Site.find_for_request(request)) is None:
        return None
    url_path = f"{site.root_page.url_path}{path}"
    kept = EditionPdf.objects.up_to_date().at(url_path, number).first()
    return kept if kept and is_for_anybody(kept.path) else None


def is_for_anybody(path: str) -> bool:
    """Return whether neither this place in the tree of pages nor one above it is restricted.

    Of an alias, whose restrictions are those of another page, it is not known.
    """
    ends = range(Page.steplen, len(path) + 1, Page.steplen)
    pages = Page.objects.filter(path__in=[path[:end] for end in ends])
    not_known = Q(view_restrictions__isnull=False) | Q(alias_of__isnull=False)
    return not pages.filter(not_known).exists()


def content_of(kept: EditionPdf) -> bytes:
    """Return the content of the file; raise `Damaged` if it has changed."""
    return FILES.read(str(kept.file), kept.sha256, of=kept)
