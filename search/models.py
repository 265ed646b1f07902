"""Store the words of public content for the search.

Only `indexer` writes it. It may be a minute old, so `public` checks the records themselves
whenever it is queried.
"""

from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Q
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction, Page

from lms.operational import OperationalModel
from search import sources


class SearchDocumentQuerySet(models.QuerySet):
    def public(self):
        """Filter to what is public at this moment and still says what is stored here."""
        pages = Page.objects.live().public()
        each = (Q(source=one.name) & one.public() for one in sources.search_sources)
        return self.filter(
            Q(page=None) | Q(page__in=pages.values("pk")),
            Q(document=None) | Q(document__in=documents_for_all().values("pk")),
            reduce(or_, each, Q(pk__in=[])),
        )


def documents_for_all():
    """Return the documents in no private collection, nor in one nested in such."""
    private = Q()
    for path in CollectionViewRestriction.objects.values_list("collection__path", flat=True):
        private |= Q(path__startswith=path)
    collections = Collection.objects.filter(private) if private else Collection.objects.none()
    return get_document_model().objects.exclude(collection__in=collections)


class SearchDocument(OperationalModel):
    """Search result with a URL. Its words are also in the full-text index (`backend`)."""

    kind = models.PositiveSmallIntegerField(help_text="The number of its kind: sources.Kind.")
    address = models.CharField(max_length=500)
    title = models.CharField(max_length=400)
    facts = models.CharField(max_length=400, blank=True, help_text="Shown beside it.")
    summary = models.TextField(blank=True)
    keywords = models.TextField(blank=True, help_text="What else it is found by; not shown.")
    text = models.TextField(blank=True)
    read_of = models.CharField(
        max_length=40, blank=True, help_text="The digest of the file whose text it is."
    )

    # Source, the id of its record, and a digest of the record's content when it was indexed.
    source = models.CharField(max_length=40)
    record = models.BigIntegerField()
    stamp = models.CharField(max_length=32)

    # If given, these must be public too. Ids without constraints: records are deleted freely.
    page = models.BigIntegerField(null=True)
    document = models.BigIntegerField(null=True)

    objects = SearchDocumentQuerySet.as_manager()

    class Meta:
        db_table = "home_findable"
        constraints = [
            models.UniqueConstraint(
                fields=["source", "record", "address"], name="search_document_once"
            )
        ]

    def __str__(self):
        return self.title

    @property
    def kind_shown(self):
        return sources.kinds()[self.kind]


class Term(models.Model):
    """A word used in public content, to suggest for misspellings."""

    word = models.CharField(max_length=40, unique=True)

    class Meta:
        db_table = "home_knownword"

    def __str__(self):
        return self.word
