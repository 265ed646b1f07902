"""Test that My learning shows all of one's own records and nothing of others."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from certificates.models import Certificate
from courses.completion import awarding, external_training
from courses.models import Booking, Mark
from tests.factories import (
    BookingFactory,
    CompletionFactory,
    EvaluationFactory,
    EvidenceFactory,
    MaterialFactory,
    PersonFactory,
    PostFactory,
    RunFactory,
    in_days,
)

pytestmark = pytest.mark.django_db
State = Booking.State
LISTS = ("coming_up", "waiting", "completions", "past", "ended")


def said(response):
    """Return the page's text with white space collapsed."""
    return " ".join(response.content.decode().split())


def lists(response):
    return {name: response.context[name] for name in LISTS if response.context[name]}


@pytest.fixture
def person(client):
    person = PostFactory().person
    client.force_login(person)
    return person


def ended_run(**fields):
    return RunFactory(starts_at=in_days(-3), **fields)


def test_asks_to_sign_in(client):
    assert client.get("/my/")["Location"] == "/accounts/login/?next=/my/"


def test_an_empty_record_says_where_to_begin(client, person):
    response = client.get("/my/")

    assert lists(response) == {}
    assert 'href="/courses/">Find a course</a>' in said(response)
    assert "We do not know where you work." not in said(response)


def test_each_booking_stands_in_its_list(client, person):
    later = BookingFactory(person=person, run__starts_at=in_days(20))
    sooner = BookingFactory(person=person, run__starts_at=in_days(10))
    waiting = BookingFactory(person=person, state=State.WAITING)
    missed = BookingFactory(person=person, run=ended_run())
    cancelled = BookingFactory(person=person, state=State.WITHDRAWN, ended_at=timezone.now())
    completion = CompletionFactory(person=person)

    assert lists(client.get("/my/")) == {
        "coming_up": [sooner, later],
        "waiting": [waiting],
        "completions": [completion],
        "past": [missed],
        "ended": [cancelled],
    }


@pytest.mark.parametrize("role", ["stranger", "lead", "trainer"])
def test_nothing_of_others_is_there(client, person, role):
    theirs = CompletionFactory()
    waiting = BookingFactory(agency=theirs.agency, state=State.WAITING)
    if role == "lead":
        PostFactory(person=person, agency=theirs.agency, is_lead=True)
    if role == "trainer":
        theirs.booking.run.trainers.add(person)
        waiting.run.trainers.add(person)

    assert lists(client.get("/my/")) == {}


def test_what_comes_up_can_be_joined_cancelled_and_put_in_a_calendar(client, person):
    booked = BookingFactory(person=person, run__venue__name="Fratton Hub")
    online = BookingFactory(person=person, run__venue=None, run__link="https://meet.example.org/x")

    page = said(client.get("/my/"))

    assert "Fratton Hub" in page
    assert 'href="https://meet.example.org/x">Join online<' in page
    for address in ("", "cancel/", "calendar.ics"):
        assert f'href="/my/bookings/{booked.pk}/{address}"' in page
        assert f'href="/my/bookings/{online.pk}/{address}"' in page


def test_what_has_begun_cannot_be_cancelled(client, person):
    now = timezone.now()
    booked = BookingFactory(person=person, run__starts_at=now - timezone.timedelta(hours=1))

    response = client.get("/my/")

    assert lists(response) == {"coming_up": [booked]}
    assert f'href="/my/bookings/{booked.pk}/cancel/"' not in said(response)


def test_who_waits_sees_their_turn(client, person):
    run = RunFactory(places=0)
    BookingFactory(run=run, state=State.WAITING, queued_at=in_days(-5))
    BookingFactory(run=run, state=State.WAITING, queued_at=in_days(-1), priority=1)
    BookingFactory(run=run, state=State.WAITING, queued_at=in_days(-9), priority=-1)
    BookingFactory(run=run, state=State.WITHDRAWN, queued_at=in_days(-9), ended_at=in_days(-8))
    BookingFactory(state=State.WAITING, queued_at=in_days(-9))
    mine = BookingFactory(run=run, person=person, state=State.WAITING, queued_at=in_days(-2))

    response = client.get("/my/")

    assert lists(response) == {"waiting": [mine]}
    assert "You are 3rd on the waiting list." in said(response)
    assert list(Booking.objects.in_queue_order().filter(run=run))[2] == mine


def test_a_completion_links_to_its_certificate(client, person):
    certificate = awarding.award_certificate(CompletionFactory(person=person), by=person)

    page = said(client.get("/my/"))

    assert f'href="/my/certificates/{certificate.number}/"' in page
    assert f'href="/my/certificates/{certificate.number}.pdf"' in page
    assert "Get my certificate" not in page


def test_a_certificate_that_is_being_made_can_be_had_now(client, person):
    completion = CompletionFactory(person=person)

    page = said(client.get("/my/"))

    assert "Your certificate is not ready yet." in page
    assert f'action="/my/completions/{completion.pk}/certificate/"' in page


def test_training_elsewhere_says_who_gave_it_and_has_no_certificate_of_ours(client, person):
    evidence = EvidenceFactory(person=person, title="Level 2", provider="Hampshire Scouts")
    external_training.accept(evidence, by="OFFICE")

    page = said(client.get("/my/"))

    assert "Training elsewhere: Level 2, given by Hampshire Scouts." in page
    assert f'href="/my/training-elsewhere/{evidence.pk}/file/"' in page
    assert "Get my certificate" not in page
    assert "Your certificate is not ready yet" not in page


def test_a_revoked_certificate_is_said_and_not_offered_again(client, person):
    awarding.award_certificate(CompletionFactory(person=person), by=person)
    Certificate.objects.update(revoked_at=timezone.now(), revoked_reason="Made in error.")

    page = said(client.get("/my/"))

    assert "Its certificate is revoked." in page
    assert "Get my certificate" not in page


@pytest.mark.parametrize(
    ("run", "mark", "words"),
    [
        ({}, None, "The trainer has not signed off the register yet."),
        ({"closed_at": in_days(-1)}, Mark.Kind.ABSENT, "The register says that you did not come."),
        ({"closed_at": in_days(-1)}, Mark.Kind.LATE, "You were there for part of it"),
    ],
)
def test_what_was_not_completed_says_why(client, person, run, mark, words):
    booked = BookingFactory(person=person, run=ended_run(**run))
    if mark:
        session = booked.run.sessions.get()
        booked.marks.create(session=session, kind=mark, marked_at=timezone.now())

    assert words in said(client.get("/my/"))


def test_who_waited_in_vain_is_told(client, person):
    BookingFactory(person=person, run=ended_run(), state=State.WAITING)

    assert "No place became free before it began." in said(client.get("/my/"))


def test_who_has_no_job_is_asked_for_it(client):
    client.force_login(PersonFactory())

    page = said(client.get("/my/"))

    assert "We do not know where you work." in page
    assert 'href="/welcome/"' in page


def test_whose_job_is_not_confirmed_is_told_to_wait(client):
    client.force_login(PostFactory(confirmed_at=None).person)

    assert "Your agency has not yet confirmed that you work there." in said(client.get("/my/"))


def test_asks_as_much_for_three_of_each_as_for_one(client, person):
    def add_one_of_each():
        BookingFactory(person=person)
        BookingFactory(person=person, state=State.WAITING)
        BookingFactory(person=person, run=ended_run())
        BookingFactory(person=person, state=State.WITHDRAWN, ended_at=timezone.now())
        CompletionFactory(person=person)
        awarding.award_certificate(CompletionFactory(person=person), by=person)
        external_training.accept(EvidenceFactory(person=person), by="OFFICE")

    def queries():
        client.get("/my/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/my/")
        return len(queries)

    add_one_of_each()
    one = queries()
    add_one_of_each()
    add_one_of_each()

    assert queries() == one
    assert one <= 16


def asked(person, *, months, kind="end", **fields):
    """Create an attendee's unanswered evaluation, sent 30 * `months` days ago."""
    run = RunFactory(starts_at=in_days(-30 * months), closed_at=in_days(-30 * months), **fields)
    booking = BookingFactory(run=run, person=person)
    return EvaluationFactory(booking=booking, kind=kind, asked_at=in_days(-30 * months))


def to_evaluate(client):
    return {each.pk for each in client.get("/my/").context["to_evaluate"]}


def test_after_twelve_months_nobody_is_asked_any_more(client, person):
    recent = [asked(person, months=11), asked(person, months=11, kind="later")]
    old = [asked(person, months=13), asked(person, months=13, kind="later")]
    assert to_evaluate(client) == {each.pk for each in recent}
    # The page itself still opens, for those who want to answer late.
    assert client.get(f"/my/evaluations/{old[0].pk}/").status_code == 200


def test_what_a_certificate_or_a_handout_waits_for_is_asked_for_longer(client, person):
    certificate = asked(person, months=13, course__asks_evaluation=True)
    CompletionFactory(person=person, booking=certificate.booking)
    # Without a completion no certificate waits for the evaluation.
    asked(person, months=13, course__asks_evaluation=True)
    handout = asked(person, months=13)
    MaterialFactory.create_batch(2, course=handout.run.course, after_evaluation=True)
    assert to_evaluate(client) == {certificate.pk, handout.pk}
