"""Write the email that says that an online course can be done again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lms import links
from lms.formatting import day
from lms.mail import outbox

if TYPE_CHECKING:
    import datetime as dt

    from courses.models import Completion


def refresher_open(completion: Completion, due: dt.date | None) -> None:
    """Tell somebody that the refresher of an online course is open, and by when it is due."""
    course = completion.course
    outbox.enqueue(
        "module_refresher_open",
        to=completion.person,
        about=completion,
        context={
            "name": completion.person.name,
            "course": course.title,
            "completed_on": day(completion.completed_on),
            "refresh_by": f"A refresh is recommended by {day(due)}." if due else "",
            "minutes": f"{course.module.minutes} minutes",
            "module_link": links.address(course.module.get_absolute_url()),
        },
    )
