"""Show on the home page the next dates that can be booked, and courses without dates."""

from django.db.models import Case, Value, When

from courses.models import Course, Run
from lms.registries.base import Item
from lms.registries.home_blocks import MAIN, HomeBlock


class NextDates(HomeBlock):
    name = "next-dates"
    order = 10
    column = MAIN
    template_name = "courses/_next_dates.html"

    def rows(self, page):
        bookable = Run.objects.open_for_booking().filter(
            course__is_offered=True, course__page__live=True
        )
        return bookable.select_related("course__page", "venue").order_by("starts_at")[:4]


class OnlineAtAnyTime(HomeBlock):
    """Online courses: our modules, then those that others give; not shown if there are none."""

    name = "online-at-any-time"
    order = 30
    heading = "Online courses, at any time"

    def rows(self, page):
        courses = Course.objects.without_dates().offered().select_related("page", "module")
        courses = courses.defer("module__content", "module__check_questions")
        ours_first = Case(When(kind=Course.Kind.MODULE, then=Value(0)), default=1)
        return list(courses.order_by(ours_first, "title")[:4])

    def item(self, course):
        given = f"given by {course.provider}" if course.is_elsewhere else "on this site"
        note = f"{given}, about {course.length}"
        return Item(course.title, course.page.url, note)
