"""Store the words of public content for the search.

Only `search_keeping` writes it. It may be a minute old, so `public` checks the records
themselves whenever it is queried.
"""

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction, Page

from lms.operational import OperationalModel
from protocols.models import Edition, Indicator


class FindableQuerySet(models.QuerySet):
    def public(self):
        """Filter to what is public at this moment and still says what is stored here."""
        pages = Page.objects.live().public()
        indicators = Indicator.objects.on(timezone.localdate())
        as_it_says = indicators.filter(pk=OuterRef("indicator"), text=OuterRef("title"))
        return self.filter(
            Q(page=None) | Q(page__in=pages.values("pk")),
            Q(edition=None) | Q(edition__in=Edition.objects.in_force().values("pk")),
            Q(indicator=None) | Exists(as_it_says),
            Q(document=None) | Q(document__in=documents_for_all().values("pk")),
        )


def documents_for_all():
    """Return the documents in no private collection, nor in one nested in such."""
    private = Q()
    for path in CollectionViewRestriction.objects.values_list("collection__path", flat=True):
        private |= Q(path__startswith=path)
    collections = Collection.objects.filter(private) if private else Collection.objects.none()
    return get_document_model().objects.exclude(collection__in=collections)


class Findable(OperationalModel):
    """Search result with a URL. Its words are also in the full-text index (search_index)."""

    class Kind(models.IntegerChoices):
        """Kinds in the order in which they are shown."""

        PROTOCOL = 1, "Protocol"
        COURSE = 2, "Course"
        PAGE = 3, "Page"
        DOCUMENT = 4, "Document"
        INDICATOR = 5, "Indicator of need"

        @property
        def plural(self):
            return "Indicators of need" if self == self.INDICATOR else f"{self.label}s"

    kind = models.PositiveSmallIntegerField(choices=Kind)
    address = models.CharField(max_length=500)
    title = models.CharField(max_length=400)
    facts = models.CharField(max_length=400, blank=True, help_text="Shown beside it.")
    summary = models.TextField(blank=True)
    keywords = models.TextField(blank=True, help_text="What else it is found by; not shown.")
    text = models.TextField(blank=True)
    read_of = models.CharField(
        max_length=40, blank=True, help_text="The digest of the file whose text it is."
    )

    # Source record, and a digest of its content when it was indexed.
    origin = models.CharField(max_length=40, db_index=True)
    stamp = models.CharField(max_length=32)

    # Every record given here must be public. Ids without constraints: records are deleted freely.
    page = models.BigIntegerField(null=True)
    edition = models.BigIntegerField(null=True)
    indicator = models.BigIntegerField(null=True)
    document = models.BigIntegerField(null=True)

    objects = FindableQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["origin", "address"], name="findable_once")]

    def __str__(self):
        return self.title

    @property
    def colour(self):
        return COLOURS[self.Kind(self.kind)]


COLOURS = {
    Findable.Kind.PROTOCOL: "",
    Findable.Kind.COURSE: "purple",
    Findable.Kind.PAGE: "grey",
    Findable.Kind.DOCUMENT: "yellow",
    Findable.Kind.INDICATOR: "green",
}


class KnownWord(models.Model):
    """A word used in public content, to suggest for misspellings."""

    word = models.CharField(max_length=40, unique=True)

    def __str__(self):
        return self.word
