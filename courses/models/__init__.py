"""Models of courses, runs, bookings, registers, completions, evaluations and charges."""

from courses.models.bookings import Booking, Mark, Reminder
from courses.models.catalogue import Course, CourseIndexPage, CoursePage, Level
from courses.models.charges import Charge, Fee
from courses.models.checked import ProtocolCheck
from courses.models.completions import Completion
from courses.models.evaluation import Answer, Evaluation, Material, Question
from courses.models.evidence import Evidence
from courses.models.policy import BookingPolicy
from courses.models.register import ImportedReport, MeetingAlias, SentMark
from courses.models.runs import Reserve, Run, Session, Venue
from courses.models.told import Told
from courses.models.trainers import DeliveryRequest, Trainer, TrainersPack

__all__ = [
    "Answer",
    "Booking",
    "BookingPolicy",
    "Charge",
    "ProtocolCheck",
    "Completion",
    "Course",
    "CourseIndexPage",
    "CoursePage",
    "DeliveryRequest",
    "Evaluation",
    "Evidence",
    "Fee",
    "ImportedReport",
    "MeetingAlias",
    "Level",
    "Mark",
    "Material",
    "Question",
    "Reminder",
    "Reserve",
    "Run",
    "SentMark",
    "Session",
    "Told",
    "Trainer",
    "TrainersPack",
    "Venue",
]
