"""Test the pages on which people book, change, cancel and hand over their own places."""

import pytest
from django.utils import timezone
from django.utils.http import urlencode

from certificates.models import Certificate
from courses.models import Booking
from lms.models import Mail
from tests.factories import (
    AgencyFactory,
    BookingFactory,
    CompletionFactory,
    CourseFactory,
    CoursePageFactory,
    FeeFactory,
    PersonFactory,
    PostFactory,
    RoleGroupFactory,
    RunFactory,
    SectorFactory,
    in_days,
)

pytestmark = pytest.mark.django_db
State = Booking.State


def said(response):
    """Return the page's text with white space collapsed."""
    return " ".join(response.content.decode().split())


def a_run(**fields):
    """Create a run whose course has a page in the catalogue."""
    return RunFactory(course=CoursePageFactory(course__code="SUP").course, **fields)


def book(client, run, **answers):
    return client.post(f"/my/bookings/new/{run.pk}/", {"confirm": "yes"} | answers)


def bookings():
    return list(Booking.objects.order_by("pk").values_list("person", "run", "state"))


@pytest.fixture
def person(client):
    """Sign in somebody with one job."""
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
    assert f"{person.email} has the details, with a copy to boss@agency.example.org" in page


def test_a_full_date_says_so_and_gives_a_turn(client, person):
    run = a_run(places=0)
    BookingFactory.create_batch(2, run=run, state=State.WAITING)

    before = said(client.get(f"/my/bookings/new/{run.pk}/"))
    response = book(client, run)

    assert "This date is full." in before
    assert "2 people are before you" in before
    page = said(client.get(response["Location"]))
    assert "You are on the waiting list" in page
    assert "You are 3rd on the waiting list" in page
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
        ({"manager_email": "boss"}, "Enter an email address like name@example.org"),
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

    assert "Give your manager&#x27;s email address, not your own." in page
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


def test_who_has_no_job_says_where_they_work_and_comes_back(client):
    client.force_login(PersonFactory())

    run = a_run()

    address = f"/my/bookings/new/{run.pk}/"
    for response in (client.get(address), book(client, run)):
        assert response["Location"] == f"/welcome/?{urlencode({'next': address})}"
    assert bookings() == []


def test_whose_job_begins_later_is_told_from_when(client):
    client.force_login(PostFactory(starts_on=timezone.localdate(in_days(3))).person)

    page = said(client.get(f"/my/bookings/new/{a_run().pk}/"))

    assert "begins on" in page
    assert bookings() == []


def test_a_refusal_at_the_last_moment_keeps_the_answers(client, person):
    """Confirm valid answers after booking has closed."""
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


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_date_that_has_begun_cannot_be_cancelled(client, person, method):
    booked = BookingFactory(person=person, run__starts_at=in_days(-1))

    page = said(getattr(client, method)(f"/my/bookings/{booked.pk}/cancel/", follow=True))

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


def test_the_cost_code_is_asked_where_attending_is_charged(client, person):
    run = a_run()
    type(run.course).objects.update(charges_fee=True)
    FeeFactory(sector=person.posts.get().agency.sector)

    asked = said(client.get(f"/my/bookings/new/{run.pk}/"))
    without = said(book(client, run))
    checked = said(client.post(f"/my/bookings/new/{run.pk}/", {"cost_code": "PO 4711"}))
    book(client, run, cost_code="PO 4711")

    assert "Attending costs Agency" in asked
    assert "Give a purchase order or cost code: your manager knows it." in without
    assert "£80, which your agency is asked for" in checked
    assert 'name="cost_code" value="PO 4711"' in checked
    assert [made.cost_code for made in Booking.objects.all()] == ["PO 4711"]


def test_no_cost_code_is_asked_where_attending_is_free(client, person):
    assert "cost code" not in said(client.get(f"/my/bookings/new/{a_run().pk}/"))


def test_of_two_jobs_only_the_one_that_pays_needs_a_cost_code(client, person):
    run, free = a_run(), person.posts.get()
    type(run.course).objects.update(charges_fee=True)
    school = AgencyFactory(name="Harbour School", sector=SectorFactory(name="Education"))
    FeeFactory(sector=school.sector)
    paying = PostFactory(person=person, agency=school)

    asked = said(client.get(f"/my/bookings/new/{run.pk}/"))
    without = said(book(client, run, post=paying.pk))
    book(client, run, post=free.pk)

    assert "Attending costs Harbour School £80. Leave it empty for your other job." in asked
    assert "Give a purchase order or cost code" in without
    assert [made.agency for made in Booking.objects.all()] == [free.agency]


def test_a_job_that_the_course_is_not_for_is_refused_and_the_other_is_not(client, person):
    run, midwife = a_run(), person.posts.get()
    run.course.for_role_groups.set([midwife.role_group])
    teacher = PostFactory(person=person, role_group=RoleGroupFactory(name="Teachers"))

    refused = said(book(client, run, post=teacher.pk))
    book(client, run, post=midwife.pk)

    assert "This course is for Midwives." in refused
    assert [made.agency for made in Booking.objects.all()] == [midwife.agency]


def test_an_nhs_number_is_not_taken_for_a_need(client, person):
    page = said(book(client, a_run(), access_needs="For patient 943 476 5919"))

    assert "This has an NHS number in it. Take it out" in page
    assert bookings() == []


def test_who_is_asked_to_approve_is_said_before_and_after(client, person):
    run = a_run(asks_approval=True)
    PostFactory(person__email="boss@agency.example.org", agency=person.posts.get().agency)

    asked = client.post(f"/my/bookings/new/{run.pk}/", {"manager_email": "boss@agency.example.org"})
    after = client.get(book(client, run, manager_email="boss@agency.example.org")["Location"])

    assert "We ask your manager at boss@agency.example.org. A place is held for you" in said(asked)
    assert "Ask for a place" in said(asked)
    assert "We have asked for approval" in said(after)
    assert "We have asked your manager at boss@agency.example.org." in said(after)
    assert "A place is held for you until" in said(after)
    (made,) = Booking.objects.all()
    assert (made.state, made.holds_place) == (State.REQUESTED, True)


@pytest.mark.parametrize("has_lead", [True, False])
def test_an_address_that_we_do_not_know_is_not_asked(client, person, has_lead):
    agency, run = person.posts.get().agency, a_run(asks_approval=True)
    if has_lead:
        PostFactory(agency=agency, is_lead=True)
    asked = f"whoever leads training at {agency}" if has_lead else "the training office"

    page = said(client.post(f"/my/bookings/new/{run.pk}/", {"manager_email": "x@example.com"}))
    after = said(client.get(book(client, run, manager_email="x@example.com")["Location"]))

    assert f"We ask {asked}" in page
    assert "We do not know x@example.com as an address of your manager’s" in page
    assert f"We have asked {asked}." in after


def test_who_waits_for_their_agencys_share_reads_why(client, person):
    run = a_run(agency_cap=1)
    BookingFactory(run=run, agency=person.posts.get().agency)

    before = said(client.get(f"/my/bookings/new/{run.pk}/"))
    after = said(client.get(book(client, run)["Location"]))

    for page in (before, after):
        assert "has its one place on this date already." in page
    assert "Join the waiting list" in before
    assert "You are 1st on the waiting list" in after


def test_a_missing_prerequisite_leads_to_its_dates(client, person):
    run = a_run()
    run.course.prerequisites.add(CoursePageFactory(course__code="FND").course)

    page = said(client.get(f"/my/bookings/new/{run.pk}/"))

    assert 'href="/courses/fnd/#dates"' in page
    assert "proof of training elsewhere" in page


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (
            {"state": State.REFUSED, "end_reason": "Not this month."},
            ["The reason given: Not this month.", "talk to your manager"],
        ),
        ({"state": State.DECLINED}, ["You declined the place", "book again"]),
        ({"state": State.LAPSED}, ["The offer was not answered in time", "choose another date"]),
        (
            {"state": State.LAPSED, "approver_asked_at": timezone.now()},
            ["Nobody approved it in time.", "Talk to your manager"],
        ),
        ({"state": State.WITHDRAWN}, ["This booking ended on"]),
    ],
)
def test_each_end_says_what_to_do_next(client, person, facts, words):
    made = BookingFactory(run=a_run(), person=person, ended_at=timezone.now(), **facts)

    page = said(client.get(f"/my/bookings/{made.pk}/"))

    for sentence in [*words, 'href="/courses/sup/#dates"']:
        assert sentence in page


def test_the_charge_is_said_before_a_place_is_cancelled_late(client, person):
    made = BookingFactory(run=a_run(starts_at=in_days(2)), person=person)

    page = said(client.get(f"/my/bookings/{made.pk}/cancel/"))
    client.post(f"/my/bookings/{made.pk}/cancel/", {"reason": "Ill"})

    charge = page.index("Cancelling now costs your agency £80.")
    assert charge < page.index(">Cancel my place</button>")
    assert [owed.amount for owed in made.charges.all()] == [80]


@pytest.mark.parametrize(
    ("state", "days", "question"),
    [
        (State.CONFIRMED, 30, "Do you want to cancel your place?"),
        (State.WAITING, 2, "Do you want to leave the waiting list?"),
        (State.OFFERED, 2, "Do you want to decline this offer?"),
    ],
)
def test_no_charge_is_said_where_there_is_none(client, person, state, days, question):
    made = BookingFactory(run=a_run(starts_at=in_days(days)), person=person, state=state)

    page = said(client.get(f"/my/bookings/{made.pk}/cancel/"))

    assert question in page
    assert "costs your agency" not in page


def test_an_ended_booking_is_not_cancelled_again_but_told(client, person):
    made = BookingFactory(person=person, state=State.DECLINED, ended_at=timezone.now())

    asked = client.get(f"/my/bookings/{made.pk}/cancel/")
    sent = said(client.post(f"/my/bookings/{made.pk}/cancel/", follow=True))

    assert asked["Location"] == f"/my/bookings/{made.pk}/"
    assert "This booking has already ended, so there is nothing to cancel." in sent


def a_place_to_give(person, **facts):
    """Return (a booking of this person, a colleague at the same agency)."""
    agency = person.posts.get().agency
    made = BookingFactory(run=a_run(**facts), person=person, agency=agency)
    return made, PostFactory(agency=agency, person__name="Graham Tilley").person


def give(client, made, email, **more):
    return client.post(f"/my/bookings/{made.pk}/give/", {"email": email} | more)


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        ("", "Enter your colleague’s email address."),
        ("graham", "Enter an email address like name@example.org."),
        ("graham@elsewhere.example", "or name somebody else."),
    ],
)
def test_who_cannot_be_given_it_gets_a_sentence(client, person, email, sentence):
    made, _ = a_place_to_give(person)
    assert sentence in said(give(client, made, email, confirm="yes"))
    assert Booking.objects.get() == made and made.state == "confirmed"


def test_a_place_is_given_to_a_colleague_after_a_check(client, person):
    made, colleague = a_place_to_give(person, starts_at=in_days(2))

    asked = said(client.get(f"/my/bookings/{made.pk}/give/"))
    checked = said(give(client, made, colleague.email.upper()))
    unchanged = bookings()
    done = give(client, made, colleague.email, confirm="yes")
    told = said(client.get(f"/my/bookings/{made.pk}/"))

    assert "Who has your place instead?" in asked
    assert "Do you want to give your place?" in checked
    assert "Graham Tilley" in checked
    assert unchanged == [(person.pk, made.run_id, State.CONFIRMED)]
    assert done["Location"] == f"/my/bookings/{made.pk}/"
    assert bookings() == [
        (person.pk, made.run_id, State.SUBSTITUTED),
        (colleague.pk, made.run_id, State.CONFIRMED),
    ]
    assert "Graham Tilley has your place" in told
    assert "Nobody is charged." in told
    assert made.charges.count() == 0


def test_somebody_else_can_be_named(client, person):
    made, colleague = a_place_to_give(person)

    page = said(give(client, made, colleague.email, change="yes"))

    assert "Who has your place instead?" in page
    assert f'value="{colleague.email}"' in page


@pytest.mark.parametrize("who", ["unknown", "elsewhere", "left", "not confirmed", "closed"])
def test_who_is_no_colleague_is_refused_in_the_same_words(client, person, who):
    made, _ = a_place_to_give(person)
    here = {"agency": made.agency}
    email = {
        "unknown": lambda: "nobody@example.org",
        "elsewhere": lambda: PostFactory().person.email,
        "left": lambda: PostFactory(ends_on=in_days(-1).date(), **here).person.email,
        "not confirmed": lambda: PostFactory(confirmed_at=None, **here).person.email,
        "closed": lambda: PostFactory(person__is_active=False, **here).person.email,
    }[who]()

    for more in ({}, {"confirm": "yes"}):
        page = said(give(client, made, email, **more))
        assert f"Nobody with this address works at {made.agency}, as far as we know." in page
        assert "name somebody else" in page
    assert bookings() == [(person.pk, made.run_id, State.CONFIRMED)]


def test_a_colleague_who_lacks_a_course_is_refused_without_saying_which(client, person):
    made, colleague = a_place_to_give(person)
    made.run.course.prerequisites.add(CourseFactory(title="Foundations"))

    page = said(give(client, made, colleague.email, confirm="yes"))

    assert "Your colleague does not meet what this course asks for." in page
    assert "Foundations" not in page
    assert bookings() == [(person.pk, made.run_id, State.CONFIRMED)]


def test_a_colleague_who_has_a_place_and_oneself_are_refused(client, person):
    made, colleague = a_place_to_give(person)
    BookingFactory(run=made.run, person=colleague, agency=made.agency)

    theirs, own = (said(give(client, made, email)) for email in (colleague.email, person.email))

    assert "Your colleague has a place on this date already. Name another colleague" in theirs
    assert "Name a colleague, not yourself." in own


def test_a_date_that_has_begun_is_not_handed_on(client, person):
    made, colleague = a_place_to_give(person, starts_at=in_days(-1))

    page = said(give(client, made, colleague.email, confirm="yes"))

    assert "the place can no longer change hands. If you cannot come, tell the training" in page


def test_only_a_place_can_be_given(client, person):
    made = BookingFactory(person=person, state=State.WAITING)

    assert client.get(f"/my/bookings/{made.pk}/give/")["Location"] == f"/my/bookings/{made.pk}/"


def test_the_place_of_somebody_else_is_not_given(client, person):
    made = BookingFactory()

    assert give(client, made, person.email, confirm="yes").status_code == 404
    assert bookings() == [(made.person_id, made.run_id, State.CONFIRMED)]
