"""Test the booking verbs one at a time; test_booking_races.py runs them concurrently."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from agencies.models import Board
from courses.booking import booking, nightly_checks
from courses.booking.booking import BookingRefused
from courses.models import Booking, Run
from courses.rules import eligibility
from courses.scheduling import scheduling
from history.models import Event
from lms.models import Mail
from tests.factories import (
    CompletionFactory,
    CourseFactory,
    PersonFactory,
    PostFactory,
    RunFactory,
    SessionFactory,
)

pytestmark = pytest.mark.django_db


def professional(**post):
    return PostFactory(**post).person


def states(run):
    return list(run.bookings.order_by("pk").values_list("state", flat=True))


def taken(run):
    return Run.objects.get(pk=run.pk).taken


def in_days(days):
    return timezone.now() + dt.timedelta(days=days)


def test_a_free_place_is_confirmed_and_counted_for_the_agency_of_the_job():
    run, post = RunFactory(places=2), PostFactory()
    made = booking.request_place(run, post.person, by=post.person)
    assert (made.state, made.agency, made.role_group) == ("confirmed", post.agency, post.role_group)
    assert taken(run) == 1
    assert [mail.template for mail in Mail.objects.all()] == ["booking_confirmed"]


def test_a_full_date_queues_and_the_mail_says_that_there_is_no_place_yet():
    run = RunFactory(places=1)
    for person in (professional(), professional()):
        booking.request_place(run, person, by=person)
    assert states(run) == ["confirmed", "waiting"]
    assert taken(run) == 1
    assert "do not have a place yet" in Mail.objects.latest("pk").text


def test_no_places_is_full_and_blank_places_is_no_limit():
    full, endless = RunFactory(places=0), RunFactory(places=None)
    for run in (full, endless):
        for person in (professional(), professional()):
            booking.request_place(run, person, by=person)
    assert states(full) == ["waiting", "waiting"]
    assert states(endless) == ["confirmed", "confirmed"]
    assert (taken(full), taken(endless)) == (0, 2)


def test_asking_twice_is_one_booking_and_one_mail():
    run, person = RunFactory(places=5), professional()
    first = booking.request_place(run, person, by=person)
    assert booking.request_place(run, person, by=person) == first
    assert states(run) == ["confirmed"]
    assert Mail.objects.count() == 1


def test_a_place_given_up_goes_to_whoever_waited_longest():
    run = RunFactory(places=1)
    first, second, third = (professional() for _ in range(3))
    held = booking.request_place(run, first, by=first)
    for person in (second, third):
        booking.request_place(run, person, by=person)
    booking.withdraw(held, by=first)
    assert states(run) == ["withdrawn", "confirmed", "waiting"]
    assert taken(run) == 1
    promoted = Mail.objects.get(to=second.email, template="booking_confirmed")
    assert "A place has become free, and it is yours." in promoted.text


def test_giving_up_twice_frees_one_place_and_promotes_one():
    run = RunFactory(places=1)
    first, second, third = (professional() for _ in range(3))
    held = booking.request_place(run, first, by=first)
    for person in (second, third):
        booking.request_place(run, person, by=person)
    booking.withdraw(held, by=first)
    booking.withdraw(held, by=first)
    assert states(run) == ["withdrawn", "confirmed", "waiting"]


def test_leaving_the_queue_promotes_nobody():
    run = RunFactory(places=1)
    first, second, third = (professional() for _ in range(3))
    booking.request_place(run, first, by=first)
    queued = booking.request_place(run, second, by=second)
    booking.request_place(run, third, by=third)
    booking.withdraw(queued, by=second)
    assert states(run) == ["confirmed", "withdrawn", "waiting"]


def test_who_withdrew_can_book_again_and_joins_at_the_end():
    run = RunFactory(places=1)
    first, second = professional(), professional()
    held = booking.request_place(run, first, by=first)
    booking.request_place(run, second, by=second)
    booking.withdraw(held, by=first)
    again = booking.request_place(run, first, by=first)
    assert again.state == "waiting"
    assert states(run) == ["withdrawn", "confirmed", "waiting"]


def test_nobody_passes_the_queue_even_while_a_place_is_free():
    run = RunFactory(places=1)
    first, second = professional(), professional()
    booking.request_place(run, first, by=first)
    booking.request_place(run, second, by=second)
    Run.objects.filter(pk=run.pk).update(places=2)
    newcomer = professional()
    assert booking.request_place(run, newcomer, by=newcomer).state == "waiting"


def test_the_order_is_priority_and_then_the_moment_of_joining():
    run = RunFactory(places=0)
    people = [professional() for _ in range(3)]
    queue = [booking.request_place(run, person, by=person) for person in people]
    queue[0].access_needs = "a note edited later changes nothing"
    queue[0].save()
    Booking.objects.filter(pk=queue[2].pk).update(priority=1)
    scheduling.change(run, places=2, by="OFFICE")
    assert states(run) == ["confirmed", "waiting", "confirmed"]


def test_raising_the_places_serves_the_queue_and_lowering_below_what_is_taken_is_refused():
    run = RunFactory(places=1)
    for person in (professional(), professional()):
        booking.request_place(run, person, by=person)
    scheduling.change(run, places=2, by="OFFICE")
    assert states(run) == ["confirmed", "confirmed"]
    with pytest.raises(scheduling.SchedulingRefused, match="2 places are taken"):
        scheduling.change(run, places=1, by="OFFICE")
    assert Run.objects.get(pk=run.pk).places == 2


def test_nobody_is_promoted_in_the_last_two_hours():
    run = RunFactory(places=1)
    first, second = professional(), professional()
    held = booking.request_place(run, first, by=first)
    booking.request_place(run, second, by=second)
    Run.objects.filter(pk=run.pk).update(starts_at=timezone.now() + dt.timedelta(minutes=110))
    booking.withdraw(held, by=first)
    assert states(run) == ["withdrawn", "waiting"]
    assert taken(run) == 0


def test_a_date_that_moves_out_of_its_last_hours_serves_its_queue_with_one_mail_each():
    run = RunFactory(places=1)
    first, second, third = (professional() for _ in range(3))
    held = booking.request_place(run, first, by=first)
    for person in (second, third):
        booking.request_place(run, person, by=person)
    was, session = scheduling.times_of(run), run.sessions.get()
    Run.objects.filter(pk=run.pk).update(starts_at=timezone.now() + dt.timedelta(minutes=110))
    booking.withdraw(held, by=first)
    Mail.objects.all().delete()
    session.starts_at, session.ends_at = in_days(50), in_days(50) + dt.timedelta(hours=7)
    session.save()
    scheduling.settle_dates(run, by="OFFICE", was=was)
    assert states(run) == ["withdrawn", "confirmed", "waiting"]
    assert taken(run) == 1
    assert sorted(Mail.objects.values_list("to", "template")) == sorted(
        [(second.email, "booking_confirmed"), (third.email, "run_moved")]
    )


def test_who_has_a_closed_account_is_given_no_place_and_keeps_nobody_from_theirs():
    run = RunFactory(places=1)
    first, closed, third, fourth = (professional() for _ in range(4))
    held = booking.request_place(run, first, by=first)
    for person in (closed, third):
        booking.request_place(run, person, by=person)
    closed.is_active = False
    closed.save()
    booking.withdraw(held, by=first)
    assert states(run) == ["withdrawn", "waiting", "confirmed"]
    scheduling.change(run, places=2, by="OFFICE")
    booking.request_place(run, fourth, by=fourth)
    assert states(run) == ["withdrawn", "waiting", "confirmed", "confirmed"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"cancelled_at": in_days(-1)}, "has been cancelled"),
        ({"starts_at": None, "ends_at": None}, "not settled yet"),
        ({"starts_at": in_days(-1)}, "already begun"),
        ({"booking_opens_at": in_days(1)}, "Booking for this date opens on"),
        ({"booking_closes_at": in_days(-1)}, "has closed"),
    ],
)
def test_a_date_that_cannot_be_booked_says_why_and_changes_nothing(change, sentence):
    run, person = RunFactory(places=5), professional()
    Run.objects.filter(pk=run.pk).update(**change)
    with pytest.raises(BookingRefused, match=sentence):
        booking.request_place(run, person, by=person)
    assert (Booking.objects.count(), Mail.objects.count(), taken(run)) == (0, 0, 0)


def test_who_has_no_job_is_told_what_to_do():
    run, nobody = RunFactory(places=5), PersonFactory()
    with pytest.raises(BookingRefused, match="Tell us where you work"):
        booking.request_place(run, nobody, by=nobody)


def test_a_job_of_somebody_else_cannot_be_named():
    run, person, other = RunFactory(places=5), professional(), PostFactory()
    with pytest.raises(BookingRefused, match="Tell us where you work"):
        booking.request_place(run, person, by=person, post=other)


def test_a_prerequisite_is_named_until_it_is_completed():
    first = CourseFactory(title="Working together")
    second = CourseFactory()
    second.prerequisites.add(first)
    run, person = RunFactory(course=second, places=5), professional()
    with pytest.raises(BookingRefused, match="you need to complete Working together"):
        booking.request_place(run, person, by=person)
    CompletionFactory(person=person, course=first)
    assert booking.request_place(run, person, by=person).state == "confirmed"


def test_ones_own_address_is_no_managers():
    run, person = RunFactory(places=5), professional()
    with pytest.raises(BookingRefused, match="not your own"):
        booking.request_place(run, person, by=person, manager_email=person.email.upper())


def test_the_manager_is_copied_with_the_confirmation():
    run, person = RunFactory(places=5), professional()
    booking.request_place(run, person, by=person, manager_email="Manager@example.org")
    assert Mail.objects.get().cc == ["manager@example.org"]


def test_what_began_cannot_be_cancelled_any_more():
    run, person = RunFactory(places=5), professional()
    held = booking.request_place(run, person, by=person)
    Run.objects.filter(pk=run.pk).update(starts_at=in_days(-1))
    with pytest.raises(BookingRefused, match="can no longer be cancelled"):
        booking.withdraw(held, by=person)
    assert states(run) == ["confirmed"]


def test_a_cancelled_date_ends_every_booking_with_one_mail_each():
    run = RunFactory(places=1)
    people = [professional(), professional()]
    for person in people:
        booking.request_place(run, person, by=person)
    scheduling.cancel(run, by="OFFICE", reason="The trainer is ill.")
    scheduling.cancel(run, by="OFFICE", reason="Pressed again.")
    assert states(run) == ["cancelled", "cancelled"]
    assert taken(run) == 0
    told = Mail.objects.filter(template="run_cancelled").order_by("pk")
    assert [mail.to for mail in told] == [person.email for person in people]
    assert all("The trainer is ill." in mail.text for mail in told)


def test_a_date_is_cancelled_with_a_reason_and_not_once_it_took_place():
    run, over = RunFactory(), RunFactory(closed_at=timezone.now())
    with pytest.raises(scheduling.SchedulingRefused, match="Say why this date is cancelled"):
        scheduling.cancel(run, by="OFFICE", reason=" ")
    with pytest.raises(scheduling.SchedulingRefused, match="If the register is wrong, correct it"):
        scheduling.cancel(over, by="OFFICE", reason="The trainer is ill.")
    assert not Run.objects.exclude(cancelled_at=None).exists()


def test_a_moved_session_is_told_once_with_a_higher_sequence():
    run, person = RunFactory(places=1), professional()
    booking.request_place(run, person, by=person)
    was = scheduling.times_of(run)
    session = run.sessions.get()
    session.starts_at += dt.timedelta(days=1)
    session.ends_at += dt.timedelta(days=1)
    session.save()
    scheduling.settle_dates(run, by="OFFICE", was=was)
    scheduling.settle_dates(run, by="OFFICE", was=scheduling.times_of(run))
    session.refresh_from_db()
    assert (session.sequence, Run.objects.get(pk=run.pk).starts_at) == (1, session.starts_at)
    assert Mail.objects.filter(template="run_moved").count() == 1


def test_what_happened_is_recorded_without_names():
    run, person = RunFactory(places=1), professional()
    held = booking.request_place(run, person, by=person)
    booking.withdraw(held, by=person, reason="A sick child at home")
    events = Event.objects.about(held).order_by("pk")
    assert [(e.action, e.by_person) for e in events] == [
        ("booking.confirmed", person.pk),
        ("booking.withdrawn", person.pk),
    ]
    assert all(person.name not in str((e.was, e.now)) for e in events)


def test_the_database_itself_refuses_more_than_the_places_and_two_live_bookings():
    run, person = RunFactory(places=1), professional()
    held = booking.request_place(run, person, by=person)
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.filter(pk=run.pk).update(taken=2)
    held.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        held.save(force_insert=True)


def test_a_counter_that_lies_is_found():
    run = RunFactory(places=5)
    assert nightly_checks.runs_miscounted() == []
    Run.objects.filter(pk=run.pk).update(taken=3)
    assert nightly_checks.runs_miscounted() == [(run.pk, 3, 0)]


def test_a_clash_is_found_and_another_day_is_none():
    person = professional()
    first = RunFactory(places=5)
    booking.request_place(first, person, by=person)
    same, other = RunFactory(places=5), RunFactory(places=5)
    other.sessions.update(starts_at=in_days(90), ends_at=in_days(91))
    assert [b.run for b in eligibility.clashes(Run.objects.get(pk=same.pk), person)] == [first]
    assert eligibility.clashes(Run.objects.get(pk=other.pk), person) == []


def test_the_number_of_queries_does_not_grow_with_the_sessions(django_assert_max_num_queries):
    Board.load()
    reverse("wagtailadmin_home")  # warm-up: loading the URLconf registers the admin's hooks
    run, person = RunFactory(places=5), professional()
    for _ in range(3):
        SessionFactory(run=run)
    with django_assert_max_num_queries(19):
        booking.request_place(run, person, by=person)
