"""Search and filter the catalogue, and list the runs of each course."""

import datetime as dt
from collections import defaultdict
from functools import reduce
from operator import and_

from dateutil.relativedelta import relativedelta
from django.db.models import F, Q
from django.utils import timezone

from courses.catalogue import given_elsewhere, online_module
from courses.catalogue.forms import NEXT_MONTHS, CatalogueForm
from courses.catalogue.requirements import Requirements, annotate_dates
from courses.models import Booking, Course, Run
from lms.paging import Paginator
from protocols.models import Topic
from search import queries

HOME = ("Home", "/")
A_PAGE = 20
MOST_WORDS = 8
SHOWN_OF_COURSE = ["title", "summary", "kind", "format", "hours", "provider", "module__minutes"]
# Fields that say when a run is, and how many places it has left.
SHOWN_OF_DATE = [
    "starts_at",
    "places",
    "taken",
    "extra",
    "booking_opens_at",
    "booking_closes_at",
    "cancelled_at",
]


def catalogue_context(request):
    """List the courses on one page of the catalogue, each with its next run in `next_date`."""
    topics, levels = taught()
    form = CatalogueForm(request.GET, topics=topics, levels=levels)
    form.is_valid()
    wanted = form.cleaned_data
    dates = dates_wanted(wanted)
    # Fetched whole: a board teaches some dozens of courses, and this saves the query that counts.
    courses = list(courses_wanted(wanted, dates).order_by("title", "pk"))
    page = Paginator(courses, A_PAGE).get_page(request.GET.get("page"))
    give_next_dates(page.object_list, dates)
    return {
        "form": form,
        "courses": page,
        "found": len(courses),
        "is_filtered": any(wanted.values()),
        "address": request.path,
        "crumbs": [HOME],
    }


def course_context(request, course):
    """List the coming runs of one course, each with what it means to the viewer.

    One that is online has none: what the viewer has done of it takes their place.
    """
    if course.is_elsewhere:
        return about_course(request, course, []) | given_elsewhere.context(course, request.user)
    if course.is_module:
        return about_course(request, course, []) | online_module.context(course, request.user)
    ahead = Run.objects.upcoming().filter(course=course).with_waiting()
    dates = list(ahead.select_related("venue").prefetch_related("sessions"))
    give_own_bookings(dates, request.user)
    context = about_course(request, course, dates)
    post = context["needs"].post
    annotate_dates(dates, post.agency if post else None)
    return context


def about_course(request, course, dates):
    """Return what the page of any course shows."""
    catalogue = request.path.rstrip("/").rpartition("/")[0] + "/"
    return {
        "crumbs": [HOME, ("Courses", catalogue)],
        "catalogue": catalogue,
        "course": course,
        "dates": dates,
        "needs": Requirements(course, request.user, dates),
        "topics": course.topics.all(),
        "protocols": course.protocols_taught.live().defer("body"),
    }


def courses_wanted(wanted, dates):
    """Return the courses that match the filters, with no more fields than the catalogue shows."""
    courses = Course.objects.offered().select_related("module").only(*SHOWN_OF_COURSE)
    if wanted.get("when"):
        courses = courses.filter(pk__in=dates)
    elif wanted.get("places"):
        # One that is online has a place for everybody, on any day.
        courses = courses.filter(Q(pk__in=dates) | Q(kind__in=Course.WITHOUT_DATES))
    if wanted.get("topic"):
        courses = courses.filter(pk__in=about(slug=wanted["topic"]))
    if wanted.get("format"):
        courses = courses.in_format(wanted["format"])
    if wanted.get("level"):
        courses = courses.filter(level=wanted["level"])
    if words := wanted.get("q", "").split()[:MOST_WORDS]:
        found = Q(page__in=queries.pages_saying(" ".join(words), "course"))
        courses = courses.filter(found | as_written(words))
    return courses.annotate(slug=F("page__slug"), level_name=F("level__name"))


def dates_wanted(wanted):
    """Map courses to their coming runs (ids) that match the filters, earliest first.

    `when` alone includes full and closed ones.
    """
    dates = Run.objects.upcoming()
    if wanted.get("places"):
        dates = Run.objects.open_for_booking().with_places_free()
    if when := wanted.get("when"):
        first, last = between(when)
        dates = dates.filter(starts_at__gte=first, starts_at__lt=last)
    found = defaultdict(list)
    # Quicker than two subqueries a course: a board has some hundreds of dates ahead at most.
    for course, run in dates.order_by("starts_at", "pk").values_list("course", "pk"):
        found[course].append(run)
    return found


def between(when):
    """Return the two moments that bound a month such as "2027-01", or the next 3 months."""
    if when == NEXT_MONTHS:
        now = timezone.localtime()
        return now, now + relativedelta(months=3)
    year, month = map(int, when.split("-"))
    first = dt.datetime(year, month, 1, tzinfo=timezone.get_default_timezone())
    return first, first + relativedelta(months=1)


def as_written(words):
    """Match courses that contain each word as typed, whatever its case: found while one types."""
    return reduce(and_, map(saying, words))


def saying(word):
    return (
        Q(title__icontains=word)
        | Q(code__iexact=word)
        | Q(summary__icontains=word)
        | Q(outcomes__icontains=word)
        | Q(audience__icontains=word)
        | Q(pk__in=about(name__icontains=word))
    )


def about(**topic):
    """Return the ids of courses on such a topic, or on a narrower one."""
    found = Topic.objects.filter(**topic).values("pk")
    topics = Topic.objects.filter(Q(pk__in=found) | Q(parent__in=found))
    return Course.topics.through.objects.filter(topic__in=topics).values("course")


def taught():
    """Return choices of topics, with the wider ones they are part of, and levels. One query."""
    topics, levels = {}, set()
    for (
        slug,
        name,
        wider_slug,
        wider_name,
        level,
        level_name,
        position,
    ) in Course.objects.offered().values_list(
        "topics__slug",
        "topics__name",
        "topics__parent__slug",
        "topics__parent__name",
        "level",
        "level__name",
        "level__position",
    ):
        topics |= {slug: name, wider_slug: wider_name}
        levels.add((position, level_name, level))
    topics.pop(None, None)
    return (
        sorted(topics.items(), key=lambda choice: choice[1]),
        [(level, name) for _, name, level in sorted(levels - {(None, None, None)})],
    )


def give_next_dates(courses, dates):
    """Set `next_date` (the next run, counted, or None) on each course. One query."""
    first = {course.pk: dates[course.pk][0] for course in courses if course.pk in dates}
    runs = Run.objects.with_waiting().only(*SHOWN_OF_DATE).in_bulk(first.values())
    for course in courses:
        course.next_date = runs.get(first.get(course.pk))
        if course.next_date:
            course.next_time = in_short(course.next_date.starts_at)
            course.more_dates = more(len(dates[course.pk]) - 1)


def more(dates):
    """Return how many more there are, such as '2 more dates'; '' for none."""
    return f"{dates} more date{'' if dates == 1 else 's'}" if dates else ""


def in_short(moment):
    """Format as 'Tue 5 Jan 2027, 09:30', in a tenth of the time that a template filter takes."""
    local = timezone.localtime(moment)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M}"


def give_own_bookings(runs, viewer):
    """Set `mine` on each run: the viewer's live booking, if there is one."""
    own = Booking.objects.visible_to(viewer).live().filter(run__in=[run.pk for run in runs])
    mine = {b.run_id: b for b in own.filter(person=viewer.pk)}
    for run in runs:
        run.mine = mine.get(run.pk)
