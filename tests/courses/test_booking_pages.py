"""Can somebody book a place, see what became of it and give it up, and nobody do it for them?"""

import pytest
from django.utils import timezone

from certificates.models import Certificate
from courses.models import Booking
from lms.models import Mail
from tests.factories import (
    AgencyFactory,
    BookingFactory,
    CompletionFactory,
    CourseFactory,
    CoursePageFactory,
    PersonFactory,
    PostFactory,
    RunFactory,
    in_days,
)

pytestmark = pytest.mark.django_db
State = Booking.State


def said(response):
    """The page's text, with its white space as a reader sees it."""
    return " ".join(response.content.decode().split())


def a_run(**fields):
    """A date in the catalogue."""
    return RunFactory(course=CoursePageFactory(course__code="SUP").course, **fields)


def book(client, run, **answers):
    return client.post(f"/my/bookings/new/{run.pk}/", {"confirm": "yes"} | answers)


def bookings():
    return list(Booking.objects.order_by("pk").values_list("person", "run", "state"))


@pytest.fixture
def person(client):
    """Signed in, with one job."""
    post = PostFactory(line_manager_email="manager@agency.example.org")
    client.force_login(post.person)
    return post.person


def test_who_is_not_signed_in_signs_in_first_and_comes_back(client):
    run = a_run()

    response = client.get(f"/my/bookings/new/{run.pk}/")

    assert response.status_code == 302
    assert response["Location"] == f"/accounts/login/?next=/my/bookings/new/{run.pk}/"


def test_asks_for_the_manager_and_access_needs(client, person):
    page = said(client.get(f"/my/bookings/new/{a_run().pk}/"))

    assert 'value="manager@agency.example.org"' in page
    assert "deleted 30 days after the date" in page
    assert "Do not write anything about a child or a family." in page
    assert "Which job is it for?" not in page


def test_answers_are_checked_before_anything_is_booked(client, person):
    answers = {"manager_email": "boss@agency.example.org", "access_needs": "A hearing loop"}

    page = said(client.post(f"/my/bookings/new/{a_run().pk}/", answers))

    assert "Check your answers" in page
    assert "boss@agency.example.org" in page
    assert "A hearing loop" in page
    assert "Book my place" in page
    assert bookings() == []


def test_answers_can_be_changed(client, person):
    answers = {"access_needs": "A hearing loop", "change": "yes"}

    page = said(client.post(f"/my/bookings/new/{a_run().pk}/", answers))

    assert "A hearing loop</textarea>" in page
    assert "There is a problem" not in page
    assert bookings() == []


def test_a_place_is_booked_and_the_page_says_so(client, person):
    run = a_run(places=1)

    response = book(client, run, manager_email="boss@agency.example.org", access_needs="A loop")

    (booked,) = Booking.objects.all()
    assert (booked.person, booked.run, booked.state) == (person, run, State.CONFIRMED)
    assert (booked.manager_email, booked.access_needs) == ("boss@agency.example.org", "A loop")
    assert response["Location"] == f"/my/bookings/{booked.pk}/"
    page = said(client.get(response["Location"]))
    assert "Your place is confirmed" in page
    assert f"sent the details to {person.email}, with a copy to boss@agency.example.org" in page


def test_a_full_date_says_so_and_gives_a_turn(client, person):
    run = a_run(places=0)
    BookingFactory.create_batch(2, run=run, state=State.WAITING)

    before = said(client.get(f"/my/bookings/new/{run.pk}/"))
    response = book(client, run)

    assert "This date is full." in before
    assert "2 people are before you" in before
    page = said(client.get(response["Location"]))
    assert "You are on the waiting list" in page
    assert "You are 3rd in the queue" in page
    assert "All places on this date are taken." in page
    assert "We write to you at once" in page


def test_sent_twice_or_gone_back_is_still_one_booking(client, person):
    run = a_run()

    first, second = book(client, run), book(client, run)
    gone_back = client.get(f"/my/bookings/new/{run.pk}/")

    assert first["Location"] == second["Location"] == gone_back["Location"]
    assert bookings() == [(person.pk, run.pk, State.CONFIRMED)]
    assert Mail.objects.count() == 1


def test_the_job_is_asked_for_where_there_are_several(client, person):
    run, second = a_run(), PostFactory(person=person, agency=AgencyFactory(name="Hampshire"))
    of_another = PostFactory()

    page = said(client.get(f"/my/bookings/new/{run.pk}/"))
    without = said(book(client, run))
    foreign = said(book(client, run, post=of_another.pk))
    book(client, run, post=second.pk)

    assert "Which job is it for?" in page
    assert "Choose the job that this is for." in without
    assert "Choose one of your present jobs." in foreign
    assert [b.agency.name for b in Booking.objects.all()] == ["Hampshire"]


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"manager_email": "boss"}, "Enter an e-mail address like name@example.org"),
        ({"access_needs": "x" * 501}, "Say it in at most 500 characters."),
        ({"access_needs": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_wrong_answers_are_named_and_kept(client, person, answers, sentence):
    answers = {"manager_email": "", "access_needs": "A hearing loop"} | answers

    page = said(book(client, a_run(), **answers))

    assert "There is a problem" in page
    assert sentence in page
    assert f"{answers['access_needs']}</textarea>" in page
    assert bookings() == []


def test_ones_own_address_is_no_managers(client, person):
    page = said(book(client, a_run(), manager_email=person.email.upper()))

    assert "Give your manager&#x27;s e-mail address, not your own." in page
    assert bookings() == []


@pytest.mark.parametrize(
    ("run", "sentence"),
    [
        ({"starts_at": in_days(-1)}, "This date has already begun."),
        ({"cancelled_at": timezone.now()}, "This date has been cancelled."),
        ({"booking_closes_at": in_days(-1)}, "Booking for this date has closed."),
        ({"booking_opens_at": in_days(2)}, "Booking for this date opens on"),
        ({"sessions": []}, "The times of this date are not settled yet."),
    ],
)
def test_a_date_that_cannot_be_booked_says_why(client, person, run, sentence):
    run = a_run(**run)

    asked, sent = client.get(f"/my/bookings/new/{run.pk}/"), book(client, run)

    assert sentence in said(asked)
    assert sentence in said(sent)
    assert bookings() == []


def test_a_missing_prerequisite_is_named(client, person):
    run = a_run()
    run.course.prerequisites.add(CourseFactory(title="Foundations"))

    page = said(book(client, run))

    assert "Before this course you need to complete Foundations." in page
    assert bookings() == []


def test_who_has_no_job_is_told_where_to_say_it(client):
    client.force_login(PersonFactory())

    run = a_run()

    page, sent = said(client.get(f"/my/bookings/new/{run.pk}/")), said(book(client, run))

    assert "Tell us where you work before you book" in page
    assert 'href="/my/jobs/"' in page
    assert "Tell us where you work before you book" in sent
    assert bookings() == []


def test_who_is_not_confirmed_yet_is_told_to_wait(client):
    client.force_login(PostFactory(confirmed_at=None).person)

    assert "Your agency has not yet confirmed" in said(book(client, a_run()))
    assert bookings() == []


def test_a_refusal_at_the_last_moment_keeps_the_answers(client, person):
    """The date closes after the answers were checked and before the place is asked for."""
    run = a_run(booking_closes_at=in_days(-1))

    page = said(book(client, run, access_needs="A hearing loop"))

    assert "There is a problem" in page
    assert "Booking for this date has closed." in page
    assert 'value="A hearing loop"' in page
    assert bookings() == []


def test_a_clash_is_a_warning(client, person):
    run = a_run()
    other = BookingFactory(person=person, run__course__title="Neglect")

    page = said(client.get(f"/my/bookings/new/{run.pk}/"))
    book(client, run)

    assert other.run.starts_at == run.starts_at
    assert "You have a place on Neglect at the same time" in page
    assert Booking.objects.filter(person=person).confirmed().count() == 2


@pytest.mark.parametrize("pk", [0, 10**6, 10**30])
def test_a_date_that_there_is_not_is_not_found(client, person, pk):
    assert client.get(f"/my/bookings/new/{pk}/").status_code == 404
    assert client.get(f"/my/bookings/{pk}/").status_code == 404


def test_a_date_of_a_course_that_is_not_in_the_catalogue_is_not_found(client, person):
    assert client.get(f"/my/bookings/new/{RunFactory().pk}/").status_code == 404


def test_cancelling_asks_first(client, person):
    booked = BookingFactory(person=person)

    page = said(client.get(f"/my/bookings/{booked.pk}/cancel/"))

    assert "Do you want to cancel your place?" in page
    assert bookings() == [(person.pk, booked.run_id, State.CONFIRMED)]


def test_a_cancelled_place_goes_to_the_first_who_waits(client, person):
    booked = BookingFactory(person=person, run__places=1)
    waiting = BookingFactory(run=booked.run, state=State.WAITING)

    response = client.post(f"/my/bookings/{booked.pk}/cancel/", follow=True)

    assert response.redirect_chain == [("/my/", 302)]
    assert f"Your place on {booked.run.course} is cancelled." in said(response)
    waiting.refresh_from_db()
    booked.refresh_from_db()
    assert (booked.state, waiting.state) == (State.WITHDRAWN, State.CONFIRMED)


def test_leaving_the_waiting_list(client, person):
    waiting = BookingFactory(person=person, state=State.WAITING)

    asked = said(client.get(f"/my/bookings/{waiting.pk}/cancel/"))
    done = said(client.post(f"/my/bookings/{waiting.pk}/cancel/", follow=True))

    assert "Do you want to leave the waiting list?" in asked
    assert f"You have left the waiting list of {waiting.run.course}." in done


def test_a_date_that_has_begun_cannot_be_cancelled(client, person):
    booked = BookingFactory(person=person, run__starts_at=in_days(-1))

    page = said(client.post(f"/my/bookings/{booked.pk}/cancel/"))

    assert "There is a problem" in page
    assert "This date has begun, so the booking can no longer be cancelled here." in page
    assert bookings() == [(person.pk, booked.run_id, State.CONFIRMED)]


def test_cancelling_twice_is_once(client, person):
    booked = BookingFactory(person=person)

    client.post(f"/my/bookings/{booked.pk}/cancel/")
    again = client.post(f"/my/bookings/{booked.pk}/cancel/")

    assert again["Location"] == "/my/"
    assert Mail.objects.count() == 1
    assert f"Your place on {booked.run.course} is cancelled." in client.get("/my/").text
    assert "waiting list" not in str([str(said) for said in again.wsgi_request._messages])


def test_an_ended_booking_says_what_became_of_it(client, person):
    booked = BookingFactory(
        person=person,
        state=State.CANCELLED,
        ended_at=timezone.now(),
        end_reason="The trainer is ill.",
    )

    page = said(client.get(f"/my/bookings/{booked.pk}/"))

    assert "Date cancelled" in page
    assert "The trainer is ill." in page


def test_the_calendar_file_holds_each_session(client, person):
    times = [(in_days(10), in_days(10, "12:00")), (in_days(17), in_days(17, "12:00"))]
    booked = BookingFactory(person=person, run__sessions=times, run__course__code="SUP")

    response = client.get(f"/my/bookings/{booked.pk}/calendar.ics")

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="SUP.ics"'
    assert response.content.count(b"BEGIN:VEVENT") == 2


def test_who_waits_has_nothing_for_the_calendar(client, person):
    waiting = BookingFactory(person=person, state=State.WAITING)

    assert client.get(f"/my/bookings/{waiting.pk}/calendar.ics").status_code == 404


@pytest.mark.parametrize("page", ["", "cancel/", "calendar.ics"])
@pytest.mark.parametrize("role", ["stranger", "lead", "trainer"])
def test_a_booking_of_somebody_else_is_not_there(client, role, page):
    theirs = BookingFactory(access_needs="A hearing loop")
    viewer = PostFactory().person
    if role == "lead":
        PostFactory(person=viewer, agency=theirs.agency, is_lead=True)
    if role == "trainer":
        theirs.run.trainers.add(viewer)
    client.force_login(viewer)

    assert client.get(f"/my/bookings/{theirs.pk}/{page}").status_code == 404
    assert client.post(f"/my/bookings/{theirs.pk}/{page}").status_code in (404, 405)
    assert bookings() == [(theirs.person_id, theirs.run_id, State.CONFIRMED)]


@pytest.mark.parametrize("page", ["new/1/", "1/", "1/cancel/", "1/calendar.ics"])
def test_nothing_is_there_for_who_is_not_signed_in(client, page):
    response = client.post(f"/my/bookings/{page}")

    assert response["Location"] == f"/accounts/login/?next=/my/bookings/{page}"


def test_a_certificate_that_is_not_there_yet_is_made_once(client, person):
    completion = CompletionFactory(person=person)
    address = f"/my/completions/{completion.pk}/certificate/"

    first, second = client.post(address), client.post(address)

    (certificate,) = Certificate.objects.all()
    assert (certificate.award, certificate.holder) == (completion.award, person)
    assert first["Location"] == second["Location"] == f"/my/certificates/{certificate.number}/"


def test_a_certificate_is_not_made_by_looking(client, person):
    completion = CompletionFactory(person=person)

    assert client.get(f"/my/completions/{completion.pk}/certificate/").status_code == 405
    assert Certificate.objects.count() == 0


def test_a_certificate_that_was_revoked_is_not_made_anew(client, person):
    completion = CompletionFactory(person=person)
    address = f"/my/completions/{completion.pk}/certificate/"
    client.post(address)
    Certificate.objects.update(revoked_at=timezone.now(), revoked_reason="Made in error.")

    answer = client.post(address, follow=True)

    assert "was revoked. Ask the training office why." in answer.text
    assert Certificate.objects.count() == 1


def test_a_certificate_of_somebody_else_or_withdrawn_is_not_there(client, person):
    theirs = CompletionFactory()
    withdrawn = CompletionFactory(person=person, withdrawn_at=timezone.now())

    for completion in (theirs, withdrawn):
        assert client.post(f"/my/completions/{completion.pk}/certificate/").status_code == 404
    assert Certificate.objects.count() == 0
