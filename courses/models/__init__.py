"""What is taught, when, and who comes?"""

from courses.models.bookings import Booking, Completion, Mark
from courses.models.catalogue import Course, CourseIndexPage, CoursePage, Level
from courses.models.runs import Run, Session, Venue

__all__ = [
    "Booking",
    "Completion",
    "Course",
    "CourseIndexPage",
    "CoursePage",
    "Level",
    "Mark",
    "Run",
    "Session",
    "Venue",
]
