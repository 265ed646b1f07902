"""Models of bookings, reminders and attendance marks."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from agencies import access
from agencies.models import Agency, RoleGroup
from courses.models.runs import Run, Session
from lms.operational import OperationalModel


def theirs_and_their_agencies(viewer) -> Q:
    """Build the filter for the viewer's own rows and those of agencies that they lead."""
    return Q(person=viewer) | Q(agency__in=access.agencies_led_by(viewer))


WAITS_FOR_JOB = "Waiting for a job to be confirmed"
# A request without a place is on the waiting list: it keeps its turn awaiting approval.
IN_QUEUE = Q(state="waiting") | Q(state="requested", holds_place=False)


def attended() -> models.Exists:
    """Return a condition on bookings: at least one session was attended, by the register."""
    return models.Exists(Mark.objects.filter(booking=models.OuterRef("pk"), kind__in=Mark.CAME))


class BookingQuerySet(models.QuerySet):
    def live(self):
        return self.filter(state__in=Booking.LIVE)

    def confirmed(self):
        return self.filter(state=Booking.State.CONFIRMED)

    def waiting_for_job(self):
        """Filter to requests from jobs that nobody has confirmed yet."""
        return self.filter(state=Booking.State.REQUESTED, waits_for_job=True)

    def to_approve(self):
        """Filter to requests that wait for a manager, a lead or the office to approve."""
        return self.filter(state=Booking.State.REQUESTED, waits_for_job=False)

    def asked_about(self):
        """Filter to requests about which somebody was asked: to approve it, or to confirm a job."""
        requests = self.filter(state=Booking.State.REQUESTED)
        return requests.filter(Q(waits_for_job=True) | Q(approver_asked_at__isnull=False))

    def in_queue(self):
        """Filter to the waiting list, including requests awaiting approval that hold no place."""
        return self.filter(IN_QUEUE)

    def in_queue_order(self):
        """Order the waiting list: by priority, then first come, first served."""
        return self.in_queue().order_by("-priority", Coalesce("moved_to", "queued_at"), "pk")

    def with_position(self):
        """Annotate `position` on the waiting list, 1 for the first; 0 for bookings not on it.

        Nobody is on the list of a run that has begun: no place is given any more.
        """
        mine = models.OuterRef
        queue = Booking.objects.in_queue().alias(turn_at=Coalesce("moved_to", "queued_at"))
        own_turn = Coalesce(mine("moved_to"), mine("queued_at"))
        sooner = Q(priority__gt=mine("priority")) | Q(priority=mine("priority")) & (
            Q(turn_at__lt=own_turn) | Q(turn_at=own_turn, pk__lte=mine("pk"))
        )
        queue = queue.filter(sooner, run=mine("run"))
        turn = queue.order_by().values("run").annotate(turn=models.Count("pk")).values("turn")
        to_come = Q(run__starts_at=None) | Q(run__starts_at__gt=timezone.now())
        waits = models.When(IN_QUEUE & to_come, then=models.Subquery(turn))
        return self.annotate(position=models.Case(waits, default=0))

    def came(self):
        """Filter to confirmed bookings that attended at least one session, by the register."""
        return self.confirmed().filter(attended())

    def did_not_come(self):
        """Filter to confirmed bookings that attended no session of a run that is signed off."""
        return self.confirmed().filter(~attended(), run__closed_at__isnull=False)

    def lock(self, booking: "Booking") -> "tuple[Run, Booking]":
        """Lock the run until the transaction ends; return it and the booking, both fresh."""
        run = Run.objects.lock(booking.run)
        found = self.select_related("person", "agency__sector").get(pk=booking.pk)
        found.run = run
        return run, found

    def visible_to(self, viewer):
        """Filter to own bookings; a trainer's include those of own runs, a lead's of the agency."""
        if not access.is_signed_in(viewer):
            return self.none()
        if access.sees_everybody(viewer):
            return self
        return self.filter(
            theirs_and_their_agencies(viewer) | Q(run__in=Run.objects.registers_of(viewer))
        )


class Booking(OperationalModel):
    """Person's claim to a place on a run, made from one job: it counts for that job's agency."""

    class State(models.TextChoices):
        REQUESTED = "requested", "Waiting for approval"
        CONFIRMED = "confirmed", "Confirmed"
        WAITING = "waiting", "On the waiting list"
        OFFERED = "offered", "Place offered"
        REFUSED = "refused", "Not approved"
        DECLINED = "declined", "Offer declined"
        LAPSED = "lapsed", "Offer expired"
        WITHDRAWN = "withdrawn", "Cancelled"
        SUBSTITUTED = "substituted", "Given to a colleague"
        CANCELLED = "cancelled", "Date cancelled"

    LIVE = (State.REQUESTED, State.CONFIRMED, State.WAITING, State.OFFERED)

    # Without their own index: booking_queue, _of_person and _of_agency begin with these columns.
    run = models.ForeignKey(Run, models.PROTECT, related_name="bookings", db_index=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="bookings", db_index=False
    )
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="bookings", db_index=False)
    role_group = models.ForeignKey(
        RoleGroup,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="bookings",
        verbose_name="profession",
    )
    state = models.CharField(max_length=12, choices=State.choices)
    holds_place = models.BooleanField(default=False)
    priority = models.SmallIntegerField(default=0)
    queued_at = models.DateTimeField("asked for")
    # Replaces `queued_at` in the order where the office has moved the booking in the queue.
    moved_to = models.DateTimeField(null=True, blank=True, editable=False)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=240, blank=True)
    manager_email = models.EmailField("manager's email address", blank=True)
    access_needs = models.TextField(blank=True)
    absence_told_at = models.DateTimeField(null=True, blank=True)
    # While offered: when the offer expires and the place goes to the next person.
    offered_until = models.DateTimeField(null=True, blank=True)
    # While requested: when the hold on the place expires, and who was asked to approve.
    held_until = models.DateTimeField(null=True, blank=True)
    approver_email = models.EmailField("asked to approve", blank=True)
    approver_asked_at = models.DateTimeField(null=True, blank=True)
    approver_reminded_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    # Asked for from a job that nobody had confirmed; kept when it ends so, and says why.
    waits_for_job = models.BooleanField(default=False, editable=False)
    # While it waits for the job: when the training office was asked to confirm that.
    job_office_at = models.DateTimeField(null=True, blank=True, editable=False)
    cost_code = models.CharField("purchase order or cost code", max_length=60, blank=True)
    override_reason = models.CharField(
        "why the office made an exception", max_length=240, blank=True
    )
    # Why the minutes that were missed do not matter, by whom and when: 'count as complete'.
    complete_because = models.CharField("why it counts as complete", max_length=240, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)
    counted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    takes_over = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="taken_over_by",
        help_text="The colleague's booking whose place this one was given.",
    )
    pre_course_answers = models.JSONField(default=list, blank=True)
    pre_course_at = models.DateTimeField(null=True, blank=True)

    objects = BookingQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "person"],
                condition=Q(state__in=["requested", "confirmed", "waiting", "offered"]),
                name="booking_one_live_a_person_and_run",
            ),
            models.UniqueConstraint(
                # Not the person first: "booking_of_person" finds all of theirs.
                fields=["waits_for_job", "person"],
                condition=Q(state="requested", waits_for_job=True),
                name="booking_one_before_a_job_is_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(holds_place=True, state__in=["requested", "confirmed", "offered"])
                | (Q(holds_place=False) & ~Q(state__in=["confirmed", "offered"])),
                name="booking_holds_a_place_when_it_should",
            ),
            models.CheckConstraint(
                condition=Q(state="offered", offered_until__isnull=False)
                | (~Q(state="offered") & Q(offered_until=None)),
                name="booking_offered_until_a_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["run", "state", "-priority", "queued_at"], name="booking_queue"),
            models.Index(fields=["person", "state"], name="booking_of_person"),
            models.Index(fields=["agency", "state"], name="booking_of_agency"),
            models.Index(
                fields=["offered_until"], condition=Q(state="offered"), name="booking_offers"
            ),
            models.Index(
                fields=["approver_asked_at"],
                condition=Q(state="requested"),
                name="booking_requests",
            ),
            models.Index(
                fields=["held_until"],
                condition=Q(state="requested", waits_for_job=True),
                name="booking_waits_for_job",
            ),
            models.Index(fields=["queued_at", "id"], name="booking_in_office_order"),
        ]

    def __str__(self):
        return f"Booking {self.pk}"

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    @property
    def is_waiting_for_job(self) -> bool:
        return self.waits_for_job and self.state == self.State.REQUESTED

    def get_state_display(self) -> str:
        """Return the state in words: those of a request say whether a job is to be confirmed."""
        return WAITS_FOR_JOB if self.is_waiting_for_job else str(self.State(self.state).label)

    @property
    def owes_answers(self) -> bool:
        """True while pre-course questions, which hold back joining instructions, are open.

        Somebody without an address cannot answer them, and is kept from nothing by them.
        """
        is_open = self.pre_course_at is None and bool(self.run.course.pre_course_list)
        return is_open and bool(self.person.email)


class Reminder(OperationalModel):
    """Reminder sent for a booking, once per kind and day on which the run was due to begin."""

    class Kind(models.TextChoices):
        FIRST = "first", "First reminder"
        SECOND = "second", "Second reminder"
        LINK = "link", "Link to join"

    booking = models.ForeignKey(Booking, models.CASCADE, related_name="reminders")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    for_day = models.DateField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["booking", "kind", "for_day"], name="reminder_once_a_day_of_the_date"
            )
        ]

    def __str__(self):
        return f"Reminder {self.pk}"


class MarkQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        return self.filter(booking__in=Booking.objects.visible_to(viewer))


class Mark(OperationalModel):
    """Attendance of one booking at one session, with the minutes missed."""

    class Kind(models.TextChoices):
        PRESENT = "present", "Present"
        LATE = "late", "Late"
        LEFT_EARLY = "left_early", "Left early"
        APOLOGIES = "apologies", "Apologies"
        ABSENT = "absent", "Absent"

    CAME = (Kind.PRESENT, Kind.LATE, Kind.LEFT_EARLY)

    session = models.ForeignKey(Session, models.PROTECT, related_name="marks")
    booking = models.ForeignKey(Booking, models.PROTECT, related_name="marks")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    minutes_missed = models.PositiveSmallIntegerField(default=0)
    is_automatic = models.BooleanField(default=False)
    corrected_because = models.CharField(max_length=240, blank=True)
    marked_at = models.DateTimeField()
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = MarkQuerySet.as_manager()

    class Meta:
        ordering = ["session", "booking"]
        constraints = [
            models.UniqueConstraint(fields=["session", "booking"], name="mark_one_a_session"),
            models.CheckConstraint(
                condition=Q(kind__in=["late", "left_early"]) | Q(minutes_missed=0),
                name="mark_minutes_only_when_late_or_early",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}"
