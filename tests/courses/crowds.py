"""Build course dates with a given number of people in each situation."""

import datetime as dt

from django.utils import timezone

from courses.models import Reminder, Run
from lms import links
from tests.factories import (
    BookingFactory,
    CertificateFactory,
    ChargeFactory,
    CompletionFactory,
    CourseFactory,
    FeeFactory,
    MailFactory,
    MarkFactory,
    PostFactory,
    QuestionFactory,
    RunFactory,
    in_days,
)


def people(run, number, **facts):
    """Book `number` people, each from an agency of their own and with a manager in copy."""
    posts = PostFactory.create_batch(number)
    return [
        BookingFactory(
            run=run,
            person=post.person,
            agency=post.agency,
            manager_email=f"manager{post.pk}@example.org",
            **facts,
        )
        for post in posts
    ]


def as_it_is(run):
    return Run.objects.select_related("course", "venue").get(pk=run.pk)


def over(**facts):
    """Create yesterday's run: two sessions, a fee, certificates held back until evaluation."""
    FeeFactory()
    QuestionFactory()
    hours = [("09:30", "12:30"), ("13:30", "16:00")]
    times = [(in_days(-1, begins), in_days(-1, ends)) for begins, ends in hours]
    course = CourseFactory(charges_fee=True, asks_evaluation=True)
    return RunFactory(course=course, sessions=times, places=None, **facts)


def signed_off():
    return over(closed_at=timezone.now() - dt.timedelta(hours=2))


def marked(bookings, kind, **facts):
    for each in bookings:
        for session in each.run.sessions.all():
            MarkFactory(booking=each, session=session, kind=kind, **facts)
    return bookings


def gave_up_late_before(bookings):
    """Charge each person for an earlier booking of the same run that they withdrew from."""
    for each in bookings:
        ended = BookingFactory(run=each.run, person=each.person, state="withdrawn")
        ChargeFactory(booking=ended)
    return bookings


def charged(bookings, kind, **facts):
    for each in bookings:
        ChargeFactory(booking=each, agency=each.agency, kind=kind, **facts)
    return bookings


def with_certificates(bookings):
    for each in bookings:
        made = CompletionFactory(person=each.person, booking=each, agency=each.agency)
        CertificateFactory(award=made.award, holder=each.person)
    return bookings


def taught(number):
    """Create yesterday's run with `number` people per kind of mark and `number` unmarked."""
    run = over()
    marked(people(run, number), "present")
    marked(people(run, number), "late", minutes_missed=10)
    marked(people(run, number), "apologies")
    marked(gave_up_late_before(people(run, number)), "absent")
    marked(people(run, number), "absent")
    people(run, number)
    return run


def to_come(number, *, days=10, **facts):
    """Create a run in `days` days with `number` bookings per live state, reminders sent."""
    course = CourseFactory(pre_course_questions="Why?")
    run = RunFactory(course=course, starts_at=in_days(days), places=None, **facts)
    reminded(people(run, number))
    offered(people(run, number, state="offered"))
    people(run, number, state="waiting")
    people(run, number, state="requested", holds_place=False)
    for each in people(run, number, state="requested", holds_place=False):
        each.holds_place = True
        each.save()
    Run.objects.filter(pk=run.pk).update(taken=3 * number, places=3 * number)
    return as_it_is(run)


def reminded(bookings):
    day = timezone.localdate(bookings[0].run.starts_at)
    for each in bookings:
        for kind in Reminder.Kind.values:
            Reminder.objects.create(booking=each, kind=kind, for_day=day)
            MailFactory(
                template=f"reminder_{kind}", about_type="courses.booking", about_id=str(each.pk)
            )


def offered(bookings):
    for each in bookings:
        each.offered_until = timezone.now() + dt.timedelta(days=8)
        each.save(update_fields=["offered_until"])
        until = each.offered_until
        links.create("offer", each, sent_to=each.person.email, until=until)
        MailFactory(template="place_offered", about_type="courses.booking", about_id=str(each.pk))
