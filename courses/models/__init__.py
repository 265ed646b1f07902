"""What is taught, when, who comes, and what follows from it?"""

from courses.models.bookings import Booking, Completion, Mark, Reminder
from courses.models.catalogue import Course, CourseIndexPage, CoursePage, Level
from courses.models.charges import Charge, Fee
from courses.models.evidence import Evidence
from courses.models.policy import BookingPolicy
from courses.models.runs import Reserve, Run, Session, Venue
from courses.models.trainers import DeliveryRequest, Trainer

__all__ = [
    "Booking",
    "BookingPolicy",
    "Charge",
    "Completion",
    "Course",
    "CourseIndexPage",
    "CoursePage",
    "DeliveryRequest",
    "Evidence",
    "Fee",
    "Level",
    "Mark",
    "Reminder",
    "Reserve",
    "Run",
    "Session",
    "Trainer",
    "Venue",
]
