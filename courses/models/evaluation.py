"""Models of evaluations, of answers stored apart from who gave them, and of handouts."""

import uuid
from pathlib import Path

from django.core.files.storage import storages
from django.db import models
from django.db.models import Q
from django.utils.text import slugify

from agencies import access
from courses.models.bookings import Booking
from courses.models.catalogue import Course
from courses.models.runs import Run
from lms.operational import OperationalModel


class QuestionQuerySet(models.QuerySet):
    def in_use(self):
        """Exclude retired questions."""
        return self.filter(retired_at=None)

    def about(self, course, kind):
        """Filter to the questions on this kind of evaluation of a course, in order."""
        of_course = Q(course=None) | Q(course=course)
        return self.in_use().filter(of_course, **{ASKED_ON[kind]: True})


class Question(models.Model):
    """Question of an evaluation; scales asked before and after the course measure change."""

    class Kind(models.TextChoices):
        AGREE = "agree", "How far do you agree? (1 to 5)"
        CONFIDENT = "confident", "How confident are you? (1 to 5)"
        YES_NO = "yes_no", "Yes or no"
        WORDS = "words", "In words"

    course = models.ForeignKey(
        Course,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="questions",
        help_text="Blank: asked about every course that has an evaluation.",
    )
    words = models.CharField("question", max_length=240)
    kind = models.CharField("answered by", max_length=9, choices=Kind.choices)
    is_needed = models.BooleanField("must be answered", default=True)
    before = models.BooleanField("asked before the course", default=False)
    at_end = models.BooleanField("asked at the end", default=True)
    later = models.BooleanField("asked months later", default=False)
    of_manager = models.BooleanField("asked of the line manager, months later", default=False)
    position = models.PositiveSmallIntegerField(default=0)
    # A retired question is no longer asked; its answers stay.
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = "evaluation question"

    def __str__(self):
        return self.words


class EvaluationQuerySet(models.QuerySet):
    def unanswered(self):
        """Filter to evaluations that were asked and not answered."""
        return self.filter(answered_at=None).exclude(asked_at=None)

    def visible_to(self, viewer):
        """Filter to the viewer's own, except those of managers, who answer by link alone."""
        if not access.is_signed_in(viewer):
            return self.none()
        return self.filter(booking__person=viewer).exclude(kind=Evaluation.Kind.MANAGER)


class Evaluation(OperationalModel):
    """Request to a person, or their manager, to evaluate a run, and whether it was answered.

    `sheet` is the only link to the answers. A booking's evaluations share it, so that answers
    before and after can be compared; it is cleared after 12 months.
    """

    class Kind(models.TextChoices):
        BEFORE = "before", "Before the course"
        END = "end", "At the end"
        LATER = "later", "Months later"
        MANAGER = "manager", "By the line manager, months later"

    booking = models.ForeignKey(Booking, models.PROTECT, related_name="evaluations")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    sheet = models.UUIDField(null=True, default=uuid.uuid4, editable=False)
    sent_to = models.EmailField(blank=True)
    asked_at = models.DateTimeField("asked", null=True, blank=True)
    reminded_at = models.DateTimeField("reminded", null=True, blank=True)
    answered_at = models.DateTimeField("answered", null=True, blank=True)

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["booking", "kind"], name="evaluation_one_a_booking_and_kind"
            )
        ]

    def __str__(self):
        return f"Evaluation {self.pk}"

    @property
    def run(self) -> Run:
        return self.booking.run

    @property
    def keeps_certificate(self) -> bool:
        """True if the certificate waits until this is answered."""
        return self.kind == self.Kind.END and self.run.course.asks_evaluation

    @property
    def is_of_manager(self) -> bool:
        return self.kind == self.Kind.MANAGER


ASKED_ON = {
    Evaluation.Kind.BEFORE: "before",
    Evaluation.Kind.END: "at_end",
    Evaluation.Kind.LATER: "later",
    Evaluation.Kind.MANAGER: "of_manager",
}


class Answer(OperationalModel):
    """Answer to one question about a run; it refers to a sheet, not a person."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="answers")
    kind = models.CharField(max_length=7, choices=Evaluation.Kind.choices)
    sheet = models.UUIDField(db_index=True)
    question = models.ForeignKey(Question, models.PROTECT, related_name="answers")
    number = models.PositiveSmallIntegerField(null=True, blank=True)
    words = models.TextField(blank=True)
    # Only a day: an exact time could be matched with who was signed in.
    answered_on = models.DateField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["sheet", "kind", "question"], name="answer_one_a_question_and_kind"
            ),
            models.CheckConstraint(
                condition=Q(number=None) | Q(number__lte=5), name="answer_on_a_scale_of_5"
            ),
        ]

    def __str__(self):
        return f"Answer {self.pk}"


def kept_apart():
    return storages["materials"]


def out_of_reach(material, name):
    """Return a name that nothing else has: the file is deleted with the handout."""
    return f"{uuid.uuid4()}{Path(name).suffix.lower()}"


class Material(models.Model):
    """Handout of a course, shown in My learning to people who have a place or attended."""

    class When(models.TextChoices):
        BEFORE = "before", "From the confirmation"
        AFTER = "after", "When the register is signed off"

    course = models.ForeignKey(Course, models.CASCADE, related_name="materials")
    title = models.CharField(max_length=140)
    file = models.FileField(
        upload_to=out_of_reach,
        storage=kept_apart,
        help_text="20 MB at most. Only those who may have it can open it.",
    )
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    when = models.CharField(max_length=6, choices=When.choices, default=When.AFTER)
    after_evaluation = models.BooleanField("once the evaluation is answered", default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = "handout"

    def __str__(self):
        return self.title

    @property
    def file_name(self) -> str:
        """Name of the file when downloaded."""
        return f"{slugify(self.title) or 'handout'}.{self.ending}"

    @property
    def ending(self) -> str:
        return Path(self.file.name).suffix.lstrip(".")
