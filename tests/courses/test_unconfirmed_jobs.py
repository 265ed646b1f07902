"""Test places asked for from a job that nobody has confirmed yet: one at a time, kept, decided."""

import datetime as dt

import pytest
import time_machine
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies import accounts, joining
from agencies.access import PROTOCOL_EDITORS
from agencies.models import Agency, Board, Person, Post
from courses.booking import booking, changing_job, expiry, nightly_checks, unconfirmed_jobs
from courses.booking.booking import BookingRefused
from courses.models import Booking, BookingPolicy, Course, Run
from courses.rules import deadlines
from courses.scheduling import scheduling
from history.models import Event
from lms.formatting import moment
from lms.models import Mail
from lms.registries import job_followers, leavers
from tests.factories import (
    AgencyFactory,
    BookingFactory,
    CoursePageFactory,
    PersonFactory,
    PostFactory,
    RunFactory,
    in_days,
)
from tests.servers import at_once
from tests.sheets import read_csv

pytestmark = pytest.mark.django_db
# A Monday morning, with no bank holiday near.
MONDAY = "2027-06-07T08:00:00+00:00"
WORDS = "Waiting for a job to be confirmed"


@pytest.fixture
def monday():
    with time_machine.travel(MONDAY, tick=False) as now:
        yield now


@pytest.fixture
def beacon():
    """Return an agency with a lead, of whose addresses we know nothing."""
    agency = AgencyFactory(name="Beacon Academy")
    PostFactory(agency=agency, is_lead=True, person__email="lead@beacon.example")
    return agency


def joy(agency, **more):
    """Return the job of somebody new, which waits to be confirmed."""
    facts = {"person__name": "Joy Hill", "title": "Nurse"} | more
    return PostFactory(agency=agency, confirmed_at=None, **facts)


def a_run(title="Supervision", **fields):
    return RunFactory(course=CoursePageFactory(course__title=title).course, **fields)


def asks(run, post):
    return booking.request_place(run, post.person, by=post.person)


def lead_of(agency):
    return Person.objects.leading(agency).get()


def now_is(made):
    return Booking.objects.get(pk=made.pk)


def state_of(made):
    made = now_is(made)
    return made.state, made.holds_place, made.waits_for_job


def counts(run):
    held = Booking.objects.filter(run=run, holds_place=True).count()
    return Run.objects.get(pk=run.pk).taken, held, nightly_checks.runs_miscounted()


def mails(to):
    to = getattr(to, "email", to)
    return list(Mail.objects.filter(to=to).order_by("pk").values_list("template", flat=True))


def said(response):
    return " ".join(response.content.decode().split())


def time_passes():
    for job in (expiry.pursue_requests, expiry.lapse_offers, expiry.release_reserves):
        while job():
            pass


# Asking


def test_a_place_is_kept_for_who_asks_before_their_job_is_confirmed(beacon):
    run, post = a_run(places=1, agency_cap=1), joy(beacon)
    made = asks(run, post)
    assert state_of(made) == ("requested", True, True)
    assert (made.agency, made.role_group) == (beacon, post.role_group)
    assert counts(run) == (1, 1, [])
    assert mails(post.person) == ["job_awaited"]
    assert mails("lead@beacon.example") == ["place_waits_for_job"]
    assert "Supervision" in Mail.objects.get(template="place_waits_for_job").subject
    assert asks(run, post) == made
    assert mails(post.person) == ["job_awaited"]


def test_it_counts_against_the_cap_of_the_agency_that_was_named(beacon):
    run = a_run(agency_cap=1)
    asks(run, joy(beacon))
    colleague = PostFactory(agency=beacon)
    assert asks(run, colleague).state == "waiting"


def test_nobody_is_confirmed_from_such_a_job_whoever_books(beacon):
    run, post = a_run(), joy(beacon)
    made = booking.request_place(run, post.person, post=post, by="OFFICE")
    assert state_of(made) == ("requested", True, True)


def test_who_has_a_confirmed_job_books_from_that(beacon):
    person = PostFactory().person
    PostFactory(person=person, agency=beacon, confirmed_at=None)
    assert booking.request_place(a_run(), person, by=person).state == "confirmed"


def test_a_second_request_leads_to_the_first(client, beacon):
    first, second, post = a_run(), a_run("Neglect"), joy(beacon)
    made = asks(first, post)
    with pytest.raises(BookingRefused, match="one place at a time"):
        asks(second, post)
    client.force_login(post.person)
    page = said(client.get(f"/my/bookings/new/{second.pk}/"))
    assert "You have asked for a place on Supervision" in page
    assert f'href="/my/bookings/{made.pk}/"' in page
    booking.withdraw(made, by=post.person)
    assert asks(second, post).waits_for_job


def test_two_requests_at_once_are_one(own_database):
    post, runs = joy(AgencyFactory()), [RunFactory(), RunFactory()]
    done = at_once(2, lambda number: asks(runs[number], post))
    assert sorted(type(each).__name__ for each in done) == ["Booking", "BookingRefused"]
    assert Booking.objects.waiting_for_job().count() == 1


def test_without_the_lock_two_would_be_written_but_for_the_constraint(own_database):
    import threading

    post, runs, seen = joy(AgencyFactory()), [RunFactory(), RunFactory()], threading.Barrier(2)

    def without_the_lock(number):
        waiting = Booking.objects.waiting_for_job().filter(person=post.person).count()
        seen.wait(60)
        BookingFactory(
            run=runs[number], person=post.person, agency=post.agency, state="requested",
            waits_for_job=True,
        )  # fmt: skip
        return waiting

    done = at_once(2, without_the_lock)
    assert sorted(type(each).__name__ for each in done) == ["IntegrityError", "int"]
    assert [each for each in done if each == 0] == [0]


def test_the_constraint_is_the_last_word(beacon):
    made = asks(a_run(), joy(beacon))
    with pytest.raises(IntegrityError):
        BookingFactory(person=made.person, state="requested", waits_for_job=True)


def test_asking_while_the_job_is_confirmed_leaves_nothing_waiting(own_database):
    for _ in range(4):
        agency, run = AgencyFactory(), RunFactory()
        lead, post = PostFactory(agency=agency, is_lead=True).person, joy(agency)
        done = at_once(
            2, lambda n, p=post, r=run, by=lead: joining.confirm(p, by=by) if n else asks(r, p)
        )
        assert [each for each in done if isinstance(each, Exception)] == []
        assert [made.state for made in Booking.objects.filter(run=run)] == ["confirmed"]


# Until when


@pytest.mark.parametrize(
    ("starts", "until"),
    [
        ("2027-07-05 09:30", "2027-06-30 17:00"),  # A Monday: the Wednesday before.
        ("2027-06-18 09:30", "2027-06-15 17:00"),
        ("2027-06-10 09:30", "2027-06-08 17:00"),  # So near that it is the next working day.
        ("2027-06-08 09:30", "2027-06-08 09:30"),  # Never after the date begins.
    ],
)
def test_the_place_is_kept_until_three_working_days_before_the_date(monday, beacon, starts, until):
    starts, until = (timezone.make_aware(dt.datetime.fromisoformat(at)) for at in (starts, until))
    made = asks(a_run(starts_at=starts), joy(beacon))
    assert made.held_until == until


def test_the_board_chooses_how_long(monday, beacon):
    BookingPolicy.objects.update_or_create(defaults={"job_days": 1, "job_kept_days": 10})
    run, post = a_run(starts_at=in_days(28)), joy(beacon)
    made = asks(run, post)
    assert made.held_until == deadlines.job_hold_ends(run)
    assert (run.starts_at - made.held_until).days == 13
    monday.move_to("2027-06-08T08:00:00+00:00")
    time_passes()
    assert now_is(made).job_office_at


def test_it_follows_the_date_when_that_moves(beacon):
    run = a_run(starts_at=in_days(60))
    made = asks(run, joy(beacon))
    session = run.sessions.get()
    was = {session.pk: (session.starts_at, session.ends_at)}
    session.starts_at, session.ends_at = in_days(90), in_days(90, "16:00")
    session.save()
    scheduling.settle_dates(run, by="OFFICE", was=was)
    assert now_is(made).held_until == deadlines.job_hold_ends(Run.objects.get(pk=run.pk))
    assert now_is(made).held_until > made.held_until
    until = moment(now_is(made).held_until)
    [mail] = Mail.objects.filter(template="run_moved")
    assert f"We keep your request until {until}, while Beacon Academy confirms" in mail.text


# Deciding


def test_the_lead_decides_both(beacon):
    run, post = a_run(places=1), joy(beacon)
    made = asks(run, post)
    for _ in range(2):
        joining.confirm(post, by=lead_of(beacon))
    assert state_of(made) == ("confirmed", True, False)
    assert counts(run) == (1, 1, [])
    assert mails(post.person) == ["job_awaited", "job_confirmed", "booking_confirmed"]
    assert Event.objects.about(made).filter(action="booking.job_confirmed").exists()


def test_the_manager_is_asked_next_where_the_course_does(beacon):
    run, post = a_run(asks_approval=True), joy(beacon)
    made = asks(run, post)
    assert "approval_asked" not in mails("lead@beacon.example")
    joining.confirm(post, by=lead_of(beacon))
    assert state_of(made) == ("requested", True, False)
    assert "approval_asked" in mails("lead@beacon.example")
    assert now_is(made).held_until == deadlines.hold_ends().replace(
        microsecond=now_is(made).held_until.microsecond, second=now_is(made).held_until.second
    )
    assert booking.approve(made, by="OFFICE").state == "confirmed"


def test_a_turn_is_kept_and_a_freed_place_is_held_for_it(beacon):
    run = a_run(places=1)
    first = asks(run, PostFactory())
    made = asks(run, joy(beacon))
    assert state_of(made) == ("requested", False, True)
    last = asks(run, PostFactory())
    booking.withdraw(first, by="OFFICE")
    assert state_of(made) == ("requested", True, True)
    assert now_is(last).state == "waiting"


def test_a_turn_waits_in_its_place_once_the_job_is_confirmed(beacon):
    run, post = a_run(places=1), joy(beacon)
    asks(run, PostFactory())
    made, last = asks(run, post), asks(run, PostFactory())
    joining.confirm(post, by=lead_of(beacon))
    assert state_of(made) == ("waiting", False, False)
    assert list(Booking.objects.in_queue_order()) == [made, last]
    assert mails(post.person)[-1] == "booking_waiting"


def test_a_refused_job_ends_the_request_with_one_email(beacon):
    run, post = a_run(places=1), joy(beacon)
    made = asks(run, post)
    waits = asks(run, PostFactory())
    joining.refuse(post, by=lead_of(beacon), reason="We do not know her.")
    assert state_of(made)[:2] == ("refused", False)
    assert now_is(waits).state == "confirmed"
    assert mails(post.person) == ["job_awaited", "job_refused"]
    text = Mail.objects.get(template="job_refused").text
    assert "Your request for a place on Supervision" in text
    assert "We do not know her." in text
    assert (
        now_is(made).end_reason
        == "The job at Beacon Academy was not confirmed. We do not know her."
    )


def test_who_withdraws_the_job_withdraws_the_request(beacon):
    post = joy(beacon)
    made = asks(a_run(), post)
    joining.leave(post, on=timezone.localdate(), by=post.person)
    assert now_is(made).state == "withdrawn"
    assert mails(post.person) == ["job_awaited", "booking_left_queue"]


@pytest.mark.parametrize("decided", ["confirmed", "refused"])
def test_a_job_that_was_decided_by_a_door_that_told_nobody_decides_too(beacon, decided):
    post = joy(beacon)
    made = asks(a_run(), post)
    if decided == "confirmed":
        Post.objects.filter(pk=post.pk).update(confirmed_at=timezone.now())
    else:
        Post.objects.filter(pk=post.pk).update(ends_on=timezone.localdate())
    time_passes()
    assert now_is(made).state == decided
    assert not unconfirmed_jobs.decided_meanwhile().exists()


@pytest.mark.parametrize("decide", [booking.approve, booking.refuse])
def test_nobody_approves_or_refuses_what_waits_for_a_job(beacon, decide):
    made = asks(a_run(asks_approval=True), joy(beacon))
    reason = {"reason": "No"} if decide is booking.refuse else {}
    with pytest.raises(BookingRefused, match="Confirm or refuse the job"):
        decide(made, by=lead_of(beacon), **reason)


def test_another_job_can_take_its_place(beacon):
    post = joy(beacon)
    made = asks(a_run(), post)
    other = PostFactory(person=post.person)
    changed = changing_job.change_job(made, other, by=post.person)
    assert (changed.agency, changed.state, changed.waits_for_job) == (
        other.agency, "confirmed", False,
    )  # fmt: skip


def test_an_exception_by_the_office_ends_the_waiting(beacon):
    run, post = a_run(), joy(beacon)
    asks(run, post)
    made = booking.add_regardless(run, post.person, by="OFFICE", reason="Asked by the court.")
    assert (made.state, made.waits_for_job) == ("confirmed", False)


# Nobody answers


def test_after_three_working_days_the_office_is_asked_and_the_place_is_kept(monday, beacon):
    post = joy(beacon)
    made = asks(a_run(starts_at=in_days(40)), post)
    monday.move_to("2027-06-09T08:30:00+00:00")
    time_passes()
    assert not now_is(made).job_office_at
    monday.move_to("2027-06-10T08:30:00+00:00")
    time_passes()
    time_passes()
    assert now_is(made).job_office_at == timezone.now()
    assert state_of(made) == ("requested", True, True)
    assert mails(Board.load().email) == ["place_waits_for_job"]
    assert Event.objects.about(made).filter(action="booking.job_put_to_office").count() == 1


def test_three_working_days_before_the_date_it_ends_with_one_email(monday, beacon):
    run, post = a_run(places=1, starts_at=in_days(40)), joy(beacon)
    made = asks(run, post)
    waits = asks(run, PostFactory())
    monday.move_to(made.held_until - dt.timedelta(minutes=1))
    time_passes()
    assert state_of(made) == ("requested", True, True)
    monday.move_to(made.held_until)
    time_passes()
    assert now_is(made).state == "lapsed"
    assert now_is(waits).state == "confirmed"
    assert mails(post.person) == ["job_awaited", "job_request_lapsed"]
    assert counts(run) == (1, 1, [])


def test_where_there_is_no_lead_the_office_is_asked_at_once():
    made = asks(a_run(), joy(AgencyFactory()))
    assert mails(Board.load().email) == ["place_waits_for_job"]
    assert unconfirmed_jobs.is_with_office(made)


def test_a_lead_who_has_left_hands_the_job_and_its_place_to_the_next(beacon):
    post = PersonFactory(name="Joy Hill")
    job = joining.join(post, beacon, title="Nurse", role_group=None, by=post)
    asks(a_run(), job)
    first, administrator = lead_of(beacon), PersonFactory(is_superuser=True, is_staff=True)
    second = PostFactory(agency=beacon, is_lead=True).person
    joining.appoint_lead(first.posts.get(), is_lead=False, by=administrator)
    leavers.pass_on()
    assert mails(second) == ["job_waiting"]
    assert "They have asked for a place on Supervision" in Mail.objects.get(to=second.email).text


def test_a_closed_account_gives_its_place_back(beacon):
    run, post = a_run(places=1), joy(beacon)
    made = asks(run, post)
    waits = asks(run, PostFactory())
    post.person.is_active = False
    administrator = PersonFactory(is_superuser=True, is_staff=True)
    accounts.save(post.person, groups=None, by=administrator)
    assert (now_is(made).state, now_is(waits).state) == ("withdrawn", "confirmed")
    assert not Post.objects.get(pk=post.pk).is_waiting


@pytest.mark.parametrize("number", [1, 2, 3])
def test_after_mergers_the_new_agencys_lead_decides(beacon, number):
    run, post = a_run(agency_cap=1), joy(beacon)
    made = asks(run, post)
    last = beacon
    for _ in range(number):
        into = AgencyFactory()
        last.merged_into, last.merged_on = into, timezone.localdate()
        last.save()
        last = into
    lead = PostFactory(agency=last, is_lead=True).person
    assert job_followers.waiting_for([post])[post.pk][0].words.startswith("Supervision")
    assert asks(run, PostFactory(agency=last)).state == "waiting"
    time_passes()
    joining.confirm(post, by=lead)
    assert state_of(made) == ("confirmed", True, False)


def test_a_lead_of_another_agency_decides_nothing(beacon):
    post = joy(beacon)
    asks(a_run(), post)
    with pytest.raises(joining.JoiningRefused):
        joining.confirm(post, by=PostFactory(is_lead=True).person)


# Every page says the same


@pytest.fixture
def asked(beacon):
    run = a_run(places=5)
    return asks(run, joy(beacon))


PAGES = {
    "my learning": ("person", "/my/", [WORDS, "must confirm that you work there"]),
    "what needs you": ("person", "/my/", ["You have asked for a place on Supervision, "]),
    "my jobs": ("person", "/my/jobs/", ["Waiting to be confirmed", "Supervision, ", "A place"]),
    "withdrawing the job": (
        "person",
        "/my/jobs/{job}/leave/",
        ["Your request for a place on Supervision, ", "This is free."],
    ),
    "the booking": (
        "person", "/my/bookings/{pk}/",
        [
            "We have asked whoever leads training at Beacon Academy to confirm",
            "A place is kept for you until", "one place at a time", "It costs nothing.",
        ],
    ),
    "cancelling": ("person", "/my/bookings/{pk}/cancel/", ["withdraw your request", "is free"]),
    "the course": (
        "person", "/courses/{slug}/",
        [WORDS, "Waiting for Beacon Academy to confirm that you work there", "one place at a time"],
    ),
    "the lead's page": (
        "lead", "/agency/",
        ["1 person waits for you to confirm that they work here", "Supervision, ", "is kept until"],
    ),
    "the lead's bookings": ("lead", "/agency/bookings/", [WORDS]),
    "the office's list": ("office", "/cms/booking/?state=job", ["Joy Hill", WORDS]),
    "the office's booking": (
        "office", "/cms/booking/inspect/{pk}/", [WORDS, "Confirm or refuse the job"],
    ),
    "the date": ("office", "/cms/run/inspect/{run}/", [f"{WORDS} (1)"]),
    "jobs to confirm": ("office", "/cms/job/waiting/", ["Joy Hill", "Supervision", "is kept"]),
    "this week": ("office", "/cms/", ["Places that wait for a job to be confirmed"]),
    "telephone": ("office", "/cms/telephone/{person}/", [WORDS]),
}  # fmt: skip


@pytest.mark.parametrize(("who", "path", "words"), PAGES.values(), ids=PAGES)
def test_every_page_says_that_it_waits_for_the_job(client, asked, office, who, path, words):
    reader = {"person": asked.person, "lead": lead_of(asked.agency), "office": office}[who]
    Booking.objects.filter(pk=asked.pk).update(job_office_at=None)
    slug = asked.run.course.page.slug
    client.force_login(reader)
    job = asked.person.posts.get().pk
    address = path.format(job=job, pk=asked.pk, run=asked.run_id, slug=slug, person=asked.person_id)
    response = client.get(address)
    assert response.status_code == 200
    page = said(response)
    for each in words:
        assert each in page, each
    assert "Waiting for approval" not in page.replace(">Waiting for approval</option>", "")
    assert "Say where you work" not in page


def test_the_course_page_offers_to_ask_and_not_to_say_again_where_one_works(client, beacon):
    run, post = a_run(), joy(beacon)
    client.force_login(post.person)
    page = said(client.get(f"/courses/{run.course.page.slug}/"))
    assert "Waiting for Beacon Academy to confirm that you work there" in page
    assert "Ask for a place" in page
    assert "Book a place" not in page
    assert "Say where you work" not in page
    form = said(client.get(f"/my/bookings/new/{run.pk}/"))
    assert "Beacon Academy has not confirmed yet that you work there." in form
    answer = client.post(f"/my/bookings/new/{run.pk}/", {"confirm": "yes"}, follow=True)
    assert "We have asked for a place for you" in said(answer)


def test_the_lead_has_no_request_to_approve_meanwhile(client, asked):
    client.force_login(lead_of(asked.agency))
    assert "No requests" in said(client.get("/agency/approvals/"))
    assert client.get(f"/agency/approvals/{asked.pk}/").status_code == 404


def test_the_spreadsheet_and_the_filter_of_bookings_say_so(client, asked, office):
    BookingFactory(state="requested", person__name="Bert")
    for query, people in (("", {"Joy Hill", "Bert"}), ("state=job", {"Joy Hill"}),
                          ("state=requested", {"Bert"})):  # fmt: skip
        rows = read_csv(client.get(f"/cms/booking/?export=csv&{query}")).by_heading()
        assert {row["Person"] for row in rows} == people
        states = {row["Person"]: row["State"] for row in rows}
        assert states.get("Joy Hill", WORDS) == WORDS
        assert states.get("Bert", "Waiting for approval") == "Waiting for approval"


@pytest.mark.parametrize("ends", ["refused", "lapsed"])
def test_the_page_of_one_that_ended_says_why(client, asked, ends):
    if ends == "refused":
        joining.refuse(asked.person.posts.get(), by=lead_of(asked.agency))
        words = "The job at Beacon Academy was not confirmed."
    else:
        Booking.objects.filter(pk=asked.pk).update(held_until=timezone.now())
        time_passes()
        words = "Nobody confirmed in time that you work at Beacon Academy"
    client.force_login(asked.person)
    page = said(client.get(f"/my/bookings/{asked.pk}/"))
    assert words in page
    assert "Other dates of Supervision" in page


# Many at once


def test_the_office_confirms_many_and_reads_what_became_of_each(client, office, beacon):
    posts = [joy(beacon, person__name=name) for name in ("Ann", "Bea", "Cleo")]
    made = [asks(a_run(f"Course {post.pk}"), post) for post in posts]
    own_job = PostFactory(person=office, agency=beacon, confirmed_at=None)
    sent = [*(post.pk for post in posts[:2]), own_job.pk, "x", "99999999"]
    page = said(client.post("/cms/job/waiting/", {"jobs": sent}))
    assert "Ann, Beacon Academy: confirmed" in page
    assert "Bea, Beacon Academy: confirmed" in page
    assert [now_is(each).state for each in made] == ["confirmed", "confirmed", "requested"]
    assert Post.objects.get(pk=own_job.pk).is_waiting
    assert "Cleo" in page.partition("<table")[2]


def test_the_office_sees_jobs_to_confirm_in_pages_those_with_a_place_first(
    client, office, beacon, monkeypatch
):
    monkeypatch.setattr("agencies.back_office.jobs.A_PAGE", 2)
    posts = [joy(beacon, person__name=name) for name in ("Ann", "Bea", "Cleo")]
    asks(a_run(), posts[-1])
    pages = [said(client.get(f"/cms/job/waiting/?page={page}")) for page in (1, 2)]
    shown = [[name for name in ("Ann", "Bea", "Cleo") if f"{name}<small" in page] for page in pages]
    assert shown == [["Ann", "Cleo"], ["Bea"]]
    assert "1 to 2 of 3" in pages[0]
    done = said(client.post("/cms/job/waiting/?page=2", {"jobs": posts[1].pk}))
    assert "Bea, Beacon Academy: confirmed" in done


def test_one_that_is_refused_holds_up_no_other(client, office, beacon):
    ann, bea = (joy(beacon, person__name=name) for name in ("Ann", "Bea"))
    joining.refuse(ann, by=lead_of(beacon))
    outcomes = joining.confirm_each([ann, bea], by=office)
    assert [bool(outcome.refusal) for outcome in outcomes] == [True, False]
    assert Post.objects.get(pk=bea.pk).is_confirmed


def test_only_the_training_office_sees_the_list(client, beacon):
    post = joy(beacon)
    editor = PersonFactory(is_staff=True, groups=[PROTOCOL_EDITORS])
    client.force_login(editor)
    for answer in (
        client.get("/cms/job/waiting/"),
        client.post("/cms/job/waiting/", {"jobs": post.pk}),
    ):
        assert answer.status_code in (302, 403)
        assert "Joy Hill" not in said(answer)
    assert Post.objects.get(pk=post.pk).is_waiting


def test_the_list_of_jobs_leads_to_it(client, office):
    assert 'href="/cms/job/waiting/"' in said(client.get("/cms/job/"))


def test_nothing_ticked_says_so(client, office, beacon):
    joy(beacon)
    assert "Tick the jobs that you confirm." in said(client.post("/cms/job/waiting/"))


@pytest.mark.parametrize("address", ["/cms/job/waiting/", "/agency/"])
def test_the_lists_ask_as_much_for_many_as_for_one(client, office, beacon, address):
    client.force_login(office if "cms" in address else lead_of(beacon))
    asks(a_run("Course 0"), joy(beacon, person__name="Ann 0"))
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(address)
    for number in range(1, 6):
        asks(a_run(f"Course {number}"), joy(beacon, person__name=f"Ann {number}"))
    client.get(address)  # The addresses of new pages are read anew.
    with CaptureQueriesContext(connection) as six:
        client.get(address)
    assert len(six) == len(one)


def test_the_lead_reads_before_refusing_that_the_request_ends_too(client, beacon):
    post = joy(beacon)
    client.force_login(lead_of(beacon))
    page = f"/agency/requests/{post.pk}/refuse/"
    assert "will end too" not in said(client.get(page))
    asks(a_run(), post)
    assert "Their request for a place on Supervision" in said(client.get(page))
    assert "will end too" in said(client.get(page))


BECOMES = {
    "a free date": ({}, "They have the place that they asked for: Supervision, "),
    "a full date": ({"places": 0}, "They are on the waiting list of Supervision, "),
    "one to approve": (
        {"asks_approval": True},
        "Their request for a place on Supervision, ",
    ),
}


@pytest.mark.parametrize("door", ["lead", "office"])
@pytest.mark.parametrize("what", BECOMES)
def test_whoever_confirms_reads_what_became_of_the_request(client, office, beacon, what, door):
    (facts, sentence), post = BECOMES[what], joy(beacon)
    asks(a_run(**facts), post)
    client.force_login(office if door == "office" else lead_of(beacon))
    if door == "office":
        page = said(client.post("/cms/job/waiting/", {"jobs": [post.pk]}))
        assert "Joy Hill, Beacon Academy: confirmed. We’ll email them. " + sentence in page
    else:
        page = said(client.post(f"/agency/requests/{post.pk}/confirm/", follow=True))
        assert "Joy Hill is confirmed. " + sentence in page


def test_a_job_that_waits_is_withdrawn_without_a_last_day(client, beacon):
    post = joy(beacon)
    made = asks(a_run(), post)
    client.force_login(post.person)
    page = f"/my/jobs/{post.pk}/leave/"
    assert "Last day in this job" not in said(client.get(page))
    answer = said(client.post(page, follow=True))
    assert "Your job at Beacon Academy is withdrawn." in answer
    assert now_is(made).state == "withdrawn"
    assert not Post.objects.get(pk=post.pk).is_waiting


# Broken open


@pytest.mark.parametrize("door", ["the person leaves", "the lead refuses"])
def test_a_job_ends_though_the_date_of_its_request_has_begun(client, monday, beacon, door):
    run, post = a_run(), joy(beacon)
    made = asks(run, post)
    with time_machine.travel(run.starts_at + dt.timedelta(minutes=5)):  # The worker was down.
        if door == "the person leaves":
            client.force_login(post.person)
            last = {"ends_on": timezone.localdate().isoformat()}
            assert client.post(f"/my/jobs/{post.pk}/leave/", last)["Location"] == "/my/jobs/"
        else:
            joining.refuse(post, by=lead_of(beacon))
            assert "has ended with it" not in Mail.objects.get(template="job_refused").text
        assert not Post.objects.get(pk=post.pk).is_waiting
        time_passes()
    assert now_is(made).state == "lapsed"


@pytest.fixture
def one_date_a_person(monday, beacon):
    """Return a request at one date, made by somebody who has a place on another by now."""
    first = a_run(places=1)
    Course.objects.filter(pk=first.course_id).update(second_date=Course.SecondDate.REFUSE)
    holder, post = PostFactory(), joy(beacon)
    held, made = asks(first, holder), asks(first, post)
    assert made.holds_place is False
    second = RunFactory(course=first.course)
    booking.request_place(second, post.person, post=PostFactory(person=post.person), by="OFFICE")
    booking.withdraw(held, by=holder.person)
    assert state_of(made) == ("requested", True, True)
    return now_is(made), post


@pytest.mark.parametrize("door", ["the lead confirms", "another job", "by the way"])
def test_who_has_another_date_by_then_is_offered_this_one(one_date_a_person, beacon, door):
    made, post = one_date_a_person
    if door == "the lead confirms":
        joining.confirm(post, by=lead_of(beacon))
    elif door == "another job":
        other = Post.objects.current().get(person=post.person)
        changing_job.change_job(made, other, by=post.person)
    else:
        Post.objects.filter(pk=post.pk).update(confirmed_at=timezone.now())
        time_passes()
    assert state_of(made) == ("offered", True, False)
    assert now_is(made).offered_until == deadlines.offer_ends(made.run)
    assert "place_offered" in mails(post.person)
    assert counts(made.run) == (1, 1, [])
    with pytest.raises(BookingRefused, match="one place on this course"):
        booking.accept_offer(now_is(made), by=post.person)
    [other] = Booking.objects.live().filter(person=post.person).exclude(pk=made.pk)
    booking.withdraw(other, by=post.person)
    assert booking.accept_offer(now_is(made), by=post.person).state == "confirmed"


@pytest.fixture
def merged(monday, beacon):
    """Return a request, its job at an agency that is part of another now, and that one's lead."""
    run, post = a_run(), joy(beacon)
    made = asks(run, post)
    trust = AgencyFactory(name="Trust", merged_into=AgencyFactory(name="Group"))
    Agency.objects.filter(pk=beacon.pk).update(merged_into=trust)
    lead = PostFactory(agency=trust.merged_into, is_lead=True).person
    return made, Post.objects.get(pk=post.pk), lead


def another_job(post, **more):
    group = Agency.objects.get(name="Group")
    return PostFactory(person=post.person, agency=group, **{"confirmed_at": None} | more)


def test_the_same_agency_confirms_it_by_another_job(merged):
    made, post, lead = merged
    newer = another_job(post)
    [listed] = job_followers.with_what_waits([newer])
    assert [item.words for item in listed.waits] == ["Supervision, Wednesday 7 July 2027"]
    joining.confirm(newer, by=lead)
    assert state_of(made) == ("confirmed", True, False)
    joining.refuse(post, by=lead, reason="Twice.")
    assert state_of(made) == ("confirmed", True, False)


def test_the_same_agency_confirms_it_by_a_door_that_tells_nobody(merged):
    made, post, _ = merged
    another_job(post, confirmed_at=timezone.now())
    time_passes()
    assert state_of(made) == ("confirmed", True, False)


@pytest.mark.parametrize("is_older_first", [True, False])
def test_it_ends_with_the_last_job_at_the_same_agency(merged, is_older_first):
    made, post, lead = merged
    first, last = (post, another_job(post)) if is_older_first else (another_job(post), post)
    joining.refuse(first, by=lead, reason="Twice.")
    time_passes()
    assert state_of(made) == ("requested", True, True)
    joining.refuse(last, by=lead, reason="Works elsewhere.")
    assert state_of(made) == ("refused", False, True)
    assert "has ended with it" in Mail.objects.filter(template="job_refused").latest("pk").text
