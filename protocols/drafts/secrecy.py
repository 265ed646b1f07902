"""Decide which protocols, and which documents, are secret because they are drafts.

A draft is for those who write protocols and review them; so are the title of a draft that differs
from that in force, and the documents and pictures that only drafts refer to.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.contrib.contenttypes.models import ContentType
from django.db.models import F, Q, QuerySet
from wagtail.models import Page, ReferenceIndex

from protocols.models import Approval, ProtocolPage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.contrib.auth.models import AnonymousUser
    from wagtail.documents.models import Document
    from wagtail.images.models import AbstractImage

    from agencies.models import Person


def secret_drafts() -> QuerySet[ProtocolPage]:
    """Return protocols whose title, as Wagtail's admin shows it, is a draft's."""
    return ProtocolPage.objects.exclude(live=True, draft_title=F("title"))


def is_secret_from(viewer: Person | AnonymousUser, file: Document | AbstractImage) -> bool:
    """Return whether the file is of drafts alone, and the viewer was asked about none of them."""
    drafts = drafts_of(file)
    if not drafts or viewer.is_anonymous:
        return bool(drafts)
    asked = Approval.objects.visible_to(viewer).filter(page__in=[page.pk for page in drafts])
    return not asked.exists()


def drafts_of(file: Document | AbstractImage) -> list[Page]:
    """Return the pages whose drafts refer to this document or picture, if nothing public does.

    Drafts of any page count: what is not published yet is nobody's business outside the office.
    """
    if _is_published(file):
        return []
    drafts = list(_drafts_with_number(file.pk))
    if any(_refers(page.specific, file) for page, _ in drafts if page.live):
        return []
    return [page for page, draft in drafts if _refers(draft, file)]


def _drafts_with_number(pk: int) -> Iterator[tuple[Page, Page]]:
    """Yield pages whose newest draft has this number somewhere, each with that draft."""
    pages = Page.objects.filter(Q(live=False) | Q(has_unpublished_changes=True))
    number = re.compile(rf"\b{pk}\b")
    for page in pages.select_related("latest_revision"):
        revision = page.latest_revision
        if revision is None:
            yield page, page.specific
        elif number.search(str(revision.content)):
            yield page, revision.as_object()


def _refers(page: Page, file: Document | AbstractImage) -> bool:
    kind = ContentType.objects.get_for_model(type(file)).pk
    references = ReferenceIndex._extract_references_from_object(page)
    return any((model, pk) == (kind, str(file.pk)) for model, pk, *_ in references)


def _is_published(file: Document | AbstractImage) -> bool:
    """Return whether a page that is public, or a record that is none, refers to the file."""
    sources = [
        (reference.base_content_type.model_class(), reference.object_id)
        for reference in ReferenceIndex.get_references_to(file).select_related("base_content_type")
    ]
    pages = [pk for model, pk in sources if model and issubclass(model, Page)]
    return len(pages) < len(sources) or Page.objects.live().filter(pk__in=pages).exists()
