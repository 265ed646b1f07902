"""Test that whoever was told of a date is told again, whichever door changed it.

Each recipient's calendar is kept as their program would keep it, from the mails alone and read by
another parser (vobject), and compared with what is true.
"""

import datetime as dt
import re
from base64 import b64decode
from dataclasses import replace

import pytest
import vobject
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from courses.booking import booking, group_booking
from courses.models import Booking, Course, DeliveryRequest, Fee, Run, Session, Told, Venue
from courses.notices import ical, notices
from courses.scheduling import repeating, scheduling, shared_facts, telling, trainers
from courses.scheduling.planning import PlannedSession
from history.models import Event
from lms.formatting import moment, weekday
from lms.models import Mail
from tests.factories import (
    AgencyFactory,
    BookingFactory,
    PersonFactory,
    PostFactory,
    RunFactory,
    TrainerFactory,
    VenueFactory,
    in_days,
)

pytestmark = pytest.mark.django_db
MANAGER = "manager@example.org"


@pytest.fixture
def date(office):
    """Make a date of two sessions with a delegate, somebody who waits, a trainer and a booker."""
    return Date(office)


class Date:
    """A date with everybody concerned, each told by the verbs that tell them."""

    def __init__(self, office):
        self.office = office
        times = [(in_days(30), in_days(30, "12:00")), (in_days(31), in_days(31, "12:00"))]
        self.venue = VenueFactory(name="Harbour Hall", address="1 Harbour Street\nPortsmouth")
        self.run = RunFactory(sessions=times, venue=self.venue, places=2, course__title="Neglect")
        self.delegate = PersonFactory(name="Dee", email="dee@example.org")
        made = BookingFactory(run=self.run, person=self.delegate, manager_email=MANAGER)
        notices.confirmed(made)
        lead = PostFactory(is_lead=True, person__email="lead@example.org")
        colleague = PostFactory(agency=lead.agency, person__email="col@example.org")
        [booked] = group_booking.book(self.now(), [colleague], agency=lead.agency, by=lead.person)
        assert booked.booking.state == "confirmed"
        self.waiting = BookingFactory(
            run=self.run, person__email="wil@example.org", state="waiting"
        )
        notices.waiting(self.waiting)
        self.trainer = TrainerFactory(
            subjects=[self.run.course], person__email="tess@example.org"
        ).person
        trainers.put_on(self.now(), self.trainer, by=office)
        self.other = TrainerFactory(
            subjects=[self.run.course], person__email="tom@example.org"
        ).person
        self.since = Mail.objects.latest("pk").pk

    def now(self):
        return Run.objects.get(pk=self.run.pk)

    def planned(self):
        return [
            PlannedSession(s.starts_at, s.ends_at, s.name, s.is_essential, pk=s.pk)
            for s in self.now().sessions.all()
        ]

    def written(self):
        """Return who was written to since then: address and kind, copies included."""
        mails = Mail.objects.filter(pk__gt=self.since).order_by("pk")
        return {(to, mail.template) for mail in mails for to in mail.addresses}


def calendars():
    """Return each recipient's calendar by UID, as their program has it after all the mails."""
    kept = {}
    for mail in Mail.objects.order_by("pk"):
        for one in mail.attachments:
            whole = vobject.readOne(b64decode(one["content"]).decode())
            [entry] = whole.vevent_list
            uid, sequence = entry.uid.value, int(entry.sequence.value)
            now = (
                whole.method.value,
                entry.dtstart.value.astimezone(dt.UTC),
                entry.dtend.value.astimezone(dt.UTC),
                entry.summary.value.partition(" – ")[0],
                entry.location.value,
                entry.contents["description"][0].value if "description" in entry.contents else "",
            )
            assert one["type"].startswith(f"text/calendar; method={whole.method.value};")
            assert entry.attendee.value == f"mailto:{mail.to}"
            had = kept.setdefault(mail.to, {}).get(uid)
            # Anything else under a number that the program has seen is ignored.
            assert had is None or sequence > had[0] or (sequence, now) == had, (mail.to, uid)
            kept[mail.to][uid] = (sequence, now)
    return kept


def valid(calendar):
    """Return what a calendar shows: the entries that are not cancelled."""
    return sorted(now[1:] for _, now in calendar.values() if now[0] == "REQUEST")


def truth(run):
    place = ", ".join([run.venue.name, *run.venue.address.split("\n")]) if run.venue else run.link
    return sorted(
        (
            s.starts_at.astimezone(dt.UTC),
            s.ends_at.astimezone(dt.UTC),
            run.course.title,
            place,
            run.joining_instructions,
        )
        for s in run.sessions.all()
    )


def jobs_run():
    """Run what time brings: by night the comparison, and each minute those who are told."""
    telling.compare()
    while telling.tell_again():
        pass


# Doors: what each does, and who gets which mail. Everybody who is told of a change:
CHANGED = {
    ("dee@example.org", "run_moved"),
    (MANAGER, "run_moved"),
    ("col@example.org", "run_moved"),
    ("wil@example.org", "run_moved"),
    ("tess@example.org", "trainer_date_changed"),
    ("lead@example.org", "colleagues_date_changed"),
}
# What nobody knows before a place is theirs: instructions, travel, the link.
OF_A_PLACE = CHANGED - {
    ("wil@example.org", "run_moved"),
    ("lead@example.org", "colleagues_date_changed"),
}
EXCHANGED = {("tess@example.org", "trainer_taken_off"), ("tom@example.org", "trainer_put_on")}
CANCELLED = {
    ("dee@example.org", "run_cancelled"),
    (MANAGER, "run_cancelled"),
    ("col@example.org", "run_cancelled"),
    ("wil@example.org", "run_cancelled"),
    ("tess@example.org", "trainer_date_cancelled"),
    ("lead@example.org", "colleagues_date_changed"),
}
DOORS = {}


def door(*tells):
    def keep(act):
        DOORS[act.__name__] = (act, set().union(*tells))
        return act

    return keep


def change(date, **details):
    scheduling.change(date.now(), by=date.office, **details)


@door(CHANGED)
def moved(date):
    later = dt.timedelta(days=1)
    plan = [replace(s, starts_at=s.starts_at + later, ends_at=s.ends_at + later)
            for s in date.planned()]  # fmt: skip
    change(date, sessions=plan)


@door(CHANGED)
def one_session_moved(date):
    first, second = date.planned()
    change(date, sessions=[first, replace(second, ends_at=second.ends_at + dt.timedelta(hours=1))])


@door(CHANGED)
def a_session_added(date):
    more = PlannedSession(in_days(32), in_days(32, "12:00"), "Day 3")
    change(date, sessions=[*date.planned(), more])


@door(CHANGED)
def at_another_venue(date):
    change(date, venue=VenueFactory(name="Town Hall"))


@door(CHANGED)
def online_instead(date):
    change(date, venue=None, link="https://meet.example.org/1", format="online")


@door(CHANGED)
def sessions_named(date):
    first, second = date.planned()
    change(date, sessions=[replace(first, name="Day 1"), replace(second, name="Day 2")])


@door(OF_A_PLACE)
def joining_instructions(date):
    change(date, joining_instructions="Bring lunch.")


@door(CHANGED)
def readdressed(date):
    date.venue.address = "2 Harbour Street\nPortsmouth"
    shared_facts.save(date.venue, by=date.office)
    jobs_run()


@door(OF_A_PLACE)
def how_to_get_there(date):
    date.venue.travel = "Bus 3."
    shared_facts.save(date.venue, by=date.office)
    jobs_run()


@door(EXCHANGED)
def trainer_exchanged_by_form(date):
    change(date, trainers=[date.other])


@door(EXCHANGED)
def trainer_exchanged_by_delivering(date):
    trainers.take_off(date.now(), date.trainer, by=date.office)
    trainers.put_on(date.now(), date.other, by=date.office)


@door({("tom@example.org", "can_you_deliver"), ("tom@example.org", "trainer_put_on"),
       ("training@board.example.org", "delivery_answered")})  # fmt: skip
def trainer_says_yes(date):
    [request] = trainers.ask(date.now(), [date.other], by=date.office)
    trainers.answer(request, can=True, by=date.other)


@door(EXCHANGED, {("tess@example.org", "trainer_put_on")})
def trainer_off_and_on_again(date):
    trainer_exchanged_by_form(date)
    change(date, trainers=[date.trainer, date.other])


@door(CHANGED, EXCHANGED)
def moved_with_another_trainer(date):
    DOORS["moved"][0](date)
    trainer_exchanged_by_form(date)


@door(CHANGED)
def moved_in_the_database(date):
    for session in Session.objects.filter(run=date.run):
        later = session.starts_at + dt.timedelta(hours=1)
        Session.objects.filter(pk=session.pk).update(starts_at=later)
    jobs_run()


@door(CHANGED)
def course_renamed(date):
    course = date.now().course
    course.title = "Neglect and poverty"
    shared_facts.save(course, by=date.office)
    jobs_run()


@door(CHANGED)
def course_renamed_in_the_database(date):
    Course.objects.update(title="Neglect and poverty")
    jobs_run()


@door(CHANGED)
def readdressed_in_the_database(date):
    Venue.objects.update(address="3 Harbour Street")
    jobs_run()


@door(OF_A_PLACE)
def instructions_in_the_database(date):
    Run.objects.update(joining_instructions="Bring lunch.")
    jobs_run()


@door(EXCHANGED)
def trainer_exchanged_in_the_database(date):
    date.now().trainers.set([date.other])
    jobs_run()


@door(CANCELLED)
def cancelled(date):
    scheduling.cancel(date.now(), by=date.office, reason="Snow.")


@door(CANCELLED, CHANGED)
def moved_and_cancelled(date):
    DOORS["moved"][0](date)
    cancelled(date)


@door(OF_A_PLACE)
def held_and_released(date):
    change(date, joining_instructions="Bring lunch.", held_because="Not settled yet.")
    jobs_run()
    assert date.written() == set()
    telling.release(date.now(), by=date.office)


@pytest.mark.parametrize("name", DOORS)
def test_everybody_concerned_is_told_whichever_door_changed_it(date, name):
    act, expected = DOORS[name]
    act(date)
    assert date.written() == expected
    run, kept = date.now(), calendars()
    delivers = set(run.trainers.values_list("email", flat=True))
    for address in ("dee@example.org", "col@example.org", "tess@example.org", "tom@example.org"):
        has = not run.cancelled_at and (address in delivers or address.startswith(("dee", "col")))
        assert valid(kept.get(address, {})) == (truth(run) if has else []), address


# Who was asked to decide


@pytest.fixture
def asked(date):
    """Ask everybody about the date who can be asked: each reader by their address."""
    run = date.run
    agency = AgencyFactory()
    PostFactory(agency=agency, is_lead=True, person__email="joblead@example.org")
    new = [PostFactory(agency=agency, confirmed_at=None), PostFactory(confirmed_at=None)]
    for post in new:
        booking.request_place(date.now(), post.person, by=post.person)
    Run.objects.filter(pk=run.pk).update(asks_approval=True)
    vouched = {
        "line_manager_email": "boss@example.org",
        "line_manager_confirmed_at": timezone.now(),
    }
    with_manager = PostFactory(**vouched)
    led = PostFactory(agency=PostFactory(is_lead=True, person__email="led@example.org").agency)
    for post in (with_manager, led):
        booking.request_place(date.now(), post.person, by=post.person)
    pool = TrainerFactory(subjects=[run.course], person__email="tina@example.org").person
    trainers.ask(date.now(), [pool], by=date.office)
    date.since = Mail.objects.latest("pk").pk
    return date


WHO_DECIDES = {
    "place_waits_for_job": {"joblead@example.org", "training@board.example.org"},
    "approval_asked": {"boss@example.org", "led@example.org"},
    "can_you_deliver": {"tina@example.org"},
}
EVERYBODY_ASKED = {(to, kind) for kind, people in WHO_DECIDES.items() for to in people}
NOT_OF_JOBS = {each for each in EVERYBODY_ASKED if each[1] != "place_waits_for_job"}
TRAINER_ASKED = {("tina@example.org", "can_you_deliver")}
NOT_NEEDED = {("tina@example.org", "not_to_deliver")}
# What each door changes of what those know who decide; nothing where it is not named.
DECIDES_BY = {
    "moved": EVERYBODY_ASKED,
    "one_session_moved": EVERYBODY_ASKED,
    "a_session_added": EVERYBODY_ASKED,
    "sessions_named": EVERYBODY_ASKED,
    "moved_with_another_trainer": EVERYBODY_ASKED,
    "moved_in_the_database": EVERYBODY_ASKED,
    "course_renamed": EVERYBODY_ASKED,
    "course_renamed_in_the_database": EVERYBODY_ASKED,
    "at_another_venue": NOT_OF_JOBS,
    "online_instead": NOT_OF_JOBS,
    "readdressed": TRAINER_ASKED,
    "readdressed_in_the_database": TRAINER_ASKED,
    "cancelled": NOT_NEEDED,
    "moved_and_cancelled": EVERYBODY_ASKED | NOT_NEEDED,
}


def told_to_decide(date):
    kinds = {*WHO_DECIDES, "not_to_deliver"}
    return {(to, kind) for to, kind in date.written() if kind in kinds and to != "tom@example.org"}


@pytest.mark.parametrize("name", DOORS)
def test_whoever_was_asked_to_decide_is_told_what_changed_once(asked, name):
    DOORS[name][0](asked)
    assert told_to_decide(asked) == DECIDES_BY.get(name, set())
    told = Mail.objects.count()
    jobs_run()
    assert Mail.objects.count() == told
    for mail in Mail.objects.filter(pk__gt=asked.since, template__in=WHO_DECIDES):
        if mail.to != "tom@example.org":
            assert mail.subject.startswith("Changed: ")
            assert "What has changed since we wrote to you: " in mail.text


def test_the_lead_reads_until_when_the_place_is_kept_after_the_date_has_moved(asked):
    DOORS["moved"][0](asked)
    waits = Booking.objects.waiting_for_job().order_by("pk").first()
    text = Mail.objects.filter(to="joblead@example.org").latest("pk").text
    assert f"Please answer by: {moment(waits.held_until)}" in text
    assert "the times and the day by which to answer" in text


def test_the_manager_gets_a_link_that_decides_and_reads_the_new_day(asked, client):
    DOORS["moved"][0](asked)
    mail = Mail.objects.filter(to="boss@example.org").latest("pk")
    path = re.search(r"https?://[^/]+(/approvals/\S+)", mail.text)[1]
    session = asked.now().sessions.first()
    assert weekday(session.starts_at) in mail.text
    client.get(path)
    client.post(path, {"decision": "approve"})
    assert Booking.objects.get(manager_email="boss@example.org").approved_at


def test_who_was_asked_reads_a_cost_that_has_changed(asked):
    """Set a fee for the sector by a door that tells nobody: found by night."""
    request = Booking.objects.get(manager_email="boss@example.org")
    Course.objects.update(charges_fee=True)
    Fee.objects.update_or_create(sector=request.agency.sector, defaults={"a_day": 80})
    jobs_run()
    assert ("boss@example.org", "approval_asked") in told_to_decide(asked)
    assert "the cost" in Mail.objects.filter(to="boss@example.org").latest("pk").text


def test_nobody_is_asked_again_who_has_nothing_to_decide_any_more(asked):
    for request in Booking.objects.filter(state="requested"):
        booking.withdraw(request, by=request.person)
    trainers.answer(DeliveryRequest.objects.get(), can=False, by=asked.trainer)
    DOORS["moved"][0](asked)
    assert told_to_decide(asked) == set()


def test_a_correction_of_a_courses_name_is_told_to_nobody(asked):
    course = asked.now().course
    course.title = "Neglect."
    shared_facts.save(course, by=asked.office, is_correction=True)
    jobs_run()
    assert asked.written() == set()


def test_a_new_name_of_a_course_is_told_with_the_old_one(date):
    DOORS["course_renamed"][0](date)
    for to in ("dee@example.org", "tess@example.org", "lead@example.org"):
        mail = Mail.objects.filter(to=to).latest("pk")
        assert "the name of the course (it was ‘Neglect’)" in mail.text
        assert "Neglect and poverty" in mail.subject


def test_who_was_told_before_the_register_knew_names_is_not_written_to(date):
    for entry in Told.objects.all():
        facts = {name: entry.facts[name] for name in entry.facts if name != "title"}
        entries = {
            pk: {name: each[name] for name in each if name != "title"}
            for pk, each in entry.entries.items()
        }
        Told.objects.filter(pk=entry.pk).update(facts=facts, entries=entries)
    jobs_run()
    change(date, minimum=1)
    assert date.written() == set()
    made = Booking.objects.get(person=date.delegate)
    whole = vobject.readOne(ical.download(made).decode())
    assert {int(entry.sequence.value) for entry in whole.vevent_list} == {0}


@pytest.mark.parametrize("name", DOORS)
def test_nobody_is_told_twice(date, name):
    DOORS[name][0](date)
    told = Mail.objects.count()
    jobs_run()
    scheduling_again = date.now()
    if not scheduling_again.cancelled_at:
        change(date, minimum=1)
    assert Mail.objects.count() == told


def test_a_chain_of_changes_raises_each_number(date, office):
    """Move, readdress, exchange the trainer, correct without email, cancel: who got what."""
    for act in (moved, readdressed, trainer_exchanged_by_form):
        act(date)
    before = Mail.objects.count()
    change(date, joining_instructions="Brng lunch.", is_correction=True)
    assert Mail.objects.count() == before
    cancelled(date)

    def numbers(address):
        found = []
        for mail in Mail.objects.filter(to=address).order_by("pk"):
            if mail.attachments:
                whole = vobject.readOne(b64decode(mail.attachments[0]["content"]).decode())
                [entry] = whole.vevent_list
                found.append((mail.template, whole.method.value, int(entry.sequence.value)))
        return found

    assert numbers("dee@example.org") == [
        ("booking_confirmed", "REQUEST", 0),
        ("run_moved", "REQUEST", 1),
        ("run_moved", "REQUEST", 2),
        ("run_cancelled", "CANCEL", 3),
    ]
    assert numbers("tess@example.org") == [
        ("trainer_put_on", "REQUEST", 0),
        ("trainer_date_changed", "REQUEST", 1),
        ("trainer_date_changed", "REQUEST", 2),
        ("trainer_taken_off", "CANCEL", 3),
    ]
    tom = numbers("tom@example.org")
    assert [each[:2] for each in tom] == [
        ("trainer_put_on", "REQUEST"),
        ("trainer_date_cancelled", "CANCEL"),
    ]
    assert tom[1][2] > tom[0][2]
    assert all(valid(calendar) == [] for calendar in calendars().values())


def test_a_file_that_one_fetches_oneself_has_the_number_that_was_sent(date):
    joining_instructions(date)
    made = Booking.objects.get(person=date.delegate)
    whole = vobject.readOne(ical.download(made).decode())
    assert {int(entry.sequence.value) for entry in whole.vevent_list} == {1}


def test_trainers_named_with_a_new_date_are_told_and_a_repeat_names_none(date, office):
    plan = [PlannedSession(in_days(40), in_days(40, "12:00"))]
    run = scheduling.add(
        date.run.course, by=office, sessions=plan, trainers=[date.trainer], venue=date.venue
    )
    mail = Mail.objects.get(template="trainer_put_on", about_id=str(run.pk))
    assert (mail.to, len(mail.attachments)) == ("tess@example.org", 1)
    [again] = repeating.repeat(run, [timezone.localdate() + dt.timedelta(days=50)], by=office)
    assert not Mail.objects.filter(about_id=str(again.pk), about_type="courses.run").exists()


def test_a_date_moved_onto_another_place_says_so(date, office):
    other = BookingFactory(
        person=date.delegate, run__sessions=[(in_days(31, "11:00"), in_days(31, "15:00"))],
        run__course__title="Early help",
    )  # fmt: skip
    first, second = date.planned()
    later = dt.timedelta(hours=1)
    change(date, sessions=[first, replace(second, starts_at=second.starts_at + later,
                                          ends_at=second.ends_at + later)])  # fmt: skip
    mail = Mail.objects.get(to="dee@example.org", template="run_moved")
    assert "You also have a place on Early help at the same time" in mail.text
    assert (
        other.run.course.title
        not in Mail.objects.get(to="col@example.org", template="run_moved").text
    )


# Small corrections, and what is held back


@pytest.mark.parametrize(
    "name",
    ["moved", "at_another_venue", "online_instead", "a_session_added", "trainer_exchanged_by_form"],
)
def test_a_change_of_times_place_link_or_trainer_is_no_small_correction(date, name, monkeypatch):
    quiet = {"is_correction": True}
    monkeypatch.setitem(globals(), "change", lambda d, **more: scheduling.change(
        d.now(), by=d.office, **more, **quiet))  # fmt: skip
    with pytest.raises(telling.TellingRefused, match=r"more than a correction"):
        DOORS[name][0](date)
    assert date.written() == set()


@pytest.mark.parametrize("name", ["joining_instructions", "sessions_named"])
def test_a_small_correction_writes_to_nobody_then_or_later(date, name, monkeypatch):
    quiet = {"is_correction": True}
    monkeypatch.setitem(globals(), "change", lambda d, **more: scheduling.change(
        d.now(), by=d.office, **more, **quiet))  # fmt: skip
    DOORS[name][0](date)
    jobs_run()
    assert date.written() == set()
    assert Event.objects.filter(action="run.corrected_without_email").exists()


def test_only_a_training_administrator_holds_emails_back_and_says_why(date):
    with pytest.raises(telling.TellingRefused, match=r"Only a training administrator"):
        scheduling.change(date.now(), by=date.trainer, minimum=1, held_because="Later.")
    with pytest.raises(telling.TellingRefused, match=r"Say why"):
        change(date, minimum=1, held_because=" ")
    change(date, joining_instructions="Bring lunch.", held_because="Not settled.")
    run = date.now()
    assert (run.held_because, date.written()) == ("Not settled.", set())
    assert telling.release(run, by=date.office) == 3
    assert telling.release(run, by=date.office) == 0


# Before the register


def test_who_was_booked_before_the_register_began_is_told_of_what_changes_since(office):
    booked = BookingFactory()
    telling.compare()
    assert not Mail.objects.exists() and Told.objects.get().by_mail is False
    scheduling.change(booked.run, by=office, joining_instructions="Bring lunch.")
    assert [mail.template for mail in Mail.objects.all()] == ["run_moved"]


def test_a_venue_and_the_comparison_ask_as_little_for_many_as_for_one(office):
    def asked(number):
        venue = VenueFactory()
        for _ in range(number):
            run = RunFactory(venue=venue, trainers=[PersonFactory()])
            for _ in range(number):
                BookingFactory(run=run, agency=agency)
        venue.address = "Another"
        with CaptureQueriesContext(connection) as queries:
            shared_facts.save(venue, by=office)
        Run.objects.filter(venue=venue).update(compare_from=None)
        with CaptureQueriesContext(connection) as more:
            telling.compare()
        Run.objects.update(cancelled_at=timezone.now())
        return len(queries), len(more)

    agency = AgencyFactory()
    assert asked(1) == asked(3)


def test_a_withdrawn_place_and_a_colleague_leave_the_register_right(date, office):
    made = Booking.objects.get(person=date.delegate)
    booking.withdraw(made, by=date.delegate, reason="Ill")
    newest = Told.objects.latest().get(booking=made, role="delegate")
    assert newest.is_current is False
    assert valid(calendars()["dee@example.org"]) == []


def test_a_venue_is_told_of_within_a_minute(date):
    """Save the venue in the office's form; no nightly comparison runs."""
    date.venue.address = "9 Harbour Street"
    shared_facts.save(date.venue, by=date.office)
    assert date.written() == set()
    telling.tell_again()
    assert date.written() == CHANGED
