"""Models of venues, runs, reserved places and sessions."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from courses.models.catalogue import Course, Format
from lms.operational import OperationalModel

# In the last 2 hours before a run begins, freed places go to nobody.
LAST_PROMOTION = dt.timedelta(hours=2)


class Venue(models.Model):
    """Place where courses are held, with travel and access information."""

    name = models.CharField(max_length=120, unique=True)
    address = models.TextField()
    travel = models.TextField(blank=True, help_text="Parking, buses, trains.")
    access = models.TextField(blank=True, help_text="Steps, lift, hearing loop, accessible toilet.")

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class RunQuerySet(models.QuerySet):
    def lock(self, run: "Run") -> "Run":
        """Lock the run until the transaction ends, as all changes of places do; return it fresh."""
        # No join: after waiting for the lock, PostgreSQL would join the fresh row with a stale
        # venue. On SQLite the transaction has locked the whole database since it began.
        found = self.select_for_update().get(pk=run.pk)
        if Run.course.is_cached(run):
            found.course = run.course
        if Run.venue.is_cached(run) and run.venue_id == found.venue_id:
            found.venue = run.venue
        return found

    def not_cancelled(self):
        """Exclude cancelled runs."""
        return self.filter(cancelled_at=None)

    def upcoming(self):
        return self.not_cancelled().filter(starts_at__gt=timezone.now())

    def begun(self):
        return self.not_cancelled().filter(starts_at__lte=timezone.now())

    def in_catalogue(self):
        """Filter to runs of courses offered at present whose page is live."""
        return self.filter(course__is_offered=True, course__page__live=True)

    def open_for_booking(self):
        """Filter to runs for which a place, or the waiting list, can be requested now."""
        now = timezone.now()
        return self.upcoming().filter(
            Q(booking_opens_at=None) | Q(booking_opens_at__lte=now),
            Q(booking_closes_at=None) | Q(booking_closes_at__gt=now),
        )

    def with_places_free(self):
        return self.filter(Q(places=None) | Q(taken__lt=F("places") + F("extra")))

    def with_waiting(self):
        """Annotate `waiting`: the length of the waiting list."""
        bookings = self.model.bookings.rel.related_model.objects
        queue = bookings.in_queue().filter(run=OuterRef("pk")).order_by().values("run")
        number = queue.annotate(number=Count("pk")).values("number")
        return self.annotate(waiting=Coalesce(Subquery(number), 0))

    def below_minimum(self):
        """Filter to upcoming runs with too few people that are not confirmed to go ahead."""
        return self.upcoming().filter(taken__lt=F("minimum"), goes_ahead_at=None)

    def not_signed_off(self):
        """Filter to runs that are over and whose register is still open."""
        return self.not_cancelled().filter(ends_at__lt=timezone.now(), closed_at=None)

    def registers_of(self, viewer):
        """Filter to runs whose register the viewer keeps: a trainer's own, all for the office."""
        from agencies import access

        if not access.is_signed_in(viewer):
            return self.none()
        own = Run.trainers.through.objects.filter(person=viewer).values("run")
        return self.filter(Q(pk__in=own) | access.training_administrator_q(viewer))


class Run(OperationalModel):
    """Scheduled delivery of a course. On screen: a date."""

    Format = Format

    class FreedPlaces(models.TextChoices):
        OFFER = "offer", "is offered to the first who waits"
        AT_ONCE = "at_once", "goes to the first who waits at once"

    class PriorityRule(models.TextChoices):
        IN_TURN = "in_turn", "Whoever asked first"
        FIRST_TIME = "first_time", "Those who have never completed this course, then in turn"

    course = models.ForeignKey(Course, models.PROTECT, related_name="runs")
    venue = models.ForeignKey(Venue, models.PROTECT, null=True, blank=True, related_name="runs")
    format = models.CharField(max_length=12, choices=Format.choices, default=Format.CLASSROOM)
    link = models.URLField("link to join", blank=True, help_text="For a virtual classroom.")
    joining_instructions = models.TextField(
        blank=True, help_text="What to bring, lunch, who to ask for: sent with the confirmation."
    )
    places = models.PositiveIntegerField(
        null=True, blank=True, help_text="Blank: no limit. 0: full from the start."
    )
    minimum = models.PositiveIntegerField(
        default=0, help_text="Fewer than this, and the office decides: run, move or cancel."
    )
    taken = models.PositiveIntegerField(default=0, editable=False)
    extra = models.PositiveIntegerField(default=0, editable=False)
    asks_approval = models.BooleanField(
        "the manager approves each booking",
        default=False,
        help_text="A request holds its place for some working days while the manager decides.",
    )
    freed_places = models.CharField(
        "a place that becomes free",
        max_length=8,
        choices=FreedPlaces.choices,
        default=FreedPlaces.OFFER,
        help_text="While cancelling costs, it is offered in any case: nobody is put into a charge.",
    )
    agency_cap = models.PositiveIntegerField(
        "most places for one agency",
        null=True,
        blank=True,
        help_text="Blank: no cap. Who is over it waits, though places are free.",
    )
    priority_rule = models.CharField(
        "who comes first on the waiting list",
        max_length=12,
        choices=PriorityRule.choices,
        default=PriorityRule.IN_TURN,
    )
    booking_opens_at = models.DateTimeField(null=True, blank=True)
    booking_closes_at = models.DateTimeField(null=True, blank=True)
    trainers = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="teaches")
    starts_at = models.DateTimeField(null=True, editable=False, db_index=True)
    ends_at = models.DateTimeField(null=True, editable=False)
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_at = models.DateTimeField("register signed off", null=True, blank=True, editable=False)
    # What its certificates say, fixed at signing off: courses/completion/certified.py.
    certified = models.JSONField(default=dict, blank=True, editable=False)
    # Set when the run is moved: the last day on which cancelling is free.
    free_through = models.DateField(null=True, blank=True, editable=False)
    # Most that an empty place costs (GBP): what people were told before the policy asked for more.
    costs_at_most = models.DecimalField(
        max_digits=8, decimal_places=2, null=True, blank=True, editable=False
    )
    # Below its minimum: when the office confirmed that it runs, and when it was notified.
    goes_ahead_at = models.DateTimeField(null=True, blank=True, editable=False)
    below_told_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Set where what was told is to be compared with what is true: see courses.scheduling.telling.
    compare_from = models.DateTimeField(null=True, blank=True, editable=False)
    # While the office holds back the emails about a change: why, and since when.
    held_because = models.CharField(max_length=240, blank=True, editable=False)
    held_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        verbose_name = "course date"
        constraints = [
            models.CheckConstraint(
                condition=Q(places=None) | Q(taken__lte=F("places") + F("extra")),
                name="run_never_more_than_the_places",
            ),
        ]
        indexes = [
            models.Index(fields=["course", "starts_at"], name="run_of_course_by_date"),
            models.Index(
                fields=["compare_from"],
                condition=Q(compare_from__isnull=False),
                name="run_to_be_compared",
            ),
        ]

    def __str__(self):
        return f"Course date {self.pk}"

    @property
    def format_label(self) -> str:
        """Format in words; a briefing is called so, wherever it is."""
        taught = self.course.kind == Course.Kind.TAUGHT
        return self.get_format_display() if taught else self.course.format_label

    @property
    def limit(self) -> int | None:
        """Number of places in all; None if unlimited."""
        return None if self.places is None else self.places + self.extra

    @property
    def free(self) -> int | None:
        """Number of places left; None if unlimited."""
        return None if self.limit is None else self.limit - self.taken

    @property
    def is_full(self) -> bool:
        return self.free is not None and self.free <= 0

    @property
    def has_begun(self) -> bool:
        return self.starts_at is not None and self.starts_at <= timezone.now()

    @property
    def is_below_minimum(self) -> bool:
        return self.taken < self.minimum and self.goes_ahead_at is None

    @property
    def is_over(self) -> bool:
        return self.ends_at is not None and self.ends_at <= timezone.now()

    @property
    def may_promote(self) -> bool:
        """False in the last 2 hours before it begins, when freed places go to nobody."""
        return (
            self.cancelled_at is None
            and self.starts_at is not None
            and timezone.now() < self.starts_at - LAST_PROMOTION
        )

    @property
    def why_not_bookable(self) -> str:
        """Sentence that says why nobody can book now; empty when they can."""
        now = timezone.now()
        if self.cancelled_at:
            return "This date has been cancelled. Choose another date of the course."
        if self.starts_at is None:
            return "The times of this date are not settled yet. Come back when they are."
        if self.starts_at <= now:
            return "This date has already begun. Choose another date of the course."
        if self.booking_opens_at and now < self.booking_opens_at:
            opens = timezone.localtime(self.booking_opens_at)
            return f"Booking for this date opens on {opens:%-d %B %Y at %H:%M}. Come back then."
        if self.booking_closes_at and now >= self.booking_closes_at:
            return "Booking for this date has closed. Choose another date of the course."
        return ""


class ReserveQuerySet(models.QuerySet):
    def unreleased(self):
        """Filter to reserves that are not released."""
        return self.filter(released_at=None)

    def to_release(self):
        return self.unreleased().filter(release_on__lte=timezone.localdate())


class Reserve(OperationalModel):
    """Quota of a run's places kept for one sector until a day."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="reserves")
    sector = models.ForeignKey("agencies.Sector", models.PROTECT, related_name="+")
    places = models.PositiveIntegerField()
    release_on = models.DateField(
        "free for everybody from", help_text="From this day the waiting list is served first."
    )
    released_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ReserveQuerySet.as_manager()

    class Meta:
        ordering = ["sector", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "sector"], name="reserve_one_a_sector")
        ]

    def __str__(self):
        return f"Reserve {self.pk}"


class Session(models.Model):
    """Timed part of a run, such as a morning or day 2. Each has its own register."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="sessions")
    name = models.CharField(max_length=60, blank=True, help_text="Such as 'Morning' or 'Day 2'.")
    starts_at = models.DateTimeField("starts")
    ends_at = models.DateTimeField("ends")
    sequence = models.PositiveIntegerField(default=0, editable=False)
    is_essential = models.BooleanField(
        "must be attended", default=False, help_text="Who misses it has not completed the course."
    )

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="session_ends_after_start"
            )
        ]

    def __str__(self):
        return self.name or "Session"

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)
