"""Test what becomes of a freed place: offered in turn, accepted, declined, lapsed, handed on."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from agencies.models import Sector
from courses.booking import booking, expiry, nightly_checks, waiting_list
from courses.booking.booking import BookingRefused
from courses.models import Booking, Charge, Reserve, Run
from courses.scheduling import scheduling
from history.models import Event
from lms.models import ActionLink, Mail
from tests.factories import (
    AgencyFactory,
    BookingFactory,
    CompletionFactory,
    CourseFactory,
    PersonFactory,
    PostFactory,
    RoleGroupFactory,
    RunFactory,
    SectorFactory,
)

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def professional(**post):
    return PostFactory(**post).person


def asks(run, **post):
    person = professional(**post)
    return booking.request_place(run, person, by=person)


def now_is(made):
    return Booking.objects.get(pk=made.pk)


def states(run):
    return list(run.bookings.order_by("pk").values_list("state", flat=True))


def counts(run):
    """Return (`Run.taken`, bookings that hold a place, runs whose counter is wrong)."""
    held = Booking.objects.filter(run=run, holds_place=True).count()
    return Run.objects.get(pk=run.pk).taken, held, nightly_checks.runs_miscounted()


def written():
    return list(Mail.objects.order_by("pk").values_list("template", flat=True))


def open_offers():
    return ActionLink.objects.filter(purpose="offer", expires_at__gt=timezone.now(), used_at=None)


def offering_run(**facts):
    """Return (a full run that offers freed places, its one booking, the booking that waits)."""
    run = RunFactory(**{"places": 1, "freed_places": "offer"} | facts)
    return run, asks(run), asks(run)


def test_a_freed_place_is_offered_to_the_first_and_held_for_them():
    run, first, second = offering_run()
    third = asks(run)
    booking.withdraw(first, by=first.person)
    assert states(run) == ["withdrawn", "offered", "waiting"]
    assert counts(run) == (1, 1, [])
    assert (now_is(third).state, asks(run).state) == ("waiting", "waiting")
    link = ActionLink.objects.get(purpose="offer")
    assert (link.sent_to, link.expires_at) == (second.person.email, now_is(second).offered_until)
    mail = Mail.objects.filter(template="place_offered").get()
    assert mail.to == second.person.email
    assert "/offers/" in mail.text


def test_an_offer_accepted_is_a_place_and_accepted_again_the_same():
    run, first, second = offering_run()
    booking.withdraw(first, by=first.person)
    for _ in range(2):
        assert booking.accept_offer(second, by="LINK 1").state == "confirmed"
    assert counts(run) == (1, 1, [])
    assert written().count("booking_confirmed") == 2
    assert not open_offers().exists()


def test_an_offer_declined_goes_to_the_next():
    run, first, second = offering_run()
    third = asks(run)
    booking.withdraw(first, by=first.person)
    for _ in range(2):
        booking.decline_offer(second, by="LINK 1")
    assert [now_is(b).state for b in (second, third)] == ["declined", "offered"]
    assert counts(run) == (1, 1, [])
    with pytest.raises(BookingRefused, match="no longer an offer: the booking is now ‘offer decl"):
        booking.accept_offer(second, by="LINK 1")


def test_an_offer_that_nobody_takes_lapses_to_the_next():
    run, first, second = offering_run()
    third = asks(run)
    booking.withdraw(first, by=first.person)
    assert expiry.lapse_offers() is False
    with time_machine.travel(now_is(second).offered_until):
        with pytest.raises(BookingRefused, match="offer has expired"):
            booking.accept_offer(second, by="LINK 1")
        assert expiry.lapse_offers() is True
        assert expiry.lapse_offers() is False
    assert [now_is(b).state for b in (second, third)] == ["lapsed", "offered"]
    assert counts(run) == (1, 1, [])
    assert [m.to for m in Mail.objects.filter(template="offer_lapsed")] == [second.person.email]
    assert Event.objects.filter(action="booking.lapsed").get().by_process == "CLOCK"


def test_the_last_offer_that_lapses_leaves_a_free_place_for_anybody():
    run, first, second = offering_run()
    booking.withdraw(first, by=first.person)
    with time_machine.travel(now_is(second).offered_until):
        expiry.lapse_offers()
        assert asks(run).state == "confirmed"


def test_promoted_at_once_but_never_into_the_days_when_cancelling_costs():
    for days, state in ((30, "confirmed"), (2, "offered")):
        starts = timezone.now() + dt.timedelta(days=days)
        run, first, second = offering_run(freed_places="at_once", starts_at=starts)
        booking.withdraw(first, by=first.person)
        assert now_is(second).state == state
    assert "your agency is charged £80" in Mail.objects.get(template="place_offered").text


def test_nothing_is_offered_in_the_last_two_hours():
    run, first, second = offering_run(starts_at=timezone.now() + 119 * dt.timedelta(minutes=1))
    booking.withdraw(first, by=first.person)
    assert now_is(second).state == "waiting"
    assert counts(run) == (0, 0, [])


def test_cancelling_a_date_ends_its_offers_and_their_links():
    run, first, second = offering_run()
    booking.withdraw(first, by=first.person)
    scheduling.cancel(run, by="OFFICE", reason="The hall is flooded.")
    assert states(run) == ["withdrawn", "cancelled"]
    with pytest.raises(BookingRefused, match="date cancelled"):
        booking.accept_offer(second, by="LINK 1")
    assert not open_offers().exists()


def test_a_late_cancellation_is_charged_and_an_early_one_is_not():
    early, late = (BookingFactory(run__starts_at=timezone.now() + dt.timedelta(days=d)) for d in
                   (10, 2))  # fmt: skip
    for made in (early, late):
        booking.withdraw(made, by=made.person)
    charge = Charge.objects.get()
    assert (charge.booking, charge.kind, str(charge.amount)) == (late, "late", "80.00")
    assert "charged £80" in Mail.objects.get(about_id=str(late.pk)).text


def test_leaving_a_queue_late_or_declining_costs_nothing():
    run, first, second = offering_run(starts_at=timezone.now() + dt.timedelta(days=2))
    booking.withdraw(second, by=second.person)
    assert not Charge.objects.exists()


def test_an_agency_over_its_cap_waits_though_places_are_free():
    agency = AgencyFactory()
    run = RunFactory(places=5, agency_cap=2)
    made = [asks(run, agency=agency) for _ in range(3)]
    assert [b.state for b in made] == ["confirmed", "confirmed", "waiting"]
    assert asks(run).state == "confirmed"
    booking.withdraw(made[0], by=made[0].person)
    assert now_is(made[2]).state == "confirmed"
    assert counts(run) == (3, 3, [])


def test_places_are_kept_for_a_sector_until_their_day_and_then_the_queue_is_first():
    schools = SectorFactory(name="Schools")
    run = RunFactory(places=3)
    release = timezone.localdate() + dt.timedelta(days=7)
    Reserve.objects.create(run=run, sector=schools, places=2, release_on=release)
    first, second, third = (asks(run) for _ in range(3))
    assert [b.state for b in (first, second, third)] == ["confirmed", "waiting", "waiting"]
    assert asks(run, agency=AgencyFactory(sector=schools)).state == "confirmed"
    assert expiry.release_reserves() is False
    with time_machine.travel(timezone.now() + dt.timedelta(days=7)):
        assert asks(run).state == "waiting"
        expiry.release_reserves()
        expiry.release_reserves()
    assert [now_is(b).state for b in (second, third)] == ["confirmed", "waiting"]
    assert counts(run) == (3, 3, [])


def test_who_has_never_done_the_course_comes_first_where_the_office_says_so():
    run = RunFactory(places=1, priority_rule="first_time")
    holder = asks(run)
    again = professional()
    CompletionFactory(person=again, course=run.course)
    again, new = booking.request_place(run, again, by=again), asks(run)
    booking.withdraw(holder, by=holder.person)
    assert [now_is(b).state for b in (again, new)] == ["waiting", "confirmed"]


def test_the_office_moves_somebody_and_nobody_else_loses_their_order():
    run = RunFactory(places=0)
    a, b, c, d = (asks(run) for _ in range(4))
    waiting_list.move(d, 2, by="OFFICE")
    assert list(Booking.objects.in_queue_order()) == [a, d, b, c]
    waiting_list.move(a, 99, by="OFFICE")
    assert list(Booking.objects.in_queue_order()) == [d, b, c, a]
    assert [x.position for x in Booking.objects.with_position().order_by("pk")] == [4, 2, 3, 1]
    late = asks(run)
    assert list(Booking.objects.in_queue_order()) == [d, b, c, a, late]
    moved = Event.objects.filter(action="booking.moved_in_queue")
    assert [(e.was, e.now) for e in moved.order_by("pk")] == [
        ({"turn": 4}, {"turn": 2}),
        ({"turn": 1}, {"turn": 4}),
    ]
    assert now_is(d).queued_at == d.queued_at


def test_those_who_asked_at_the_same_moment_can_be_moved_too():
    run, moment = RunFactory(places=0), timezone.now()
    a, b, c = (BookingFactory(run=run, state="waiting", queued_at=moment) for _ in range(3))
    waiting_list.move(c, 1, by="OFFICE")
    assert list(Booking.objects.in_queue_order()) == [c, a, b]


def test_editing_a_note_changes_nobodys_turn():
    run = RunFactory(places=0)
    a, b = asks(run), asks(run)
    a.access_needs = "A chair with arms."
    a.save()
    assert list(Booking.objects.in_queue_order()) == [a, b]


def test_only_who_waits_can_be_moved():
    made = BookingFactory()
    with pytest.raises(BookingRefused, match="Only somebody who waits"):
        waiting_list.move(made, 1, by="OFFICE")


def test_the_office_adds_somebody_over_the_limit_with_a_reason():
    run = RunFactory(places=1)
    asks(run)
    waits = asks(run)
    for reason in ("", "  "):
        with pytest.raises(BookingRefused, match="Say why"):
            booking.add_regardless(run, professional(), by="OFFICE", reason=reason)
    called_off = RunFactory(cancelled_at=timezone.now())
    with pytest.raises(BookingRefused, match="cancelled, over or unset. Choose another date."):
        booking.add_regardless(called_off, professional(), by="OFFICE", reason="A new trainer")
    added = booking.add_regardless(run, professional(), by="OFFICE", reason="A new trainer")
    again = booking.add_regardless(run, added.person, by="OFFICE", reason="A new trainer")
    assert (added.state, added.override_reason, again) == ("confirmed", "A new trainer", added)
    assert counts(run) == (2, 2, [])
    booking.withdraw(added, by="OFFICE")
    assert now_is(waits).state == "waiting"
    assert counts(run) == (1, 1, [])


def test_who_waits_is_added_on_the_booking_that_they_have():
    run = RunFactory(places=1)
    asks(run)
    waits = asks(run)
    added = booking.add_regardless(run, waits.person, by="OFFICE", reason="The chair asks")
    assert (added, added.state) == (waits, "confirmed")
    assert counts(run) == (2, 2, [])


def test_who_is_not_of_the_audience_is_refused_and_may_be_added_all_the_same():
    midwives, teachers = RoleGroupFactory(name="Midwives"), RoleGroupFactory(name="Teachers")
    run = RunFactory()
    run.course.for_role_groups.add(midwives)
    person = professional(role_group=teachers)
    with pytest.raises(BookingRefused, match="This course is for Midwives"):
        booking.request_place(run, person, by=person)
    assert booking.add_regardless(run, person, by="OFFICE", reason="Agreed").state == "confirmed"
    assert asks(run, role_group=midwives).state == "confirmed"


def test_a_sector_that_the_course_is_not_for_is_refused():
    run = RunFactory()
    run.course.for_sectors.add(SectorFactory(name="Schools"))
    Sector.objects.get_or_create(name="Health")
    with pytest.raises(BookingRefused, match="of these sectors: Schools"):
        asks(run)


def test_what_is_chargeable_asks_for_a_cost_code():
    from courses.models import Fee

    run = RunFactory(course=CourseFactory(charges_fee=True))
    pays, pays_not = AgencyFactory(sector=SectorFactory(name="Schools")), AgencyFactory()
    Fee.objects.create(sector=pays.sector)
    person = professional(agency=pays)
    with pytest.raises(BookingRefused, match="purchase order or cost code"):
        booking.request_place(run, person, by=person)
    made = booking.request_place(run, person, by=person, cost_code=" PO 123 ")
    assert (made.state, made.cost_code) == ("confirmed", "PO 123")
    assert asks(run, agency=pays_not).state == "confirmed"


def test_a_place_is_given_to_a_colleague_without_a_charge():
    run = RunFactory(places=1, starts_at=timezone.now() + dt.timedelta(days=1))
    mine = asks(run)
    waits = asks(run)
    colleague = professional(agency=mine.agency)
    for _ in range(2):
        theirs = booking.substitute(mine, colleague, by=mine.person)
    assert (now_is(mine).state, theirs.state) == ("substituted", "confirmed")
    assert (theirs.person, theirs.takes_over) == (colleague, mine)
    assert now_is(waits).state == "waiting"
    assert counts(run) == (1, 1, [])
    assert not Charge.objects.exists()
    assert written()[-2:] == ["place_given", "booking_confirmed"]


def test_a_colleague_who_waits_takes_the_place_on_their_own_booking():
    run = RunFactory(places=1)
    mine = asks(run)
    theirs = asks(run, agency=mine.agency)
    assert booking.substitute(mine, theirs.person, by=mine.person) == theirs
    assert states(run) == ["substituted", "confirmed"]
    assert counts(run) == (1, 1, [])


def test_a_place_over_the_limit_can_change_hands_too():
    run = RunFactory(places=1)
    asks(run)
    mine = booking.add_regardless(run, professional(), by="OFFICE", reason="Agreed")
    booking.substitute(mine, professional(agency=mine.agency), by=mine.person)
    assert counts(run) == (2, 2, [])


def test_who_was_offered_a_place_and_is_given_one_frees_theirs():
    run, first, second = offering_run(places=2)
    third = asks(run)
    booking.withdraw(first, by=first.person)
    colleague = now_is(third)
    assert colleague.state == "offered"
    PostFactory(person=colleague.person, agency=second.agency)
    waits = asks(run)
    booking.substitute(second, colleague.person, by=second.person)
    assert [now_is(b).state for b in (second, third, waits)] == [
        "substituted", "confirmed", "offered",
    ]  # fmt: skip
    assert counts(run) == (2, 2, [])


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ("stranger", "as far as we know"),
        ("me", "not yourself"),
        ("booked", "has a place on this date already"),
        ("closed", "as far as we know"),
    ],
)
def test_a_place_goes_to_a_colleague_of_the_same_agency_only(who, sentence):
    mine = asks(RunFactory())
    colleague = {
        "stranger": professional,
        "me": lambda: mine.person,
        "booked": lambda: asks(mine.run, agency=mine.agency).person,
        "closed": lambda: professional(agency=mine.agency, person__is_active=False),
    }[who]()
    with pytest.raises(BookingRefused, match=sentence):
        booking.substitute(mine, colleague, by=mine.person)


def test_only_a_confirmed_place_can_be_given_and_only_before_it_begins():
    waits = BookingFactory(state="waiting")
    begun = BookingFactory(run__starts_at=timezone.now() - HOUR)
    for made, sentence in ((waits, "Only a confirmed place"), (begun, "This date has begun")):
        with pytest.raises(BookingRefused, match=sentence):
            booking.substitute(made, PersonFactory(), by=made.person)


def test_raising_the_places_offers_them_and_takes_in_who_was_over_the_limit():
    run, first, second = offering_run()
    booking.add_regardless(run, professional(), by="OFFICE", reason="Agreed")
    scheduling.change(run, places=2, by="OFFICE")
    assert now_is(second).state == "waiting"
    scheduling.change(run, places=3, by="OFFICE")
    assert now_is(second).state == "offered"
    run.refresh_from_db()
    assert (run.places, run.extra, run.taken) == (3, 0, 3)


def test_who_has_an_account_again_is_served_before_a_newcomer():
    run, first, second = offering_run()
    second.person.is_active = False
    second.person.save()
    booking.withdraw(first, by=first.person)
    second.person.is_active = True
    second.person.save()
    assert asks(run).state == "waiting"
    assert now_is(second).state == "offered"
