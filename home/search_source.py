"""Let the site search find the standing pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from home.models import StandardPage
from search.content import documents_now, path_of, with_linked_documents
from search.models import SearchDocument
from search.sources import PAGE, Source


class StandingPages(Source):
    name = "page"
    kind = PAGE

    def stamps(self) -> Iterator[tuple]:
        documents = documents_now()
        pages = StandardPage.objects.live().public().annotate(written=Cast("body", TextField()))
        for facts in pages.values_list("pk", "title", "introduction", "url_path", "written"):
            yield *facts, documents

    def records(self, pks: Iterable[int]) -> QuerySet[StandardPage]:
        return StandardPage.objects.filter(pk__in=pks)

    def documents(self, page: StandardPage) -> Iterator[SearchDocument]:
        document = SearchDocument(
            address=path_of(page), title=page.title, summary=page.introduction, page=page.pk
        )
        return with_linked_documents(document, page.body.render_as_block())
