"""Make the demonstration's special bookings: an offer, requests, a cap, a reserve, a move.

Made through the domain functions, so that mails, links and history exist too; on future dates,
where there are enough of them.
"""

import datetime as dt

from django.utils import timezone

from agencies.models import Person, Post, Sector
from courses.booking import booking, waiting_list
from courses.models import Booking, Reserve, Run
from courses.scheduling import scheduling

SOME_WAY_AHEAD = dt.timedelta(days=12)


def make_places(personas: dict[str, Person]) -> None:
    office, amina = personas["training administrator"], personas["professional"]
    dates = iter(_dates_for(amina))
    for story in (offer_a_place, ask_for_approval, share_places):
        if run := next(dates, None):
            story(run, amina, office)


def offer_a_place(run: Run, person: Person, office: Person) -> None:
    """Offer the professional a place: full date, first on the waiting list, a cancellation."""
    scheduling.change(run, places=run.taken, by=office)
    others = _without_booking(run, person)[:3]
    for other in others:
        booking.request_place(run, other.person, by=other.person)
    mine = booking.request_place(run, person, by=person)
    waiting_list.move(mine, 1, by=office)
    if holder := Booking.objects.confirmed().filter(run=run).order_by("pk").first():
        booking.withdraw(holder, by=holder.person)


def ask_for_approval(run: Run, person: Person, office: Person) -> None:
    """Let two of the professional's colleagues ask: one their manager, one their agency's lead."""
    Run.objects.filter(pk=run.pk).update(asks_approval=True)
    post = person.posts.first()
    colleagues = [
        other
        for other in _without_booking(run, person)
        if other.agency_id == post.agency_id and other.person.email != post.line_manager_email
    ]
    for colleague, manager in zip(colleagues, (post.line_manager_email, ""), strict=False):
        booking.request_place(run, colleague.person, by=colleague.person, manager_email=manager)


def share_places(run: Run, person: Person, office: Person) -> None:
    """Cap places at three per agency, and reserve some for schools until a week before."""
    Run.objects.filter(pk=run.pk).update(agency_cap=3)
    schools = Sector.objects.filter(name="Schools").first()
    free = run.free or 0
    if schools and free > 2:
        week_before = timezone.localdate(run.starts_at) - dt.timedelta(days=7)
        Reserve.objects.create(
            run=run, sector=schools, places=min(4, free - 1), release_on=week_before
        )


def _dates_for(person: Person):
    """Yield dates of different courses, without prerequisites, that the person has not booked."""
    open_dates = Run.objects.open_for_booking().filter(
        starts_at__gt=timezone.now() + SOME_WAY_AHEAD,
        course__prerequisites=None,
        course__charges_fee=False,
        taken__gt=0,
    )
    seen = set(Booking.objects.filter(person=person).values_list("run__course", flat=True))
    for run in open_dates.select_related("course").order_by("starts_at", "pk"):
        if run.course_id not in seen:
            seen.add(run.course_id)
            yield run


def _without_booking(run: Run, person: Person) -> list[Post]:
    booked = Booking.objects.filter(run=run).values("person")
    posts = Post.objects.current().filter(is_lead=False).exclude(person__in=booked)
    return list(posts.exclude(person=person).select_related("person").order_by("pk")[:200])
