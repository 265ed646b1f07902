"""Wagtail pages of protocols (drafts; the public reads editions), and their related rows."""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.db.models import Prefetch, Q
from django.utils import timezone
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.forms.pages import CopyForm, WagtailAdminPageForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import StreamField
from wagtail.log_actions import LogContext
from wagtail.models import Orderable, Page, PageManager, PagePermissionTester, PageQuerySet
from wagtail.search import index
from wagtail.url_routing import RouteResult

from agencies.models import Agency, Person
from lms.paging import Paginator
from lms.web.reserved_slugs import RESERVED, ReservedSlugMixin
from protocols.indicators.block import ProtocolBody
from protocols.models.editions import Edition, Source
from search import queries


class Topic(models.Model):
    """A subject of protocols, courses and indicators, such as concealed pregnancy."""

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
        """Return pages on this topic or on a narrower one."""
        wanted = Topic.objects.filter(Q(pk=topic.pk) | Q(parent=topic))
        return self.filter(
            pk__in=ProtocolPage.topics.through.objects.filter(topic__in=wanted).values(
                "protocolpage"
            )
        )

    def matching(self, words):
        """Return pages whose edition in force contains these words, in any form."""
        return self.filter(pk__in=queries.pages_saying(words, "protocol"))

    def in_force(self):
        """Return public pages with an edition in force."""
        return self.live().public().filter(pk__in=Edition.objects.in_force().values("page"))

    def for_listing(self):
        """Return pages in force by title, with `edition_in_force` prefetched."""
        editions = Edition.objects.in_force().without_text()
        return (
            self.in_force()
            .defer("body")
            .prefetch_related(Prefetch("editions", editions, to_attr="_in_force"))
            .order_by("title", "pk")
        )


class CopiesAsDraft(CopyForm):
    """Wagtail's copy form without publishing: a copy was never approved."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields.pop("publish_copies", None)


class DraftForm(WagtailAdminPageForm):
    """Wagtail's form of a draft, which takes no day in force that has passed."""

    def clean_in_force_from(self):
        on = self.cleaned_data["in_force_from"]
        if on and on < timezone.localdate() and "in_force_from" in self.changed_data:
            raise ValidationError(
                "Enter today or a later day, or leave it blank: it is then in force from the day "
                "of the last approval"
            )
        return on


class KeptPermissions(PagePermissionTester):
    """Page permissions that forbid deleting, moving or unpublishing pages with editions.

    Wagtail's admin, its bulk actions and its API hide and refuse what these forbid.
    """

    @property
    def is_kept(self):
        return Edition.objects.filter(page__path__startswith=self.page.path).exists()

    def can_delete(self, ignore_bulk=False):
        return not self.is_kept and super().can_delete(ignore_bulk)

    def can_move(self):
        return not self.is_kept and super().can_move()

    def can_unpublish(self):
        return not self.is_kept and super().can_unpublish()

    def can_unschedule(self):
        """Forbid it: an approved version is called off, or moved, under Versions."""
        return False


class ProtocolIndexPage(RoutablePageMixin, ReservedSlugMixin, Page):
    """The list of protocols, by topic."""

    introduction = models.TextField(blank=True)

    content_panels = [*Page.content_panels, FieldPanel("introduction")]
    max_count = 1
    parent_page_types = ["home.HomePage"]
    subpage_types = ["protocols.ProtocolPage"]
    template = "protocols/index.html"

    def get_context(self, request, *args, **kwargs):
        words = request.GET.get("q", "").replace("\0", "").strip()[:100]
        slug = request.GET.get("topic", "").replace("\0", "")
        protocols = ProtocolPage.objects.child_of(self).in_force()
        topics = Topic.objects.filter(protocolpage__in=protocols) | Topic.objects.filter(
            children__protocolpage__in=protocols
        )
        topic = Topic.objects.filter(slug=slug).first() if slug else None
        found = protocols.about(topic) if topic else protocols
        found = found.matching(words) if words else found
        # Fetched whole: a board has some dozens of protocols, and this saves a count query.
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

    @path("amendments/")
    def serve_amendments(self, request):
        from protocols.editions import views

        return views.amendments(request, self)

    def permissions_for_user(self, user):
        return KeptPermissions(user, self)


class ProtocolPage(RoutablePageMixin, ReservedSlugMixin, Page):
    """The draft of a procedure that agencies agree to follow; the public reads its editions."""

    reference = models.CharField(max_length=20, blank=True, help_text="Such as EHP.")
    edition_label = models.CharField(
        max_length=40,
        blank=True,
        editable=False,
        help_text="What its version was called before versions were kept.",
    )
    numbered_from = models.PositiveIntegerField(
        "number of its first version here",
        default=1,
        validators=[MinValueValidator(1)],
        help_text="More than 1 where earlier versions were published elsewhere.",
    )
    is_major = models.BooleanField(
        "a major change",
        default=True,
        help_text="People are asked to read it again. Untick for corrections.",
    )
    reason = models.TextField(
        "what has changed, and why",
        blank=True,
        help_text="In plain words: it stands in the public list of amendments.",
    )
    in_force_from = models.DateField(
        null=True,
        blank=True,
        help_text="When left blank, or when it is approved later: the day of the last approval.",
    )
    next_review_on = models.DateField(null=True, blank=True)
    summary = models.TextField(
        help_text="Two sentences at most: what it is for, and who follows it."
    )
    topics = ParentalManyToManyField(Topic, blank=True)
    body = StreamField(ProtocolBody())
    check_question = models.CharField(
        max_length=240,
        blank=True,
        help_text="A short question that is asked of those who say that they have read it.",
    )

    objects = PageManager.from_queryset(ProtocolQuerySet)()

    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        InlinePanel("owners", heading="Owners", label="owner", min_num=1),
        InlinePanel(
            "approvers",
            [
                FieldPanel("agency"),
                FieldPanel("person", heading="Person, by email address"),
            ],
            heading="Agencies that approve it",
            label="agency",
            help_text="Owners whose lead has an account here are asked without being named.",
        ),
        MultiFieldPanel(
            [
                FieldPanel("reason"),
                FieldPanel("is_major"),
                FieldRowPanel([FieldPanel("in_force_from"), FieldPanel("next_review_on")]),
                FieldRowPanel([FieldPanel("reference"), FieldPanel("numbered_from")]),
                FieldPanel("topics"),
            ],
            heading="About this version",
        ),
        InlinePanel(
            "answers",
            heading="What this version answers",
            label="source",
            help_text="At least one. Of another kind: who asked for it, or what made it due.",
        ),
        FieldPanel("body"),
        MultiFieldPanel(
            [
                FieldPanel("check_question"),
                InlinePanel("check_answers", label="answer"),
            ],
            heading="Check question",
        ),
        InlinePanel("elsewhere", heading="Also published at", label="place"),
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("reference", boost=3),
        index.SearchField("summary", boost=2),
        index.SearchField("body"),
    ]
    parent_page_types = ["protocols.ProtocolIndexPage"]
    subpage_types: list[str] = []
    reserved_slugs = RESERVED | {"alerts", "amendments", "editions", "thresholds"}
    # One field says when it is published: `in_force_from`. A protocol does not expire.
    settings_panels = Page.settings_panels[1:]  # Without Wagtail's panel of a schedule.
    # Facts of one protocol's editions; a copy is another protocol.
    exclude_fields_in_copy = ["reason", "numbered_from", "edition_label", "in_force_from"]
    template = "protocols/edition.html"
    base_form_class = DraftForm
    copy_form_class = CopiesAsDraft

    def clean(self):
        super().clean()
        if self.expire_at:
            raise ValidationError(
                "A protocol does not expire: leave its expiry empty. To take it out of force, "
                "withdraw its version."
            )
        starts, review = self.in_force_from, self.next_review_on
        if starts and review and review <= starts:
            raise ValidationError(
                {"next_review_on": "The next review must come after the day it is in force from."}
            )
        fixed = self.slug_in_use
        if fixed and self.slug != fixed:
            raise ValidationError(
                {"slug": f"Its address is in use: it stays ‘{fixed}’, whatever its title becomes."}
            )

    def save(self, *args, **kwargs):
        """Save the page; if this publishes a revision, issue its edition in the same transaction.

        Wagtail publishes by saving, and its edit view bypasses `publish`: docs/decisions/0009.
        """
        from protocols.editions import editions as editions_editions

        with transaction.atomic():
            if editions_editions.is_kept_published(self):
                # Only a draft waits for its day: what is in force stays as it is.
                ProtocolPage.objects.filter(pk=self.pk).update(has_unpublished_changes=True)
                return
            self.expire_at = None
            is_published = editions_editions.is_being_published(self)
            super().save(*args, **kwargs)
            if is_published:
                editions_editions.issue_edition(self, by=editions_editions.publisher())

    def save_revision(self, *args, **kwargs):
        """Save the draft, to be published at the beginning of its day in force."""
        from protocols.editions import planning

        self.go_live_at = planning.goes_live_at(self.in_force_from)
        return super().save_revision(*args, **kwargs)

    def get_latest_revision_as_object(self):
        """Return the draft; where it is what is published, the next has no day in force yet."""
        draft = super().get_latest_revision_as_object()
        if draft.live and not self.has_unpublished_changes:
            draft.in_force_from = None
        return draft

    def publish(self, revision, user=None, **kwargs):
        """Publish with the user in Wagtail's log context; refuse an impossible day in force."""
        from protocols.editions import planning

        with planning.in_its_order(self, revision, by=user):
            if not user:
                return super().publish(revision, **kwargs)
            with LogContext(user=user):
                return super().publish(revision, user=user, **kwargs)

    def route(self, request, path_components):
        """Find numbered versions whatever the page's state: they can be read for ever."""
        if not self.live and path_components[:1] == ["editions"] and self.editions.exists():
            found = self.resolve_subpage(f"/{'/'.join(path_components)}/")
            request.routable_resolver_match = found
            return RouteResult(self, args=tuple(found))
        return super().route(request, path_components)

    @property
    def outcome_of_approval(self) -> str:
        """Say what has become of the draft that everybody has approved."""
        from protocols.editions import planning

        return planning.outcome(ProtocolPage.objects.get(pk=self.pk))

    @property
    def slug_in_use(self) -> str:
        """The slug of its first edition, which is permanent; "" without editions."""
        first = self.pk and self.editions.order_by("number").values("data__slug").first()
        return first["data__slug"] if first else ""

    @property
    def edition_in_force(self) -> Edition | None:
        if hasattr(self, "_in_force"):
            return self._in_force[0] if self._in_force else None
        return self.editions.in_force().first()

    @property
    def path_of_page(self) -> str:
        parts = self.get_url_parts()
        return parts[2] if parts else f"/{self.slug}/"

    def permissions_for_user(self, user):
        return KeptPermissions(user, self)

    def serve_preview(self, request, mode_name):
        from protocols.editions import views

        return views.draft(request, self)

    @path("")
    def serve_in_force(self, request):
        from protocols.editions import views

        return views.in_force(request, self)

    @path("editions/<int:number>/")
    def serve_edition(self, request, number):
        from protocols.editions import views

        return views.edition(request, self, number)

    @path("editions/<int:number>/pdf/")
    def serve_pdf(self, request, number):
        from protocols.editions import views

        return views.pdf(request, self, number)

    @path("editions/<int:number>/record/")
    def serve_record(self, request, number):
        from protocols.editions import views

        return views.record(request, self, number)

    @path("editions/<int:number>/files/<slug:mark>/")
    def serve_file(self, request, number, mark):
        from protocols.editions import views

        return views.file(request, self, number, mark)


class ProtocolOwner(Orderable):
    """An agency that owns a protocol, alone or with others."""

    page = ParentalKey(ProtocolPage, on_delete=models.CASCADE, related_name="owners")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="protocols_owned")

    class Meta(Orderable.Meta):
        constraints = [
            models.UniqueConstraint(fields=["page", "agency"], name="protocol_owner_once")
        ]


class Approver(Orderable):
    """An agency that reads and approves each draft, besides those of its owners that can."""

    page = ParentalKey(ProtocolPage, on_delete=models.CASCADE, related_name="approvers")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="protocols_approved")
    person = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who answers for it. When left empty, the agency's leads do.",
    )

    class Meta(Orderable.Meta):
        constraints = [
            models.UniqueConstraint(fields=["page", "agency"], name="protocol_approver_once")
        ]


class EditionSource(Orderable):
    """A source that the new version answers, such as a finding."""

    page = ParentalKey(ProtocolPage, on_delete=models.CASCADE, related_name="answers")
    kind = models.CharField(max_length=10, choices=Source)
    citation = models.CharField(
        max_length=240, help_text="Such as ‘Child E, recommendation 3’, with its year."
    )

    class Meta(Orderable.Meta):
        db_table = "protocols_whatitanswers"


class CheckAnswer(Orderable):
    """A possible answer to the check question."""

    page = ParentalKey(ProtocolPage, on_delete=models.CASCADE, related_name="check_answers")
    text = models.CharField("answer", max_length=240)
    is_right = models.BooleanField("this is the right one", default=False)


class ExternalPublication(Orderable):
    """Another publisher of the same protocol."""

    page = ParentalKey(ProtocolPage, on_delete=models.CASCADE, related_name="elsewhere")
    name = models.CharField("who publishes it", max_length=120)
    url = models.URLField("address")

    class Meta(Orderable.Meta):
        db_table = "protocols_elsewhere"
