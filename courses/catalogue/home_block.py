"""Show on the home page the next dates that can be booked, and courses without dates."""

from courses.models import Course, Run
from lms.formatting import in_hours
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
    """Courses that others give online; not shown if there are none."""

    name = "online-at-any-time"
    order = 30
    heading = "Online courses, at any time"

    def rows(self, page):
        courses = Course.objects.elsewhere().offered().select_related("page")
        return list(courses.order_by("title")[:4])

    def item(self, course):
        note = f"given by {course.provider}, about {in_hours(course.hours)}"
        return Item(course.title, course.page.url, note)
