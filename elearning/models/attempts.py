"""Attempts of people at modules: never replaced, each with its own version, draw and answers."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from agencies import access
from agencies.models import Post
from elearning.models.modules import Module
from elearning.models.questions import QuestionVersion
from elearning.models.versions import ModuleVersion
from lms.operational import OperationalModel


def _number_of(rows):
    """Count the rows of a subquery; 0 where there is none."""
    counted = rows.order_by().values("person").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


class AttemptQuerySet(models.QuerySet):
    def live(self):
        return self.filter(state=Attempt.State.BEGUN)

    def done(self):
        return self.filter(state__in=Attempt.DONE)

    def used_up(self):
        """Filter to the last failed attempts of those to whom none is left: the office decides."""
        same = self.model.objects.filter(person=OuterRef("person"), module=OuterRef("module"))
        later = same.filter(round__gt=OuterRef("round")) | same.filter(
            round=OuterRef("round"), number__gt=OuterRef("number")
        )
        of_round = same.filter(round=OuterRef("round"), state=Attempt.State.FAILED)
        granted = ExtraAttempt.objects.filter(
            person=OuterRef("person"), module=OuterRef("module"), round=OuterRef("round")
        )
        newest = ModuleVersion.objects.not_withdrawn().filter(module=OuterRef("module"))
        failed = self.filter(~Exists(later), state=Attempt.State.FAILED, person__is_active=True)
        counted = failed.alias(
            failures=_number_of(of_round),
            granted=_number_of(granted),
            allowed=Subquery(newest.order_by("-number").values("attempts_allowed")[:1]),
        )
        return counted.filter(failures__gte=F("allowed") + F("granted"))

    def visible_to(self, viewer):
        """Filter to what the viewer may see: their own; the office, everybody's.

        Agency leads see how far their staff are by `of_staff_of`, and no answers.
        """
        if not access.is_signed_in(viewer):
            return self.none()
        if access.sees_everybody(viewer):
            return self
        return self.filter(person=viewer)

    def of_staff_of(self, lead):
        """Filter to those of people who work today at an agency that this person leads.

        What somebody began before the job, they did elsewhere: theirs to show.
        """
        jobs = Post.objects.current().filter(agency__in=access.agencies_led_by(lead))
        theirs = jobs.filter(person=OuterRef("person"), starts_on__lte=OuterRef("begun_on"))
        return self.alias(begun_on=TruncDate("begun_at")).filter(Exists(theirs))


class Attempt(OperationalModel):
    """One person's try at a module, on one version from beginning to end.

    A round is all tries until one is done: `number` counts within it. A refresher is a new round.
    """

    class Why(models.TextChoices):
        FIRST = "first", "First"
        AGAIN = "again", "Again after a failed check"
        REFRESHER = "refresher", "Refresher"
        WAIVED = "waived", "Waived by the office"

    class State(models.TextChoices):
        BEGUN = "begun", "Begun"
        PASSED = "passed", "Passed"
        COMPLETED = "completed", "Completed"
        FAILED = "failed", "Not passed"
        LAPSED = "lapsed", "Ended without being finished"
        SET_ASIDE = "set_aside", "Begun again on a newer version"

    DONE = (State.PASSED, State.COMPLETED)

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="module_attempts"
    )
    module = models.ForeignKey(Module, models.PROTECT, related_name="attempts")
    version = models.ForeignKey(ModuleVersion, models.PROTECT, related_name="attempts")
    round = models.PositiveIntegerField(default=1)
    number = models.PositiveIntegerField(default=1)
    why = models.CharField(max_length=12, choices=Why.choices, default=Why.FIRST)
    reason = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.BEGUN)
    score = models.PositiveSmallIntegerField("score (per cent)", null=True)
    seconds_measured = models.PositiveIntegerField(default=0)
    seed = models.UUIDField(default=uuid.uuid4, editable=False)
    # Of packages alone: see elearning/learning/checking.py.
    session = models.UUIDField(null=True, editable=False)
    begun_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)
    check_begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    told_unfinished_at = models.DateTimeField(null=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["-begun_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "module"],
                condition=Q(state="begun"),
                name="attempt_one_live_a_module",
            ),
            models.UniqueConstraint(
                fields=["person", "module", "round", "number"], name="attempt_number_once"
            ),
            models.CheckConstraint(
                condition=Q(state="begun", ended_at=None)
                | (~Q(state="begun") & Q(ended_at__isnull=False)),
                name="attempt_ended_or_begun",
            ),
        ]

    def __str__(self):
        return f"Attempt {self.pk}"

    @property
    def score_in_words(self) -> str:
        """Score, such as '80%'; a package can say that somebody has not passed, and no more."""
        return "not reported" if self.score is None else f"{self.score}%"

    @property
    def is_done(self) -> bool:
        return self.state in self.DONE

    @property
    def is_waived(self) -> bool:
        return self.why == self.Why.WAIVED


class ItemState(OperationalModel):
    """Progress of somebody in one lesson or scenario of an attempt.

    `place` of a scenario: {"at": number of the situation, "chosen": [[situation, choice], ...]},
    counted from 1; at 0 it has ended.
    """

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="items")
    key = models.CharField(max_length=64)
    opened_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)
    place = models.JSONField(default=dict)
    # Of parts of packages: what was reported, by element, and with which number it came; the
    # bookmark (suspend data) apart. Seconds as measured, and as earlier sessions claimed.
    reported = models.JSONField(default=dict)
    sequences = models.JSONField(default=dict)
    bookmark = models.TextField(blank=True)
    seconds = models.PositiveIntegerField(default=0)
    claimed_seconds = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["attempt", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "key"], name="item_state_once_an_attempt")
        ]

    def __str__(self):
        return f"{self.attempt}, {self.key}"


class Answer(OperationalModel):
    """Question drawn for an attempt, and the answer given; erased after 12 months.

    The rows are the draw: made when the check is begun, in the order in which they are asked.
    `given` has numbers, from 0, of what the question version lists. single: the option; multiple:
    the options, sorted; true_false: true or false; matching: for each pair's item the pair whose
    partner was chosen; order: the items as they were put in order.
    """

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="answers")
    position = models.PositiveSmallIntegerField()
    question_version = models.ForeignKey(QuestionVersion, models.PROTECT, related_name="answers")
    outcome = models.CharField(max_length=200, blank=True)
    given = models.JSONField(null=True)
    is_right = models.BooleanField(null=True)
    given_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["attempt", "position"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "position"], name="answer_position_once"),
            models.CheckConstraint(
                condition=Q(given_at=None, is_right=None)
                | Q(given_at__isnull=False, is_right__isnull=False),
                name="answer_given_or_open",
            ),
        ]

    def __str__(self):
        return f"{self.attempt}, question {self.position}"


class ExtraAttempt(OperationalModel):
    """Attempt beyond those allowed, which the office granted for one round."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="extra_attempts"
    )
    module = models.ForeignKey(Module, models.PROTECT, related_name="extra_attempts")
    round = models.PositiveIntegerField()
    reason = models.CharField(max_length=300)
    granted_at = models.DateTimeField(default=timezone.now)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-granted_at", "-pk"]

    def __str__(self):
        return f"Extra attempt {self.pk}"


class Statement(OperationalModel):
    """Event of an attempt, in the verbs of cmi5; only ever added to."""

    class Verb(models.TextChoices):
        LAUNCHED = "launched", "Opened"
        INITIALIZED = "initialized", "Began"
        ANSWERED = "answered", "Answered"
        COMPLETED = "completed", "Completed"
        PASSED = "passed", "Passed"
        FAILED = "failed", "Did not pass"
        TERMINATED = "terminated", "Left"
        ABANDONED = "abandoned", "Ended without being finished"
        WAIVED = "waived", "Waived"
        SATISFIED = "satisfied", "Met by other training"

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="statements")
    verb = models.CharField(max_length=12, choices=Verb.choices)
    at = models.DateTimeField(default=timezone.now)
    result = models.JSONField(default=dict)
    session = models.UUIDField(null=True)

    class Meta:
        ordering = ["attempt", "pk"]

    def __str__(self):
        return f"{self.attempt}: {self.get_verb_display()}"
