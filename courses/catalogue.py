"""Which courses answer what somebody is looking for, and when is each of them taught?"""

import datetime as dt

from dateutil.relativedelta import relativedelta
from django.core.paginator import Paginator
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from agencies import access
from courses import booking
from courses.forms import NEXT_MONTHS, CatalogueForm
from courses.models import Booking, Course, Level, Run
from protocols.models import Topic

A_PAGE = 20
MOST_WORDS = 8


def catalogue_context(request):
    """The courses on one page of the catalogue, each with its next date in `next_date`."""
    form = CatalogueForm(request.GET, topics=topics_taught(), levels=levels_taught())
    form.is_valid()
    wanted = form.cleaned_data
    courses = courses_wanted(wanted).order_by("title", "pk")
    page = Paginator(courses, A_PAGE).get_page(request.GET.get("page"))
    give_next_dates(page.object_list)
    return {
        "form": form,
        "courses": page,
        "found": page.paginator.count,
        "is_filtered": any(wanted.values()),
        "address": request.path,
    }


def course_context(request, course):
    """The dates of one course, each with what it is to the person who looks."""
    dates = list(
        Run.objects.upcoming()
        .filter(course=course)
        .select_related("venue")
        .prefetch_related("sessions")
        .order_by("starts_at", "pk")
    )
    count_waiting(dates)
    give_own_bookings(dates, request.user)
    prerequisites = list(course.prerequisites.select_related("page"))
    missing = []
    if prerequisites and access.is_signed_in(request.user):
        missing = booking.prerequisites_missing(course, request.user)
    return {
        "course": course,
        "dates": dates,
        "prerequisites": prerequisites,
        "missing": missing,
        "topics": course.topics.all(),
        "protocols": course.protocols_taught.live().defer("body"),
    }


def courses_wanted(wanted):
    """The courses that these filters leave, each with the id of its next date and their number."""
    dates = dates_wanted(wanted)
    own = dates.filter(course=OuterRef("pk"))
    courses = Course.objects.offered().defer("audience", "outcomes")
    if wanted.get("when") or wanted.get("places"):
        courses = courses.filter(pk__in=dates.values("course"))
    if wanted.get("topic"):
        courses = courses.filter(pk__in=about(slug=wanted["topic"]))
    if wanted.get("format"):
        courses = courses.filter(format=wanted["format"])
    if wanted.get("level"):
        courses = courses.filter(level=wanted["level"])
    for word in wanted.get("q", "").split()[:MOST_WORDS]:
        courses = courses.filter(saying(word))
    number = own.order_by().values("course").annotate(number=Count("pk")).values("number")
    return courses.annotate(
        slug=F("page__slug"),
        level_name=F("level__name"),
        next_run=Subquery(own.order_by("starts_at", "pk").values("pk")[:1]),
        date_count=Coalesce(Subquery(number), 0),
    )


def dates_wanted(wanted):
    """The dates ahead that these filters leave. `when` alone shows full and closed ones too."""
    dates = Run.objects.upcoming()
    if wanted.get("places"):
        dates = Run.objects.open_for_booking().with_places_free()
    if when := wanted.get("when"):
        first, last = between(when)
        dates = dates.filter(starts_at__gte=first, starts_at__lt=last)
    return dates


def between(when):
    """The two moments that bound a month such as "2027-01", or the next 3 months."""
    if when == NEXT_MONTHS:
        now = timezone.localtime()
        return now, now + relativedelta(months=3)
    year, month = map(int, when.split("-"))
    first = dt.datetime(year, month, 1)
    return timezone.make_aware(first), timezone.make_aware(first + relativedelta(months=1))


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
    """The ids of courses on such a topic, or on a narrower one."""
    found = Topic.objects.filter(**topic).values("pk")
    topics = Topic.objects.filter(Q(pk__in=found) | Q(parent__in=found))
    return Course.topics.through.objects.filter(topic__in=topics).values("course")


def topics_taught():
    """Choices: those of courses in the catalogue, with the wider topics that they are part of."""
    offered = Course.objects.offered()
    taught = Topic.objects.filter(Q(courses__in=offered) | Q(children__courses__in=offered))
    return taught.distinct().values_list("slug", "name")


def levels_taught():
    return Level.objects.values_list("pk", "name")


def give_next_dates(courses):
    runs = Run.objects.in_bulk([course.next_run for course in courses if course.next_run])
    count_waiting(runs.values())
    for course in courses:
        course.next_date = runs.get(course.next_run)


def count_waiting(runs):
    """Each of these dates has `waiting`: how many are in its queue. One query."""
    queues = Booking.objects.filter(run__in=[run.pk for run in runs], state=Booking.State.WAITING)
    waiting = dict(queues.order_by().values_list("run").annotate(Count("pk")))
    for run in runs:
        run.waiting = waiting.get(run.pk, 0)


def give_own_bookings(runs, viewer):
    """Each of these dates has `mine`: the viewer's live booking, if there is one."""
    own = Booking.objects.visible_to(viewer).live().filter(run__in=[run.pk for run in runs])
    mine = {b.run_id: b for b in own.filter(person=viewer.pk)}
    for run in runs:
        run.mine = mine.get(run.pk)
