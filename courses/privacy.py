"""Rules of personal data for courses, dates, bookings, registers and evaluation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta

from certificates import erasing
from courses.booking import nightly_checks
from courses.completion import long_ago
from courses.evaluation import evaluation
from courses.models import ImportedReport
from lms.privacy.record_types import ErasedInTime
from lms.privacy.rules import (
    WHOEVER_IT_NAMES,
    Basis,
    Merging,
    blanked,
    left_as_is,
    names,
    nobody,
    personal,
    replaced,
    unlinked,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from agencies.models import Person
    from certificates.models import Certificate
    from courses.models import Booking, Evaluation

TRAINING = {"basis": Basis.PUBLIC_TASK, "record_type": "training_record"}
COUNTED = "Figures of attendance count it"
REPORTS_KEPT = relativedelta(months=12)

CATALOGUE = [
    nobody("courses.Level", "A level of courses", "name position"),
    personal(
        "courses.Course",
        "A course",
        whose="link_checked_by",
        basis=Basis.PUBLIC_TASK,
        record_type="office_work",
        because="Completions and certificates refer to it for ever",
        fields={
            "code title version summary audience outcomes level hours kind format renewal_months "
            "runs_a_year_intended asks_approval charges_fee second_date pre_course_questions "
            "asks_evaluation later_months certificate_design is_offered module topics "
            "protocols_taught prerequisites for_role_groups for_sectors provider provider_link "
            "certificate_shows provider_account provider_cost link_checked_on link_reminded_on": (
                "What is taught, and who gives it"
            ),
            "link_checked_by": unlinked("Who checked the provider’s link", Merging.MOVE),
        },
    ),
    nobody("courses.CourseIndexPage", "The board’s public text", "intro"),
    nobody("courses.CoursePage", "The board’s public text", "course body"),
    nobody("courses.Venue", "A venue", "name address travel access"),
    nobody(
        "courses.Reserve", "Places kept for a sector", "run sector places release_on released_at"
    ),
    nobody(
        "courses.Session", "A part of a date", "run name starts_at ends_at sequence is_essential"
    ),
    nobody("courses.Fee", "A fee for a sector", "sector a_day"),
    nobody(
        "courses.Question",
        "A question of an evaluation",
        "course words kind is_needed before at_end later of_manager position retired_at",
    ),
    nobody(
        "courses.Material",
        "A file for those who come",
        "course title file sha256 when after_evaluation position",
    ),
    nobody(
        "courses.BookingPolicy",
        "The board’s numbers of days and charges",
        "free_until_days offer_days offer_until offer_least_hours approval_days "
        "approval_reminder_days job_days job_kept_days minimum_days first_reminder_days "
        "second_reminder_days link_hours days_after_move half_day_charge day_charge "
        "half_day_hours evidence_days",
    ),
    personal(
        "courses.Run",
        "Dates of courses",
        whose="trainers",
        because="Figures of training count it",
        fields={
            "course venue format link joining_instructions places minimum taken extra "
            "asks_approval freed_places agency_cap priority_rule booking_opens_at "
            "booking_closes_at starts_at ends_at cancelled_at closed_at free_through "
            "costs_at_most goes_ahead_at below_told_at compare_from held_because held_at": (
                "When, where and how it is held"
            ),
            "certified": left_as_is(
                "What its certificates say",
                "Certificates are printed from it",
                whose=WHOEVER_IT_NAMES,
            ),
            "trainers": names("Who teaches it", Merging.JOIN),
        },
        **TRAINING,
    ),
    personal(
        "courses.ProtocolCheck",
        "Which version a course was checked against",
        whose="checked_by",
        basis=Basis.PUBLIC_TASK,
        record_type="published",
        because="It says that a course teaches what is in force",
        fields={
            "course edition checked_at": "Which course and version, and when",
            "checked_by": names("Who checked it", Merging.MOVE),
        },
    ),
]

BOOKINGS = [
    personal(
        "courses.Booking",
        "Bookings, waiting lists included",
        whose="person",
        because=COUNTED,
        fields={
            "person": names("Who is booked", Merging.MOVE),
            "run agency role_group state holds_place confirmed_at ended_at "
            "absence_told_at held_until approver_asked_at approver_reminded_at approved_at "
            "waits_for_job job_office_at takes_over counted_at pre_course_at": (
                "For which date, from which job, and what became of it"
            ),
            "queued_at": replaced("When they asked", "the day alone", record_type="waiting_list"),
            "priority": replaced("Turn on the waiting list", "0", record_type="waiting_list"),
            "moved_to": blanked("Where the office moved it", record_type="waiting_list"),
            "offered_until": left_as_is(
                "Until when a place is offered", COUNTED, record_type="waiting_list"
            ),
            "manager_email": blanked("Their manager’s address", whose="@manager_email"),
            "approver_email": blanked("Address of who approves it", whose="@approver_email"),
            "access_needs": blanked(
                "What they need at the course", basis=Basis.SPECIAL, record_type="access_needs"
            ),
            "pre_course_answers": blanked(
                "Answers to the trainers’ questions before it", record_type="access_needs"
            ),
            "end_reason override_reason complete_because": blanked(
                "Reasons given by them or the office, free text"
            ),
            "cost_code": "Purchase order or cost code of the agency",
            "counted_by": names("Who counted it as complete", Merging.MOVE, "counted_by"),
        },
        **TRAINING,
    ),
    personal(
        "courses.Reminder",
        "Which reminders were sent",
        whose="booking__person",
        fields={"booking kind for_day": "Of which booking, and for which day"},
        **TRAINING,
    ),
    personal(
        "courses.Charge",
        "Charges to agencies",
        whose="booking__person",
        because="The agency was invoiced for it",
        fields={
            "booking agency kind amount cost_code made_at waived_at exported_at credited_at": (
                "What is owed for which booking"
            ),
            "waiver_reason": replaced("Why it was waived, free text", long_ago.NO_LONGER_HELD),
        },
        **TRAINING,
    ),
    personal(
        "courses.Told",
        "What each reader was last told of a date",
        whose="booking__person",
        fields={
            "run role booking is_current by_mail told_at": "Of which date, and when",
            "person": names("A trainer, or the lead who booked", Merging.MOVE, "person"),
            "reader": names("Numbers of date, booking and reader in one word", Merging.MOVE),
            "copied_to": "Address of the manager who got a copy",
            "facts entries": "Times, place and calendar entries that they were told",
        },
        **TRAINING,
    ),
]

REGISTER = [
    personal(
        "courses.Mark",
        "Marks of the register",
        whose="booking__person",
        because=COUNTED,
        fields={
            "session booking kind minutes_missed is_automatic marked_at": "Who was there, how long",
            "corrected_because": blanked("Why it was corrected, free text"),
            "marked_by": names("Who marked it", Merging.MOVE, "marked_by"),
        },
        **TRAINING,
    ),
    personal(
        "courses.SentMark",
        "Marks that a device sent, each taken once",
        whose="booking__person",
        fields={
            "id session booking kind minutes_missed saw marked_at received_at state": (
                "The mark, and the one that it saw"
            ),
            "sent_by": names("Whose device sent it", Merging.MOVE, "sent_by"),
        },
        **TRAINING,
    ),
    personal(
        "courses.ImportedReport",
        "When each booking was in an online meeting, as its reports said",
        whose=WHOEVER_IT_NAMES,
        basis=Basis.PUBLIC_TASK,
        record_type="meeting_reports",
        because="It has numbers of bookings and times, no names",
        fields={
            "run digest imported_at": "Report of which date, and when it was imported",
            "there said": "From when to when each booking was there, and the mark",
        },
    ),
    personal(
        "courses.MeetingAlias",
        "Names under which somebody was in an online meeting",
        whose="person",
        fields={
            "person": names("Who it is", Merging.JOIN),
            "words matched_at": "The name that they used there",
            "matched_by": names("Who said so", Merging.MOVE, "matched_by"),
        },
        **TRAINING,
    ),
    personal(
        "courses.Evidence",
        "Evidence of training elsewhere",
        whose="person",
        because="A completion follows from it",
        fields={
            "person": names("Whose training it is", Merging.MOVE),
            "sent_by": names("The lead who sent it for them", Merging.MOVE, whose="sent_by"),
            "course title provider completed_on state sent_at decided_at agency role_group": (
                "What, where and when, and for which agency"
            ),
            "file_path file_sha256 file_type": blanked("The file that they sent: it is deleted"),
            "reason": replaced("Why it was refused, free text", long_ago.NO_LONGER_HELD),
        },
        **TRAINING,
    ),
    personal(
        "courses.Completion",
        "Courses that somebody completed",
        whose="person",
        because=COUNTED,
        fields={
            "person": names("Who completed it", Merging.MOVE),
            "course booking evidence attempt agency role_group completed_on award told_at "
            "withdrawn_at refresher_told_at": ("Which course, from which agency, when"),
            "certified": "What the certificate says of the course and date",
        },
        **TRAINING,
    ),
    personal(
        "courses.Trainer",
        "The pool of trainers",
        whose="person",
        fields={
            "person": names("Who it is", Merging.JOIN),
            "subjects is_available": "What they teach",
            "notes": "Days that suit, free text",
        },
        **TRAINING,
    ),
    personal(
        "courses.DeliveryRequest",
        "Trainers who were asked to deliver a date",
        whose="person",
        fields={
            "run state asked_at answered_at": "For which date, and the answer",
            "person": names("Who was asked", Merging.JOIN),
            "note": "What they said, free text",
        },
        **TRAINING,
    ),
    personal(
        "courses.TrainersPack",
        "Which trainers were sent the pack of a date",
        whose="person",
        fields={
            "run for_day": "Of which date and day",
            "person": names("Who was sent it", Merging.JOIN),
        },
        **TRAINING,
    ),
]

EVALUATION = [
    personal(
        "courses.Evaluation",
        "Who was asked to evaluate a date",
        whose="booking__person",
        because="It says how many were asked and answered",
        fields={
            "booking kind asked_at reminded_at answered_at": "Of which booking, and when",
            "sheet": blanked("Which answers are theirs", record_type="evaluation_sheets"),
            "sent_to": blanked("Address that it was sent to", whose="@sent_to"),
        },
        **TRAINING,
    ),
    personal(
        "courses.Answer",
        "Answers to an evaluation, without a name",
        whose=WHOEVER_IT_NAMES,
        basis=Basis.PUBLIC_TASK,
        record_type="training_record",
        because="After 12 months nothing leads from it to a person",
        fields={
            "run kind sheet question number answered_on": "The answer, and its sheet",
            "words": "Free text, which may name somebody",
        },
    ),
]

RULES = [*CATALOGUE, *BOOKINGS, *REGISTER, *EVALUATION]


class AccessNeeds(ErasedInTime):
    """Access needs and pre-course answers of courses that are over."""

    name, order, title = "access_needs", 110, "Access needs and pre-course answers"
    kept_for = "30 days after the course date, or after the booking ended"
    erasing = "Both are blanked. The booking stays."
    always, oldest, people = True, "run__ends_at", "person"

    def due(self, now: dt.datetime) -> QuerySet[Booking]:
        return nightly_checks.with_old_access_needs(now)

    def erase(self, rows: Sequence[Booking]) -> None:
        nightly_checks.forget_access_needs(rows)


class EvaluationSheets(ErasedInTime):
    """Links from people to their answers of an evaluation."""

    name, order, title = "evaluation_sheets", 120, "Who gave which evaluation answers"
    kept_for = "12 months after the first answer"
    erasing = "The answers stay. Nothing leads from them to a person any more."
    always, oldest, people = True, "answered_at", "booking__person"

    def due(self, now: dt.datetime) -> QuerySet[Evaluation]:
        return evaluation.with_old_sheets(now)

    def erase(self, rows: Sequence[Evaluation]) -> None:
        evaluation.forget_sheets(rows)


class MeetingReports(ErasedInTime):
    """Times in online meetings, when marks no longer change by another report."""

    name, order, title = "meeting_reports", 140, "Times in online meetings"
    kept_for = "12 months after the course date"
    erasing = "The times are deleted. The marks of the register stay."
    oldest = "run__ends_at"

    def due(self, now: dt.datetime) -> QuerySet[ImportedReport]:
        return ImportedReport.objects.filter(run__ends_at__lt=now - REPORTS_KEPT)

    def erase(self, rows: Sequence[ImportedReport]) -> None:
        ImportedReport.objects.filter(pk__in=[report.pk for report in rows]).delete()


class TrainingRecords(ErasedInTime):
    """Words and addresses in records of people who were last active six years ago."""

    name, order, title = "training_record", 20, "Training records"
    kept_for = "6 years after the last activity: a job, a sign-in, a course, a decision"
    erasing = (
        "Managers’ addresses, reasons, notes, evidence files and what was told to whom are erased. "
        "Bookings, marks and completions stay, as figures count them. The account stays."
    )
    oldest, people = "joined_at", "pk"

    def due(self, now: dt.datetime) -> QuerySet[Person]:
        return long_ago.with_old_records(now)

    def erase(self, rows: Sequence[Person]) -> None:
        long_ago.forget_records(rows)


class WaitingLists(ErasedInTime):
    """Turns of those who waited for a date and never had a place."""

    name, order, title = "waiting_list", 30, "Turns on a waiting list"
    kept_for = "1 year after the course date"
    erasing = (
        "Priority, turn and time of day are erased, so that nothing says who was before whom. The "
        "booking stays, with the day on which they asked and what became of it."
    )
    oldest, people = "run__ends_at", "person"

    def due(self, now: dt.datetime) -> QuerySet[Booking]:
        return long_ago.with_old_turns(now)

    def erase(self, rows: Sequence[Booking]) -> None:
        long_ago.forget_turns(rows)


class Certificates(ErasedInTime):
    """Names and PDFs of certificates of people who were last active six years ago."""

    name, order, title = "certificate", 40, "Certificates: name and PDF"
    kept_for = "Name and PDF: 6 years after the last activity. Number, code and state: for ever"
    erasing = (
        "The name becomes “Former delegate” and the PDF is deleted. Whoever checks the code reads "
        "“No longer held”, with course and date."
    )
    oldest, people = "issued_at", "holder"

    def due(self, now: dt.datetime) -> QuerySet[Certificate]:
        return long_ago.old_certificates(now)

    def erase(self, rows: Sequence[Certificate]) -> None:
        erasing.erase_names(rows)


ERASED_IN_TIME = (
    TrainingRecords(),
    WaitingLists(),
    Certificates(),
    AccessNeeds(),
    EvaluationSheets(),
    MeetingReports(),
)
