"""Models of courses and of the pages that present them, one to one."""

from django.db import models
from django.db.models import Q
from django.utils.cache import patch_vary_headers
from django.utils.functional import cached_property
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page
from wagtail.search import index

from agencies.free_text.printed import PrintedMixin


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


class CourseQuerySet(models.QuerySet):
    def in_format(self, name):
        """Filter by a value of `Course.FORMATS`."""
        return self.filter(**Course.FORMATS[name][1])

    def offered(self):
        """Filter to the catalogue: courses taught at present whose page is live."""
        return self.filter(is_offered=True, page__live=True)


class Course(PrintedMixin, models.Model):
    """Course as taught. Never deleted: completions and certificates refer to it for ever."""

    PRINTED = ("title", "outcomes")

    class Kind(models.TextChoices):
        """Way in which a course is taken; only the first two are offered yet."""

        TAUGHT = "taught", "Taught on a date"
        BRIEFING = "briefing", "Briefing"
        MODULE = "module", "E-learning"
        ELSEWHERE = "elsewhere", "Online, given elsewhere"
        BLENDED = "blended", "E-learning and a date"

        @classmethod
        def offered(cls):
            return [(each.value, each.label) for each in (cls.TAUGHT, cls.BRIEFING)]

    class SecondDate(models.TextChoices):
        WARN = "warn", "is warned of"
        REFUSE = "refuse", "is refused"

    Format = Format
    # Formats as filters name them: their words, and the courses that have them.
    FORMATS = {
        "classroom": ("Classroom", {"kind": Kind.TAUGHT, "format": Format.CLASSROOM}),
        "virtual": ("Virtual classroom", {"kind": Kind.TAUGHT, "format": Format.ONLINE}),
        "briefing": ("Briefing", {"kind": Kind.BRIEFING}),
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

    objects = CourseQuerySet.as_manager()

    class Meta:
        ordering = ["title"]

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

    @property
    def format_label(self) -> str:
        """Format in words, as pages, exports and certificates say it."""
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
