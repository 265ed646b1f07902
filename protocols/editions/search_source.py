"""Let the site search find the editions in force, with their own files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from django.db.models import Q, QuerySet
from django.utils.html import format_html

from lms import formatting
from protocols.drafts import copies
from protocols.models import Edition
from search.content import OwnFile, public_pages, with_linked_documents
from search.models import SearchDocument
from search.sources import Kind, Source


class Editions(Source):
    name = "edition"
    kind = Kind(1, "protocol", "Protocol", "Protocols")

    def stamps(self) -> Iterator[tuple]:
        """Yield editions with their URL: an edition itself never changes."""
        editions = Edition.objects.in_force().filter(page__in=public_pages())
        yield from editions.values_list("pk", "page__url_path")

    def records(self, pks: Iterable[int]) -> QuerySet[Edition]:
        editions = Edition.objects.filter(pk__in=pks)
        return editions.select_related("page").prefetch_related("files")

    def documents(self, edition: Edition) -> Iterator[SearchDocument]:
        owners = ", ".join(owner["name"] for owner in edition.owners)
        topics = [topic["name"] for topic in edition.data["topics"]]
        protocol = SearchDocument(
            address=edition.page.path_of_page,
            title=edition.title,
            facts=f"{edition.label}, in force from {formatting.day(edition.in_force_from)}",
            summary=edition.summary,
            keywords=" ".join([edition.reference, *topics]),
            page=edition.page_id,
        )
        files = {
            file.get_absolute_url(): OwnFile(file.name, partial(copies.read, file))
            for file in edition.files.all()
        }
        html = edition.html + format_html("<p>Owned by {}.</p>", owners)
        return with_linked_documents(protocol, html, files)

    def public(self) -> Q:
        return Q(record__in=Edition.objects.in_force().values("pk"))
