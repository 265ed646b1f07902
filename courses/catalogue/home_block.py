"""Show the next dates that can be booked on the home page."""

from courses.models import Run
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
