"""Decide which protocols, and which documents, are secret because they are drafts.

A draft is for those who write protocols and review them; so are the title of a draft that differs
from that in force, and the documents that only drafts refer to.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q, QuerySet
from wagtail.models import Page, ReferenceIndex

from protocols.models import ProtocolPage

if TYPE_CHECKING:
    from wagtail.documents.models import Document


def secret_drafts() -> QuerySet[ProtocolPage]:
    """Return protocols whose title, as Wagtail's admin shows it, is a draft's."""
    return ProtocolPage.objects.exclude(live=True, draft_title=F("title"))


def is_of_draft(document: Document) -> bool:
    """Return whether drafts refer to this document, and nothing that is published does."""
    return any(
        _refers(body, document) for body in _bodies_of_drafts(document.pk)
    ) and not _is_published(document)


def _bodies_of_drafts(pk: int) -> list[Any]:
    """List the bodies of drafts whose text has this number in it."""
    drafts = ProtocolPage.objects.filter(Q(live=False) | Q(has_unpublished_changes=True))
    number = re.compile(rf"\b{pk}\b")
    bodies = [
        page.latest_revision.content["body"] if page.latest_revision else page.body.get_prep_value()
        for page in drafts.select_related("latest_revision")
    ]
    return [body for body in bodies if number.search(str(body))]


def _refers(body: Any, document: Document) -> bool:
    block = ProtocolPage._meta.get_field("body").stream_block
    references = block.extract_references(block.to_python(_as_data(body)))
    return any(
        issubclass(type(document), model) and str(pk) == str(document.pk)
        for model, pk, *_ in references
    )


def _as_data(body: Any) -> Any:
    return json.loads(body) if isinstance(body, str) else body


def _is_published(document: Document) -> bool:
    """Return whether a page that is public, or a record that is none, refers to the document."""
    sources = [
        (reference.base_content_type.model_class(), reference.object_id)
        for reference in ReferenceIndex.get_references_to(document).select_related(
            "base_content_type"
        )
    ]
    pages = [pk for model, pk in sources if model and issubclass(model, Page)]
    return len(pages) < len(sources) or Page.objects.live().filter(pk__in=pages).exists()
