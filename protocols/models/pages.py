"""What was agreed, by whom, and from when?"""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Prefetch, Q
from django.utils import timezone
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Orderable, Page, PageManager, PageQuerySet
from wagtail.search import index

from agencies.models import Agency
from lms.addresses import RESERVED, KeepsToItsAddress
from lms.blocks import Body, contents


class Topic(models.Model):
    """What a protocol or a course is about, such as concealed pregnancy."""

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        help_text="The wider topic that this one is part of.",
    )

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    def clean(self):
        if self.parent_id and (self.parent.parent_id or self.parent_id == self.pk):
            raise ValidationError({"parent": "Choose a topic that is not part of another."})
        if self.parent_id and self.pk and self.children.exists():
            raise ValidationError(
                {"parent": "This topic has narrower topics of its own. Move those first."}
            )


class ProtocolQuerySet(PageQuerySet):
    def about(self, topic):
        """Those on this topic, or on a narrower one."""
        wanted = Topic.objects.filter(Q(pk=topic.pk) | Q(parent=topic))
        return self.filter(
            pk__in=ProtocolPage.topics.through.objects.filter(topic__in=wanted).values(
                "protocolpage"
            )
        )

    def matching(self, words):
        """Those whose title, summary, reference or text has these words."""
        return self.filter(pk__in=[page.pk for page in self.search(words)])

    def for_listing(self):
        owners = ProtocolOwner.objects.select_related("agency")
        return self.defer("body").prefetch_related(Prefetch("owners", owners)).order_by("title")


class ProtocolIndexPage(KeepsToItsAddress, Page):
    """Every protocol, by topic."""

    introduction = models.TextField(blank=True)

    content_panels = [*Page.content_panels, FieldPanel("introduction")]
    max_count = 1
    parent_page_types = ["home.HomePage"]
    subpage_types = ["protocols.ProtocolPage"]
    template = "protocols/index.html"

    def get_context(self, request, *args, **kwargs):
        words = request.GET.get("q", "").replace("\0", "").strip()[:100]
        slug = request.GET.get("topic", "").replace("\0", "")
        protocols = ProtocolPage.objects.child_of(self).live()
        topics = Topic.objects.filter(protocolpage__in=protocols) | Topic.objects.filter(
            children__protocolpage__in=protocols
        )
        topic = Topic.objects.filter(slug=slug).first() if slug else None
        found = protocols.about(topic) if topic else protocols
        found = found.matching(words) if words else found
        # Fetched whole: a board has some dozens of protocols, and this saves the query that counts.
        page = Paginator(list(found.for_listing()), 20).get_page(request.GET.get("page"))
        return super().get_context(request, *args, **kwargs) | {
            "crumbs": [("Home", "/")],
            "address": request.path,
            "words": words,
            "topic": topic,
            "unknown_topic": slug if slug and not topic else "",
            "topics": topics.distinct(),
            "protocols": page,
        }


class ProtocolPage(KeepsToItsAddress, Page):
    """A procedure that agencies have agreed to follow."""

    reference = models.CharField(max_length=20, blank=True, help_text="Such as EHP.")
    edition_label = models.CharField("version", max_length=40, help_text="Such as 'Version 4'.")
    in_force_from = models.DateField()
    next_review_on = models.DateField(null=True, blank=True)
    summary = models.TextField(
        help_text="Two sentences at most: what it is for, and who follows it."
    )
    topics = ParentalManyToManyField(Topic, blank=True)
    body = StreamField(Body())

    objects = PageManager.from_queryset(ProtocolQuerySet)()

    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        InlinePanel("owners", heading="Owners", label="owner", min_num=1),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("reference"), FieldPanel("edition_label")]),
                FieldRowPanel([FieldPanel("in_force_from"), FieldPanel("next_review_on")]),
                FieldPanel("topics"),
            ],
            heading="About this version",
        ),
        FieldPanel("body"),
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("reference", boost=3),
        index.SearchField("summary", boost=2),
        index.SearchField("body"),
    ]
    parent_page_types = ["protocols.ProtocolIndexPage"]
    subpage_types: list[str] = []
    reserved_slugs = RESERVED | {"amendments", "editions"}
    template = "protocols/protocol.html"

    def clean(self):
        super().clean()
        starts, review = self.in_force_from, self.next_review_on
        if starts and review and review <= starts:
            raise ValidationError(
                {"next_review_on": "The next review must come after the day it is in force from."}
            )

    def get_context(self, request, *args, **kwargs):
        index_page = self.get_parent()
        return super().get_context(request, *args, **kwargs) | {
            "crumbs": [("Home", "/"), (index_page.title, index_page.get_url(request))],
            "contents": contents(self.body),
            "owners": [owner.agency for owner in self.owners.select_related("agency")],
            "address": settings.SITE_URL + self.get_url(request),
            "printed_on": timezone.localdate(),
        }


class ProtocolOwner(Orderable):
    """An agency that owns a protocol, alone or with others."""

    page = ParentalKey(ProtocolPage, on_delete=models.CASCADE, related_name="owners")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="protocols_owned")

    class Meta(Orderable.Meta):
        constraints = [
            models.UniqueConstraint(fields=["page", "agency"], name="protocol_owner_once")
        ]
