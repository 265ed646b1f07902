"""Rules of personal data for modules, attempts and answers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta

from elearning.models import Answer, QuestionVersion
from lms.privacy.record_types import ErasedInTime
from lms.privacy.rules import Basis, Merging, blanked, names, nobody, personal, unlinked

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from django.db.models import QuerySet

TRAINING = {"basis": Basis.PUBLIC_TASK, "record_type": "training_record"}
ANSWERS_KEPT = relativedelta(months=12)
COUNTED = "Figures of training count it"
WHO_WROTE_IT = {"basis": Basis.PUBLIC_TASK, "record_type": "published"}

RULES = [
    nobody(
        "elearning.Module",
        "A module, as its editors write it",
        "code title summary before_you_start minutes pass_mark attempts_allowed pause_hours "
        "content check_questions checked_against is_open draft_sha256",
    ),
    nobody(
        "elearning.VersionFile",
        "A picture or document of a version",
        "version name content_type file sha256 size",
    ),
    nobody(
        "elearning.Recording",
        "A video or sound of a module, with captions and transcript",
        "title file content_type sha256 size captions captions_sha256 transcript added_at",
    ),
    nobody("elearning.Question", "A question of a check", "module key"),
    nobody(
        "elearning.PackageItem",
        "A part of a package",
        "package position identifier parent title href is_sco is_visible mastery_score launch_data "
        "least_progress objectives",
    ),
    nobody("elearning.PackageFile", "A file of a package", "package path file_path size"),
    personal(
        "elearning.Package",
        "Packages that were uploaded",
        whose="sent_by",
        because="Versions are made of it",
        fields={
            "module key name size upload_path state refused_because sha256 standard edition title "
            "notes unpacked_size sent_at ready_at": "The package, and what was found in it",
            "sent_by": unlinked("Who uploaded it", Merging.MOVE),
        },
        **WHO_WROTE_IT,
    ),
    personal(
        "elearning.ModuleVersion",
        "Issued versions of modules",
        whose="issued_by",
        because="A version is never changed",
        fields={
            "module number is_major what_changed title summary before_you_start minutes pass_mark "
            "attempts_allowed pause_hours content package rule sha256 draft_sha256 checked_against "
            "issued_at withdrawn_at withdrawn_reason": "The version, as it was issued",
            "issued_by": unlinked("Who issued it", Merging.MOVE),
        },
        **WHO_WROTE_IT,
    ),
    personal(
        "elearning.QuestionVersion",
        "Versions of questions",
        whose="made_by",
        because="A version is never changed",
        fields={
            "question number content sha256 made_at why erased_answers erased_right": (
                "The question, and how often it was answered rightly"
            ),
            "made_by": unlinked("Who wrote it", Merging.MOVE),
        },
        **WHO_WROTE_IT,
    ),
    personal(
        "elearning.Attempt",
        "Attempts at modules",
        whose="person",
        because=COUNTED,
        fields={
            "person": names("Whose attempt it is", Merging.MOVE),
            "module version round number why state score seconds_measured seed session begun_at "
            "last_at check_begun_at ended_at told_unfinished_at": "What they did, and how it ended",
            "reason": blanked("Reason of the office, free text"),
        },
        **TRAINING,
    ),
    personal(
        "elearning.ItemState",
        "How far they are in a module",
        whose="attempt__person",
        fields={
            "attempt key opened_at done_at place reported sequences bookmark seconds "
            "claimed_seconds last_at": "Which parts they have opened and finished, and how far",
        },
        **TRAINING,
    ),
    personal(
        "elearning.Answer",
        "Answers to the questions of a check",
        whose="attempt__person",
        fields={
            "attempt position question_version outcome given is_right given_at": (
                "What was asked and answered"
            )
        },
        basis=Basis.PUBLIC_TASK,
        record_type="module_answers",
    ),
    personal(
        "elearning.ExtraAttempt",
        "Attempts that the office granted",
        whose="person",
        because=COUNTED,
        fields={
            "person": names("Who may try again", Merging.MOVE),
            "module round granted_at": "Which module, and when",
            "granted_by": unlinked("Who granted it", Merging.MOVE, "granted_by"),
            "reason": blanked("Reason of the office, free text"),
        },
        **TRAINING,
    ),
    personal(
        "elearning.Statement",
        "What happened in an attempt",
        whose="attempt__person",
        fields={"attempt verb at result session": "What happened, and when"},
        **TRAINING,
    ),
]


class ModuleAnswers(ErasedInTime):
    """Answers to the questions of checks, of which their questions keep the sums."""

    name, order, title = "module_answers", 150, "Answers to the checks of online modules"
    kept_for = "12 months after the attempt ended"
    erasing = "The answers are deleted. Scores stay, and how often each question was answered."
    oldest, people = "attempt__ended_at", "attempt__person"

    def due(self, now: dt.datetime) -> QuerySet[Answer]:
        return Answer.objects.filter(attempt__ended_at__lt=now - ANSWERS_KEPT)

    def erase(self, rows: Sequence[Answer]) -> None:
        """Add what was answered to the sums of its question, then delete it.

        Only what is still there counts, so that no answer is counted twice.
        """
        locked = Answer.objects.select_for_update(of=["self"]).order_by("pk")
        there = list(locked.filter(pk__in=[row.pk for row in rows]))
        given = [row for row in there if row.given_at]
        answered = Counter(row.question_version_id for row in given)
        right = Counter(row.question_version_id for row in given if row.is_right)
        versions = QuestionVersion.objects.select_for_update(of=["self"]).order_by("pk")
        asked = list(versions.filter(pk__in=answered))
        for version in asked:
            version.erased_answers += answered[version.pk]
            version.erased_right += right[version.pk]
        QuestionVersion.objects.bulk_update(asked, ["erased_answers", "erased_right"])
        Answer.objects.filter(pk__in=[row.pk for row in there]).delete()


ERASED_IN_TIME = (ModuleAnswers(),)
