"""Test that verbs treat each of thirty people as if alone: mails, links, charges, history."""

import datetime as dt
import re
from collections import Counter

import pytest
from django.utils import timezone

from certificates.models import Certificate
from courses.attendance import register
from courses.attendance.marking import Attendance
from courses.booking import nightly_checks
from courses.models import Booking, Charge, Completion, Evaluation, Reminder
from courses.rules.ledger import REGISTER_CORRECTED
from courses.scheduling import scheduling
from history.models import Event
from lms import links
from lms.models import ActionLink, Mail
from tests.courses.crowds import (
    as_it_is,
    charged,
    gave_up_late_before,
    marked,
    over,
    people,
    reminded,
    signed_off,
    with_certificates,
)
from tests.factories import PersonFactory, RunFactory, in_days

pytestmark = pytest.mark.django_db
FIVE = 5


def charges_of(bookings):
    rows = Charge.objects.filter(booking__in=bookings)
    return Counter((row.kind, row.amount, row.waived_at is not None) for row in rows)


def told(template):
    return Mail.objects.filter(template=template).order_by("pk")


def to(bookings):
    return sorted(each.person.email for each in bookings)


def events(action):
    return list(Event.objects.filter(action=action).order_by("pk"))


def link_in(letter, purpose, path):
    """Return the link in this mail, after checking that it was made for its recipient."""
    token = re.search(rf"/{path}/([\w-]{{32}})/", letter.text)[1]
    found = links.find(purpose, token)
    assert found.sent_to == letter.to
    return found


def each_has_a_link_of_their_own(letters, purpose, path):
    found = [link_in(letter, purpose, path) for letter in letters]
    assert [one.about_id for one in found] == [letter.about_id for letter in letters]
    assert (
        len({one.pk for one in found})
        == len(letters)
        == ActionLink.objects.filter(purpose=purpose).count()
    )


def test_signing_off_completes_charges_and_asks_each_once():
    run, trainer = over(), PersonFactory()
    came = marked(people(run, FIVE), "present")
    late = marked(people(run, FIVE), "late", minutes_missed=10)
    sorry = marked(people(run, FIVE), "apologies")
    charged_before = marked(gave_up_late_before(people(run, FIVE)), "absent")
    absent = marked(people(run, FIVE), "absent")
    nobody_marked = people(run, FIVE)

    completions = register.close(as_it_is(run), by=trainer)

    assert {each.booking_id for each in completions} == {each.pk for each in came + late}
    assert charges_of(came + late) == {("fee", 80, False): 10}
    assert charges_of(sorry + absent) == {("absent", 80, False): 10}
    assert charges_of(charged_before + nobody_marked) == {}
    by_name = [each.person.name for each in sorted(came + late + sorry + absent, key=name_of)]
    made = Charge.objects.exclude(kind="late").order_by("pk")
    assert [charge.booking.person.name for charge in made] == by_name
    assert [event.thing_id for event in events("charge.made")] == [str(one.pk) for one in made]
    assert Counter(event.now["kind"] for event in events("charge.made")) == {
        "fee": 10,
        "absent": 10,
    }
    assert len(events("register.closed")) == len(events("evaluation.asked")) == 1

    letters = told("evaluation_asked")
    assert sorted(letter.to for letter in letters) == to(came + late)
    assert Mail.objects.count() == 10
    asked = Evaluation.objects.values_list("booking", flat=True)
    assert set(asked) == {each.pk for each in came + late}
    each_has_a_link_of_their_own(letters, "evaluation", "evaluation")


def name_of(each):
    return (each.person.name, each.pk)


def test_releasing_absences_charges_and_tells_each_once():
    run, office = signed_off(), PersonFactory()
    guessed = marked(people(run, 10), "absent", is_automatic=True)
    charged_already = charged(marked(people(run, 10), "absent"), "absent")
    waived = charged(
        marked(people(run, FIVE), "absent"), "absent", waived_at=timezone.now(), waiver_reason="Ill"
    )
    gave_up = marked(gave_up_late_before(people(run, FIVE)), "absent", is_automatic=True)

    for _ in range(2):
        register.release_absence_notices(as_it_is(run), by=office)

    assert charges_of(guessed + charged_already) == {("absent", 80, False): 20}
    assert charges_of(waived) == {("absent", 80, True): 5}
    assert charges_of(gave_up) == {}
    letters = {letter.to: letter for letter in told("did_not_come")}
    assert sorted(letters) == to(guessed + charged_already + waived + gave_up)
    assert Mail.objects.count() == 30
    named = [each for each in letters.values() if "is charged £80 for the empty" in each.text]
    assert sorted(letter.to for letter in named) == to(guessed + charged_already)
    assert all(letters[b.person.email].cc == [b.manager_email] for b in guessed)
    assert len(events("charge.made")) == 10
    assert len(events("register.absences_told")) == 1


def test_a_correction_follows_for_each_whose_mark_is_changed():
    run, trainer = signed_off(), PersonFactory()
    loses = charged(with_certificates(marked(people(run, 10), "present")), "fee")
    keeps = charged(with_certificates(marked(people(run, FIVE), "present")), "fee")
    gains = charged(marked(people(run, FIVE), "absent"), "absent")
    corrected = {"waived_at": timezone.now(), "waiver_reason": REGISTER_CORRECTED}
    again = charged(charged(marked(people(run, FIVE), "absent"), "fee", **corrected), "absent")
    by_hand = {"waived_at": timezone.now(), "waiver_reason": "Ill"}
    waived = charged(marked(people(run, FIVE), "present"), "absent", **by_hand)
    seen = {each.pk: Attendance("absent") for each in loses + waived}
    seen |= {each.pk: Attendance("present") for each in gains + again}

    sessions = dict.fromkeys(run.sessions.all(), seen)
    register.correct_sessions(as_it_is(run), sessions, by=trainer, reason="The wrong sheet")

    assert charges_of(loses) == {("fee", 80, True): 10, ("absent", 80, False): 10}
    assert charges_of(keeps) == {("fee", 80, False): 5}
    assert charges_of(gains + again) == {("absent", 80, True): 10, ("fee", 80, False): 10}
    assert charges_of(waived) == {("absent", 80, True): 5}
    completed = Completion.objects.valid().filter(booking__run=run).values_list("booking")
    assert {pk for (pk,) in completed} == {each.pk for each in keeps + gains + again}
    lost = Certificate.objects.filter(revoked_reason="The wrong sheet")
    assert {one.holder_id for one in lost} == {each.person_id for each in loses}
    assert Certificate.objects.live().count() == FIVE
    letters = told("completion_withdrawn")
    assert sorted(letter.to for letter in letters) == to(loses)
    numbers = {one.holder.email: one.number for one in lost}
    assert all(numbers[letter.to] in letter.text for letter in letters)
    assert sorted(one.to for one in told("evaluation_asked")) == to(keeps + gains + again)
    assert Counter(Event.objects.values_list("action", flat=True)) == {
        "register.corrected": 2, "completion.withdrawn": 10, "certificate.revoked": 10,
        "completion.given": 10, "charge.made": 15, "charge.waived": 20, "charge.reinstated": 5,
        "evaluation.asked": 1,
    }  # fmt: skip


@pytest.mark.parametrize("freed_places", ["at_once", "offer"])
def test_places_that_are_raised_go_to_the_first_of_thirty(freed_places):
    run = RunFactory(places=0, freed_places=freed_places)
    queue = people(run, 20, state="waiting") + people(run, 10, state="requested")
    for number, each in enumerate(queue):
        each.queued_at = in_days(-9) + dt.timedelta(minutes=number * 7 % 30)
        each.save()
    in_turn = list(Booking.objects.in_queue_order().filter(run=run))

    scheduling.change(as_it_is(run), places=12, by="OFFICE")

    got, rest = in_turn[:12], in_turn[12:]
    held = Booking.objects.filter(run=run, holds_place=True)
    assert set(held) == set(got)
    assert (as_it_is(run).taken, nightly_checks.runs_miscounted()) == (12, [])
    given = "confirmed" if freed_places == "at_once" else "offered"
    becomes = {"waiting": given, "requested": "requested"}
    states = dict(Booking.objects.filter(run=run).values_list("pk", "state"))
    assert [states[each.pk] for each in got] == [becomes[each.state] for each in got]
    assert [states[each.pk] for each in rest] == [each.state for each in rest]

    actions = {"waiting": {"confirmed": "booking.promoted", "offered": "booking.offered"}[given]}
    actions |= {"requested": "booking.place_held"}
    happened = Event.objects.filter(thing_type="courses.booking").order_by("pk")
    assert [(e.thing_id, e.action, e.was, e.now) for e in happened] == [
        (str(b.pk), actions[b.state], {"state": b.state}, {"state": becomes[b.state]}) for b in got
    ]
    waited = [each for each in got if each.state == "waiting"]
    letters = told("booking_confirmed" if freed_places == "at_once" else "place_offered")
    assert [letter.about_id for letter in letters] == [str(each.pk) for each in waited]
    assert Mail.objects.count() == len(waited)
    if freed_places == "offer":
        each_has_a_link_of_their_own(letters, "offer", "offers")


def moved(run, days):
    was = scheduling.times_of(run)
    for session in run.sessions.all():
        session.starts_at += dt.timedelta(days=days)
        session.ends_at += dt.timedelta(days=days)
        session.save()
    scheduling.settle_dates(as_it_is(run), by="OFFICE", was=was)


def test_moving_tells_each_once_and_reminds_anew_those_alone_whose_reminder_had_not_gone():
    run = RunFactory(starts_at=in_days(10), places=None)
    waits, gone = people(run, 10), people(run, 10)
    reminded(gone)
    Mail.objects.update(state=Mail.SENT)
    reminded(waits)
    offers = people(run, 10, state="offered", queued_at=in_days(3))
    for each in offers:
        links.create("offer", each, sent_to=each.person.email, until=each.offered_until)
    before = list(Mail.objects.values_list("pk", flat=True))

    moved(run, -6)

    run = as_it_is(run)
    assert [session.sequence for session in run.sessions.all()] == [1]
    assert sorted(letter.to for letter in told("run_moved")) == to(waits + gone + offers)
    assert Mail.objects.exclude(pk__in=before).count() == 30
    states = Mail.objects.filter(pk__in=before).values_list("state", flat=True)
    assert Counter(states) == {"sent": 30, "dropped": 30}
    still = set(Reminder.objects.values_list("booking", flat=True))
    assert still == {each.pk for each in gone}
    until = Booking.objects.filter(state="offered").values_list("offered_until", flat=True)
    assert {*until, *ActionLink.objects.values_list("expires_at", flat=True)} == {run.starts_at}
    attached = [letter.attachments[0]["type"] for letter in told("run_moved") if letter.attachments]
    assert attached == ["text/calendar; method=REQUEST; charset=utf-8"] * 20


def test_cancelling_ends_each_booking_with_one_mail():
    run = RunFactory(places=None)
    groups = [people(run, 10, state=state) for state in ("confirmed", "waiting", "offered")]

    scheduling.cancel(as_it_is(run), by="OFFICE", reason="Snow")

    everybody = sum(groups, [])
    assert [letter.about_id for letter in told("run_cancelled")] == [str(b.pk) for b in everybody]
    assert Mail.objects.count() == 30
    confirmed = {each.person.email for each in groups[0]}
    assert all(bool(one.attachments) == (one.to in confirmed) for one in told("run_cancelled"))
    assert set(Booking.objects.values_list("state", "holds_place")) == {("cancelled", False)}
    assert len(events("booking.cancelled")) == 30
    assert as_it_is(run).taken == 0
