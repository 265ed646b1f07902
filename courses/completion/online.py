"""Complete a course by its online module: who may begin it, and what follows when it is done."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta
from django.utils import timezone

from courses.completion import awarding, completing
from courses.models import Completion, Course
from courses.rules.eligibility import BookingRefused, Eligibility, job_that_counts, jobs_of
from elearning.learning.followers import AttemptFollower
from elearning.models import Attempt

if TYPE_CHECKING:
    from agencies.models import Person, Post
    from elearning.models import Module

    By = Person | str

# How long before the renewal day the module can be done again.
REFRESHER_OPENS = relativedelta(months=2)


class OnlineCourses(AttemptFollower):
    """Course whose module it is: at most one."""

    name = "courses"
    order = 10

    def why_not(self, module: Module, person: Person) -> str:
        course = course_of(module)
        if course is None:
            return ""
        if not course.is_offered:
            return "This course is not offered at present."
        eligibility = Eligibility(course, person)
        try:
            post = job_that_counts(person, eligibility.job_among(jobs_of(person)))
            eligibility.refuse(post)
        except BookingRefused as refused:
            return str(refused)
        return ""

    def gives(self, module: Module) -> list[str]:
        course = course_of(module)
        if course is None:
            return []
        given = [f"A certificate of ‘{course}’, which anyone can check."]
        if course.renewal_months:
            given.append(f"It is due again after {course.renewal_months} months.")
        return given

    def refresher_from(self, module: Module, person: Person) -> dt.date | None:
        course = course_of(module)
        if course is None or not course.renewal_months:
            return None
        completions = Completion.objects.valid().filter(course=course, person=person)
        last = completions.order_by("-completed_on", "-pk").first()
        if last is None:
            return timezone.localdate()
        return refresher_opens(last.completed_on, course.renewal_months)

    def why_not_waived(self, module: Module, person: Person) -> str:
        course = course_of(module)
        if course is None or job_of(course, person):
            return ""
        return (
            f"We don’t know where {person} works, so we can’t say for which agency they completed "
            f"‘{course}’. Add their job first."
        )

    def finished(self, attempt: Attempt, *, by: By) -> None:
        course = course_of(attempt.module)
        if course is None:
            return
        post = job_of(course, attempt.person)
        if post is None:  # Begun before it was the module of a course, which asks for a job.
            return
        completion = completing.complete(
            attempt.person,
            course,
            source=attempt,
            agency=post.agency,
            role_group=post.role_group,
            completed_on=timezone.localdate(attempt.ended_at),
            by=by,
        )
        if attempt.why != Attempt.Why.WAIVED:
            awarding.award_online.enqueue(completion.pk)


def course_of(module: Module) -> Course | None:
    """Return the course that the module completes."""
    return Course.objects.filter(module=module).first()


def refresher_opens(completed_on: dt.date, renewal_months: int) -> dt.date:
    """Return the day from which a course that is renewed can be done again."""
    return completed_on + relativedelta(months=renewal_months) - REFRESHER_OPENS


def job_of(course: Course, person: Person) -> Post | None:
    """Return the job for which somebody completes a course: a current one.

    Whoever left while learning completes it for the job that they left last.
    """
    jobs = jobs_of(person) or list(
        person.posts.confirmed().select_related("agency__sector", "role_group").order_by("-ends_on")
    )
    return Eligibility(course, person).job_among(jobs)
