"""Approval workflow steps, and the approvals requested and given in them."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from wagtail.models import Task, TaskState
from wagtail.models.workflows import AbstractGroupApprovalTask

from agencies import access, mergers
from agencies.models import Agency, Post
from lms.formatting import day
from lms.operational import OperationalModel


class AnsweredInTurn:
    """Workflow step mixin that locks and checks the current step before an answer."""

    def on_action(self, task_state, user, action_name, **kwargs):
        from protocols.approval import approval

        approval.answer_step(self, task_state, by=user, action=action_name, **kwargs)

    def answer(self, task_state, user, action_name, **kwargs):
        """Answer the step as Wagtail does."""
        super().on_action(task_state, user, action_name, **kwargs)


class BoardStep(AnsweredInTurn, AbstractGroupApprovalTask):
    """Group approval step within the board, whose approval is stored with the edition."""

    class Meta:
        verbose_name = "step within the board"
        verbose_name_plural = "steps within the board"

    def start(self, workflow_state, user=None):
        from protocols.approval import approval, stuck

        if passed_over := approval.passed_over(self, workflow_state, by=user):
            return passed_over
        task_state = super().start(workflow_state, user=user)
        if not stuck.who_acts(self):
            stuck.tell_of_step(task_state)
        return task_state

    def get_actions(self, obj, user):
        """Say on each button that approves what follows from it: where, and from which day."""
        from protocols.approval import outcome

        actions = super().get_actions(obj, user)
        return outcome.in_labels(actions, obj, self.name) if actions else []


class AgencyStep(AnsweredInTurn, Task):
    """Step in which agencies approve the draft on a page outside the admin."""

    class Meta:
        verbose_name = "step of the agencies"
        verbose_name_plural = "steps of the agencies"

    @classmethod
    def get_description(cls):
        return "Every agency that the protocol names as approver is asked"

    def start(self, workflow_state, user=None):
        from protocols.approval import approval

        task_state = super().start(workflow_state, user=user)
        return approval.ask_agencies(task_state, by=user)

    def locked_for_user(self, obj, user):
        """Lock the draft for all editors while agencies read it."""
        return True

    def get_task_states_user_can_moderate(self, user, **kwargs):
        return TaskState.objects.none()


class ApprovalQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(state=Approval.State.WAITING)

    def of_agencies(self):
        return self.exclude(agency=None)

    def to_answer(self, viewer):
        """Return what waits for this person, the most urgent first, with the columns of a list."""
        found = self.waiting().visible_to(viewer).select_related("page")
        return found.only("name", "state", "answer_by", "page__title").order_by("answer_by", "pk")

    def visible_to(self, viewer):
        """Return approvals asked of this person or of an agency that they lead; none for the board.

        A named person answers while they work at the agency; otherwise its leads do.
        """
        if not access.is_signed_in(viewer):
            return self.none()
        jobs = Post.objects.current().filter(person=OuterRef("person"), person__is_active=True)
        there = jobs.alias(at=mergers.today("agency"))
        named = there.filter(at=mergers.today(OuterRef("agency")))
        led = Q(agency__in=access.agencies_led_by(viewer)) & ~Exists(named)
        return self.filter(Q(Exists(named), person=viewer) | led)


class Approval(OperationalModel):
    """A request to an agency or board step to approve one exact text, and its answer."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        APPROVED = "approved", "Approved"
        SENT_BACK = "sent_back", "Sent back"
        LAPSED = "lapsed", "No longer asked"

    class Source(models.TextChoices):
        MEETING = "meeting", "In a meeting"
        EMAIL = "email", "By email"
        LETTER = "letter", "By letter"

    page = models.ForeignKey(
        "protocols.ProtocolPage", models.CASCADE, related_name="approvals", editable=False
    )
    revision = models.ForeignKey(
        "wagtailcore.Revision", models.SET_NULL, null=True, related_name="+", editable=False
    )
    digest = models.CharField(
        max_length=64, editable=False, help_text="Of the text: another text is approved anew."
    )
    name = models.CharField(
        max_length=255, editable=False, help_text="Of the agency, or of the step."
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, related_name="protocol_approvals", editable=False
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    state = models.CharField(max_length=10, choices=State, default=State.WAITING, editable=False)
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    # For agencies only: a board step has no deadline.
    answer_by = models.DateField("to be answered by", null=True, editable=False)
    chased_on = models.DateField(null=True, editable=False)
    author_told_on = models.DateField(null=True, editable=False)
    answered_at = models.DateTimeField(null=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    comment = models.TextField(blank=True, max_length=2000)
    # Where they agreed, if not on a page of ours: recorded by `answered_by`.
    source = models.CharField(max_length=7, choices=Source, blank=True, editable=False)
    source_on = models.DateField(null=True, editable=False)
    source_words = models.CharField(max_length=240, blank=True, editable=False)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["page", "agency"],
                condition=Q(state="waiting"),
                name="approval_asked_once_of_an_agency",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "lapsed"]) | Q(answered_at__isnull=False),
                name="approval_answered_at_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(source="", source_on=None, source_words="")
                | (~Q(source="") & Q(source_on__isnull=False) & ~Q(source_words="")),
                name="approval_elsewhere_has_its_source",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent_back") | ~Q(comment=""),
                name="approval_sent_back_with_a_comment",
            ),
        ]

    def __str__(self):
        return f"{self.name}: {self.get_state_display()}"

    @property
    def source_in_words(self) -> str:
        """Say where they agreed, as in "In a meeting on 3 March 2027: minute 7"; '' if here."""
        if not self.source or not self.source_on:
            return ""
        return f"{self.get_source_display()} on {day(self.source_on)}: {self.source_words}"

    @property
    def is_overdue(self) -> bool:
        waits = self.state == self.State.WAITING and self.answer_by is not None
        return waits and self.answer_by < timezone.localdate()
