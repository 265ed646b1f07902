"""Editions sent to agencies (cascades), and the agencies' confirmations."""

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.utils import timezone

from agencies import access, mergers
from agencies.free_text import nhs_numbers
from agencies.models import Agency, Post
from lms.operational import OperationalModel


def may_read_all(viewer) -> bool:
    """Return whether the viewer may see every agency's cascade: protocol editors, board members."""
    return access.is_protocol_editor(viewer) or access.is_board_member(viewer)


def answered_for_by(viewer) -> list[int]:
    """List the pks of agencies that the viewer leads and of their children; cached on the user."""
    led = access.agencies_led_by(viewer).values("pk")
    found = Agency.objects.filter(Q(pk__in=led) | Q(parent__in=led)).order_by()
    return access.cached_on_user(
        viewer, "_answers_for", lambda: list(found.values_list("pk", flat=True))
    )


class DisseminationQuerySet(models.QuerySet):
    def answered_by(self, viewer):
        """Return what the viewer answers for: agencies they lead, their children, or as contact."""
        if not access.is_signed_in(viewer):
            return self.none()
        works_at = Post.objects.current().filter(person=viewer).values("agency")
        named = Q(contact=viewer, agency__in=Agency.objects.filter(pk__in=works_at).with_merged())
        return self.filter(Q(agency__in=answered_for_by(viewer)) | named)

    def visible_to(self, viewer):
        """Return all for the board, else what the viewer answers for."""
        return self if may_read_all(viewer) else self.answered_by(viewer)

    def confirmed(self):
        return self.filter(receipt__isnull=False)

    def waiting(self):
        """Return those neither confirmed nor stopped by the board."""
        return self.filter(receipt=None, stopped_at=None)

    def with_end(self):
        """Annotate `ended`: "withdrawn", "replaced" or "".

        Replaced means that a newer edition was sent to the agency or to what it was merged into.
        """
        its_own = Agency.objects.filter(pk=OuterRef(OuterRef("agency"))).order_by()
        newer = Dissemination.objects.filter(
            agency__in=mergers.Successors(its_own.values("pk")),
            edition__page=OuterRef("edition__page"),
            edition__number__gt=OuterRef("edition__number"),
        )
        withdrawn = When(edition__withdrawn_at__isnull=False, then=Value("withdrawn"))
        replaced = When(Exists(newer), then=Value("replaced"))
        return self.annotate(ended=Case(withdrawn, replaced, default=Value("")))

    def with_name_today(self):
        """Annotate `name_today`: the name of the agency that each agency is today."""
        return self.annotate(name_today=mergers.name_today("agency"))

    def asked_still(self):
        """Return the waiting ones whose edition was neither withdrawn nor replaced."""
        return self.waiting().with_end().filter(ended="")


class Dissemination(OperationalModel):
    """An edition sent to one agency, to pass on to its staff by a deadline."""

    ended = ""  # annotated by `with_end`
    has_nobody = False  # set by `cascade.notices.mark_unasked`

    edition = models.ForeignKey(
        "protocols.Edition", models.PROTECT, related_name="disseminations", editable=False
    )
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="disseminations")
    contact = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who sees to it in the agency; empty for its leads.",
    )
    message = models.TextField(blank=True, max_length=2000)
    deadline_on = models.DateField("to be confirmed by")
    sent_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    chased_on = models.DateField(null=True, editable=False)
    mailed_to = models.PositiveIntegerField(
        null=True, editable=False, help_text="How many of its staff it was emailed to from here."
    )
    stopped_at = models.DateTimeField(null=True, editable=False)
    stopped_reason = models.CharField(max_length=240, blank=True, editable=False)

    objects = DisseminationQuerySet.as_manager()

    class Meta:
        ordering = ["agency__name", "-edition__number"]
        verbose_name = "cascade"
        constraints = [
            models.UniqueConstraint(fields=["edition", "agency"], name="dissemination_once"),
            models.CheckConstraint(
                condition=Q(stopped_at=None) | ~Q(stopped_reason=""),
                name="dissemination_stopped_for_a_reason",
            ),
        ]

    def __str__(self):
        return f"{self.edition}: {self.agency}"

    @property
    def is_confirmed(self) -> bool:
        return hasattr(self, "receipt")

    @property
    def is_asked(self) -> bool:
        """Return whether an answer is still wanted, be it overdue or not."""
        return self.state in ("nobody", "overdue", "sent")

    @property
    def state(self) -> str:
        """One of confirmed, withdrawn, replaced, stopped, nobody, overdue and sent."""
        if self.is_confirmed:
            return "confirmed"
        if self.ended:
            return self.ended
        if self.stopped_at:
            return "stopped"
        if self.has_nobody:
            return "nobody"
        return "overdue" if self.deadline_on < timezone.localdate() else "sent"


class Receipt(OperationalModel):
    """An agency's confirmation of a cascade: when, how, by whom, and how many it reached.

    `counted_in` is the confirmation, such as the parent agency's, whose figures include this one.
    """

    class Way(models.TextChoices):
        MAIL = "mail", "Email to staff"
        MEETING = "meeting", "Team meetings"
        BRIEFING = "briefing", "Briefing or training"
        SUPERVISION = "supervision", "Supervision"
        INTRANET = "intranet", "Intranet or newsletter"
        PAPER = "paper", "On paper"
        OTHER = "other", "Another way: see the note"

    dissemination = models.OneToOneField(Dissemination, models.PROTECT, related_name="receipt")
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False
    )
    given_at = models.DateTimeField(default=timezone.now, editable=False)
    cascaded_on = models.DateField()
    cascaded_by = models.CharField(max_length=120, blank=True, help_text="Name or job title.")
    how = models.JSONField(default=list)
    reached = models.PositiveIntegerField(null=True, blank=True)
    of = models.PositiveIntegerField(null=True, blank=True)
    note = models.TextField(blank=True, max_length=1000, validators=[nhs_numbers.refuse])
    counted_in = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="counts_too"
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = "cascade confirmation"
        constraints = [
            models.CheckConstraint(
                condition=Q(reached=None) | Q(of=None) | Q(reached__lte=F("of")),
                name="receipt_reached_of_so_many",
            ),
            models.CheckConstraint(
                condition=Q(counted_in=None) | Q(reached=None, of=None),
                name="receipt_counted_once",
            ),
        ]

    def __str__(self):
        return f"Confirmation of {self.dissemination_id}"

    @property
    def ways(self) -> str:
        words = dict(self.Way.choices)
        return ", ".join(words[way] for way in self.how if way in words)
