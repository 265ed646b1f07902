"""Models of courses and of the pages that present them, one to one."""

import datetime as dt
from decimal import Decimal
from urllib.parse import urlsplit

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.functional import cached_property
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page
from wagtail.search import index

from agencies.free_text.printed import PrintedMixin
from lms.formatting import duration, in_hours


class Level(models.Model):
    """Step of this board's training framework, such as 'Group 2' or 'Specialist'."""

    name = models.CharField(max_length=60, unique=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self):
        return self.name


class Format(models.TextChoices):
    """Place where people meet on a date. Hybrid is not offered yet: no mail tells both ways."""

    CLASSROOM = "classroom", "Classroom"
    ONLINE = "online", "Virtual classroom"
    HYBRID = "hybrid", "Classroom and online"

    @classmethod
    def offered(cls):
        return [(each.value, each.label) for each in (cls.CLASSROOM, cls.ONLINE)]


# For so long a check of a provider's link counts, and the office is reminded once.
LINK_CHECKED_EVERY = relativedelta(months=6)


def why_not_linked(link: str) -> str:
    """Return why a provider's link cannot be used: only https, with no user name in it."""
    said = urlsplit(link)
    if said.scheme != "https":
        return (
            "Enter a link that begins with https://. A page at http:// is not secure, so we send "
            "nobody there: ask the provider for its https:// address"
        )
    if said.username or said.password:
        return "Enter the link without a user name or password in it"
    return ""


class CourseQuerySet(models.QuerySet):
    def in_format(self, name):
        """Filter by a value of `Course.FORMATS`."""
        return self.filter(**Course.FORMATS[name][1])

    def offered(self):
        """Filter to the catalogue: courses taught at present whose page is live."""
        return self.filter(is_offered=True, page__live=True)

    def elsewhere(self):
        """Filter to those that a provider gives online, which have no dates."""
        return self.filter(kind=Course.Kind.ELSEWHERE)

    def without_dates(self):
        """Filter to those that people take online when they like: given elsewhere, or a module."""
        return self.filter(kind__in=Course.WITHOUT_DATES)

    def on_dates(self):
        """Filter to those that have dates."""
        return self.exclude(kind__in=Course.WITHOUT_DATES)

    def link_to_check(self):
        """Filter to those in the catalogue whose link nobody has checked for 6 months."""
        before = timezone.localdate() - LINK_CHECKED_EVERY
        unchecked = Q(link_checked_on=None) | Q(link_checked_on__lt=before)
        return self.elsewhere().offered().filter(unchecked)


class Course(PrintedMixin, models.Model):
    """Course as taught. Never deleted: completions and certificates refer to it for ever."""

    PRINTED = ("title", "outcomes")

    class Kind(models.TextChoices):
        """Way in which a course is taken; online first and then on a date is two courses."""

        TAUGHT = "taught", "Taught on a date"
        BRIEFING = "briefing", "Briefing"
        MODULE = "module", "E-learning"
        ELSEWHERE = "elsewhere", "Online, given elsewhere"
        BLENDED = "blended", "E-learning and a date"

        @classmethod
        def offered(cls):
            kinds = (cls.TAUGHT, cls.BRIEFING, cls.MODULE, cls.ELSEWHERE)
            return [(each.value, each.label) for each in kinds]

    class SecondDate(models.TextChoices):
        WARN = "warn", "is warned of"
        REFUSE = "refuse", "is refused"

    Format = Format
    # Formats as filters name them: their words, and the courses that have them.
    FORMATS = {
        "classroom": ("Classroom", {"kind": Kind.TAUGHT, "format": Format.CLASSROOM}),
        "virtual": ("Virtual classroom", {"kind": Kind.TAUGHT, "format": Format.ONLINE}),
        "briefing": ("Briefing", {"kind": Kind.BRIEFING}),
        "module": ("E-learning", {"kind": Kind.MODULE}),
        "elsewhere": ("Online, elsewhere", {"kind": Kind.ELSEWHERE}),
    }
    WITHOUT_DATES = (Kind.MODULE, Kind.ELSEWHERE)
    # What only a course with dates has, and its value for one without.
    ONLY_ON_DATES = {
        "format": "",
        "asks_approval": False,
        "charges_fee": False,
        "second_date": SecondDate.WARN,
        "pre_course_questions": "",
        "asks_evaluation": False,
        "later_months": 0,
        "certificate_design": None,
        "runs_a_year_intended": 0,
    }
    # What only a course given elsewhere has, and what to enter where it is left empty.
    ONLY_ELSEWHERE = {
        "provider": "Enter who gives it, such as NSPCC Learning",
        "provider_link": "Enter the link to the course on the provider’s website",
        "certificate_shows": "Enter what the certificate must show, so that we can accept it",
        "provider_account": "",
        "provider_cost": "",
    }

    code = models.SlugField(max_length=20, unique=True, help_text="Short and lasting, such as SUP.")
    title = models.CharField(max_length=140)
    version = models.PositiveSmallIntegerField(
        default=1, help_text="Raise it when what is taught changes; it stands on each certificate."
    )
    summary = models.CharField(max_length=240, help_text="One sentence, shown in the catalogue.")
    audience = models.TextField("who it is for")
    outcomes = models.TextField(help_text="What people can do afterwards: one on each line.")
    level = models.ForeignKey(Level, models.PROTECT, null=True, blank=True, related_name="courses")
    hours = models.DecimalField(
        max_digits=4, decimal_places=1, help_text="Taught hours, breaks not counted."
    )
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.TAUGHT)
    module = models.OneToOneField(
        "elearning.Module",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="course",
        verbose_name="online module",
        help_text="What people do to complete an online course.",
    )
    format = models.CharField(
        max_length=12,
        choices=Format.choices,
        blank=True,
        help_text="A new course date begins with this. Blank for a briefing: each date by its "
        "place.",
    )
    topics = models.ManyToManyField("protocols.Topic", blank=True, related_name="courses")
    protocols_taught = models.ManyToManyField(
        "protocols.ProtocolPage", blank=True, related_name="taught_by"
    )
    prerequisites = models.ManyToManyField(
        "self",
        symmetrical=False,
        blank=True,
        related_name="leads_to",
        help_text="Courses that must be completed before this one is booked.",
    )
    renewal_months = models.PositiveSmallIntegerField(
        "refresh after (months)",
        null=True,
        blank=True,
        help_text="Blank: no refresh is recommended.",
    )
    runs_a_year_intended = models.PositiveSmallIntegerField("dates a year intended", default=1)
    for_role_groups = models.ManyToManyField(
        "agencies.RoleGroup",
        blank=True,
        related_name="+",
        verbose_name="only for these professions",
        help_text="None chosen: for everybody.",
    )
    for_sectors = models.ManyToManyField(
        "agencies.Sector",
        blank=True,
        related_name="+",
        verbose_name="only for these sectors",
        help_text="None chosen: for every sector.",
    )
    asks_approval = models.BooleanField(
        "the manager approves each booking",
        default=False,
        help_text="A new course date begins with this; it can be changed there.",
    )
    charges_fee = models.BooleanField(
        "attending is charged to sectors that pay",
        default=False,
        help_text="See 'Fees by sector'. Who pays is asked for a purchase order or cost code.",
    )
    second_date = models.CharField(
        "a second date of it for the same person",
        max_length=6,
        choices=SecondDate.choices,
        default=SecondDate.WARN,
        help_text="Where it is refused, the office can still make an exception.",
    )
    pre_course_questions = models.TextField(
        blank=True,
        help_text="One on each line, asked of everybody with a place. Joining instructions follow "
        "the answers. Blank: no form.",
    )
    asks_evaluation = models.BooleanField(
        "the certificate follows the end evaluation",
        default=False,
        help_text="Who has not answered it gets the certificate, and what is handed out, when "
        "they have.",
    )
    later_months = models.PositiveSmallIntegerField(
        "asked again after (months)",
        default=3,
        help_text="The later evaluation, of the person and of the line manager. 0: never.",
    )
    certificate_design = models.ForeignKey(
        "certificates.Design",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="courses",
        help_text="Blank: the board's default.",
    )
    is_offered = models.BooleanField("offered at present", default=True)
    provider = models.CharField(
        "who gives it", max_length=80, blank=True, help_text="Such as NSPCC Learning or e-LfH."
    )
    provider_link = models.URLField(
        "link to the course",
        max_length=400,
        blank=True,
        help_text="The https:// address of the course on the provider’s website. Open it yourself "
        "before you save: that counts as a check of the link.",
    )
    certificate_shows = models.CharField(
        "what the certificate must show",
        max_length=240,
        blank=True,
        help_text="Such as: your name, the title of the course and the day you completed it.",
    )
    provider_account = models.CharField(
        "how to get an account",
        max_length=240,
        blank=True,
        help_text="Such as: register with your work email address. Blank: we say only that people "
        "need one.",
    )
    provider_cost = models.CharField(
        "what the provider charges",
        max_length=120,
        blank=True,
        help_text="Such as: £20 for each person, paid to the provider. Blank: we say that it is "
        "free.",
    )
    link_checked_on = models.DateField(null=True, editable=False)
    link_checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    link_reminded_on = models.DateField(null=True, editable=False)

    objects = CourseQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="elsewhere")
                | (
                    ~Q(provider="")
                    & Q(provider_link__startswith="https://")
                    & ~Q(certificate_shows="")
                ),
                name="course_elsewhere_says_where",
            )
        ]

    def __str__(self):
        return self.title

    @classmethod
    def format_choices(cls) -> list[tuple[str, str]]:
        """Choices of filters by format: see FORMATS."""
        return [(name, words) for name, (words, _) in cls.FORMATS.items()]

    @cached_property
    def is_restricted(self) -> bool:
        """Return whether booking is limited by profession, sector or prerequisite.

        One query, so that the many unrestricted courses need none for each limit.
        """
        for_some = Q(for_role_groups__isnull=False) | Q(for_sectors__isnull=False)
        first_another = Q(prerequisites__isnull=False)
        restricted = Course.objects.filter(for_some | first_another, pk=self.pk)
        return restricted.order_by().exists()

    def clean(self) -> None:
        """Require what a course given elsewhere needs; empty what is not of the course's kind."""
        if not self.is_elsewhere:
            for name in self.ONLY_ELSEWHERE:
                setattr(self, name, "")
        if not self.is_module:
            self.module = None
        if not self.has_dates:
            kept = {"certificate_design"} if self.is_module else set()
            for name in self.ONLY_ON_DATES.keys() - kept:
                setattr(self, name, self.ONLY_ON_DATES[name])
        super().clean()
        if self.is_module and self.module is None:
            raise ValidationError({"module": "Choose the module that people do"})
        if self.module:
            self.hours = max(round(Decimal(self.module.minutes) / 60, 1), Decimal("0.1"))
        if not self.is_elsewhere:
            return
        asked = {name: why for name, why in self.ONLY_ELSEWHERE.items() if why}
        wrong = {name: why for name, why in asked.items() if not getattr(self, name)}
        if self.provider_link and (why := why_not_linked(self.provider_link)):
            wrong["provider_link"] = why
        if wrong:
            raise ValidationError(wrong)

    @property
    def is_elsewhere(self) -> bool:
        """True if a provider gives it online: it has no dates, and proof is a certificate."""
        return self.kind == self.Kind.ELSEWHERE

    @property
    def is_module(self) -> bool:
        """True if people do an online module of ours to complete it."""
        return self.kind == self.Kind.MODULE

    @property
    def has_dates(self) -> bool:
        return self.kind not in self.WITHOUT_DATES

    @property
    def provider_host(self) -> str:
        """Host of the provider's link, to show where it leads."""
        return (urlsplit(self.provider_link).hostname or "").removeprefix("www.")

    @property
    def check_link_by(self) -> dt.date | None:
        """Last day on which the last check of the link still counts."""
        return self.link_checked_on and self.link_checked_on + LINK_CHECKED_EVERY

    @property
    def length(self) -> str:
        """Length in words; of a module its minutes, which hours round."""
        return duration(self.module.minutes) if self.module else in_hours(self.hours)

    @property
    def format_label(self) -> str:
        """Format in words, as pages, exports and certificates say it."""
        if self.is_elsewhere:
            return f"Online, given by {self.provider}"
        return (
            self.get_format_display() if self.kind == self.Kind.TAUGHT else self.get_kind_display()
        )

    @property
    def outcome_list(self) -> list[str]:
        return lines_of(self.outcomes)

    @property
    def pre_course_list(self) -> list[str]:
        """Questions that everybody with a place is asked before the course."""
        return lines_of(self.pre_course_questions)


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class CourseIndexPage(Page):
    """Catalogue of all courses offered, with search and filters."""

    intro = RichTextField(blank=True, features=["bold", "link", "ul"])

    content_panels = [*Page.content_panels, FieldPanel("intro")]
    max_count = 1
    parent_page_types = ["home.HomePage"]
    subpage_types = ["courses.CoursePage"]
    template = "courses/catalogue.html"

    def get_context(self, request, *args, **kwargs):
        from courses.catalogue.listing import catalogue_context

        return super().get_context(request, *args, **kwargs) | catalogue_context(request)

    def serve(self, request, *args, **kwargs):
        """Vary on HX-Target, so that going back never shows the cached fragment as a page."""
        response = super().serve(request, *args, **kwargs)
        patch_vary_headers(response, ["HX-Target"])
        return response

    def get_template(self, request, *args, **kwargs):
        if request.headers.get("HX-Target") == "results":
            return "courses/_catalogue_results.html"
        return super().get_template(request, *args, **kwargs)


class CoursePage(Page):
    """Public page of one course."""

    course = models.OneToOneField(Course, models.PROTECT, related_name="page")
    body = RichTextField(
        "more about this course", blank=True, features=["h2", "h3", "bold", "link", "ul", "ol"]
    )

    content_panels = [*Page.content_panels, FieldPanel("course"), FieldPanel("body")]
    parent_page_types = ["courses.CourseIndexPage"]
    subpage_types: list[str] = []
    search_fields = [*Page.search_fields, index.SearchField("body")]
    template = "courses/course.html"

    def get_context(self, request, *args, **kwargs):
        from courses.catalogue.listing import course_context

        return super().get_context(request, *args, **kwargs) | course_context(request, self.course)
