"""Test the register's pages as a trainer sees them."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agencies.access import TRAINING_ADMINISTRATORS
from courses.attendance import register
from courses.attendance.register import Attendance
from courses.booking import booking
from courses.models import Completion, Mark
from history.models import Event
from lms.models import Mail
from tests.factories import (
    BookingFactory,
    MarkFactory,
    PersonFactory,
    PostFactory,
    QuestionFactory,
    RunFactory,
    SessionFactory,
    in_days,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer():
    return PersonFactory(name="Tess Trainer")


@pytest.fixture
def office():
    return PersonFactory(groups=[TRAINING_ADMINISTRATORS], is_staff=True)


@pytest.fixture
def run(trainer):
    """Create a run in progress with Ann, Bob and Cat."""
    run = running(trainer)
    for name in ("Ann", "Bob", "Cat"):
        BookingFactory(run=run, person__name=name, agency__name=f"Agency of {name}")
    return run


def running(*trainers, **fields):
    starts_at = timezone.now() - dt.timedelta(hours=1)
    ends_at = starts_at + dt.timedelta(hours=3)
    return RunFactory(starts_at=starts_at, ends_at=ends_at, trainers=trainers, places=40, **fields)


def address(run):
    return f"/register/{run.pk}/"


def entered(run, minutes=None, **kinds):
    """Build the register's POST data: marks by name, and the stored ones as `was_` fields."""
    sent, session = {}, run.sessions.first()
    for one in run.bookings.filter(state="confirmed").select_related("person"):
        made = Mark.objects.filter(session=session, booking=one).first()
        was = f"{made.kind} {made.minutes_missed}".removesuffix(" 0") if made else ""
        kind = kinds.get(one.person.name, made.kind if made else "")
        sent |= {
            f"was_{one.pk}": was,
            f"minutes_{one.pk}": (minutes or {}).get(one.person.name, ""),
        }
        if kind:
            sent[f"mark_{one.pk}"] = kind
    return sent


def marks(run):
    rows = Mark.objects.filter(session__run=run).order_by("booking__person__name")
    return {name: (kind, minutes) for name, kind, minutes in rows.values_list(
        "booking__person__name", "kind", "minutes_missed")}  # fmt: skip


def words(response):
    return " ".join(response.content.decode().split())


def test_a_save_says_when_and_how_many(client, trainer, run, time_machine):
    client.force_login(trainer)
    time_machine.move_to(timezone.localtime().replace(hour=14, minute=32), tick=False)
    run = RunFactory(starts_at=in_days(0, "13:30"), trainers=[trainer])
    for name in ("Ann", "Bob", "Cat"):
        BookingFactory(run=run, person__name=name)
    kinds = {"Ann": "present", "Bob": "late", "Cat": "absent"}
    sent = entered(run, minutes={"Bob": "10", "Cat": "99"}, **kinds)
    response = client.post(address(run), sent, follow=True)
    assert "Saved 14:32. 2 of 3 present." in words(response)
    assert marks(run) == {"Ann": ("present", 0), "Bob": ("late", 10), "Cat": ("absent", 0)}
    assert set(Mark.objects.values_list("marked_by", flat=True)) == {trainer.pk}


def test_the_same_save_twice_changes_nothing(client, trainer, run):
    client.force_login(trainer)
    sent = entered(run, Ann="present", Bob="absent")
    client.post(address(run), sent)
    before = list(Mark.objects.values())
    assert client.post(address(run), sent).status_code == 302
    assert list(Mark.objects.values()) == before
    assert Event.objects.filter(action="register.marked").count() == 1


def test_a_page_left_open_does_not_undo_what_another_trainer_marked_since(client, trainer, run):
    client.force_login(trainer)
    stale = entered(run, Ann="present")
    bob = run.bookings.get(person__name="Bob")
    register.mark(run.sessions.get(), {bob.pk: Attendance("absent")}, by=PersonFactory())
    client.post(address(run), stale)
    assert marks(run) == {"Ann": ("present", 0), "Bob": ("absent", 0)}


def test_everyone_present_is_not_who_another_trainer_marked_since(client, trainer, run):
    client.force_login(trainer)
    stale = entered(run) | {"everyone": "yes"}
    bob = run.bookings.get(person__name="Bob")
    register.mark(run.sessions.get(), {bob.pk: Attendance("absent")}, by=PersonFactory())
    client.post(address(run), stale)
    assert marks(run) == {"Ann": ("present", 0), "Bob": ("absent", 0), "Cat": ("present", 0)}


def test_where_two_trainers_differ_the_second_is_told_and_chooses(client, trainer, run):
    client.force_login(trainer)
    stale = entered(run, Ann="present", Bob="present")
    bob = run.bookings.get(person__name="Bob")
    register.mark(run.sessions.get(), {bob.pk: Attendance("absent")}, by=PersonFactory())
    response = client.post(address(run), stale)
    assert "Bob was marked absent since you loaded this page." in words(response)
    assert chosen(response) == {"Ann": "present", "Bob": "present", "Cat": ""}
    assert marks(run) == {"Ann": ("present", 0), "Bob": ("absent", 0)}
    seen_now = {f"was_{row.line.booking.pk}": row.was for row in response.context["rows"]}
    client.post(address(run), stale | seen_now)
    assert marks(run) == {"Ann": ("present", 0), "Bob": ("present", 0)}


def test_everyone_else_is_marked_present_without_script(client, trainer, run):
    client.force_login(trainer)
    client.post(address(run), entered(run, Bob="apologies"))
    client.post(address(run), entered(run) | {"everyone": "yes"})
    assert marks(run) == {"Ann": ("present", 0), "Bob": ("apologies", 0), "Cat": ("present", 0)}
    assert "everyone" not in client.get(address(run)).content.decode()


def test_all_present_is_taken_back_with_one_button(client, trainer, run):
    client.force_login(trainer)
    client.post(address(run), entered(run, Bob="apologies"))
    assert "Take back" not in words(client.get(address(run)))
    client.post(address(run), entered(run) | {"everyone": "yes"})
    undo = f"{address(run)}{run.sessions.get().pk}/undo/"
    assert undo in client.get(address(run)).content.decode()
    page = client.post(undo, follow=True)
    assert "2 people are not marked any more." in words(page)
    assert marks(run) == {"Bob": ("apologies", 0)}
    assert "Take back" not in words(page)
    assert "There was nothing left to take back." in words(client.post(undo, follow=True))


def test_a_name_or_an_agency_is_found_without_script_and_the_rest_stays_as_it_is(
    client, trainer, run
):
    client.force_login(trainer)
    client.post(address(run), entered(run, Ann="late", minutes={"Ann": "5"}))
    page = client.get(f"{address(run)}?q=agency+BOB")
    assert [row.line.booking.person.name for row in page.context["shown"]] == ["Bob"]
    assert (page.context["present"], page.context["unmarked"]) == (1, 2)
    bob = run.bookings.get(person__name="Bob")
    sent = {f"was_{bob.pk}": "", f"mark_{bob.pk}": "late", f"minutes_{bob.pk}": "x"}
    wrong = client.post(f"{address(run)}?q=bob", sent)
    assert (wrong.context["present"], wrong.context["unmarked"]) == (2, 1)
    saved = client.post(f"{address(run)}?q=bob", sent | {f"minutes_{bob.pk}": "7"})
    assert saved.headers["Location"].endswith("/?q=bob")
    assert marks(run) == {"Ann": ("late", 5), "Bob": ("late", 7)}
    nobody = client.get(f"{address(run)}?q=zz\0z")
    assert nobody.context["shown"] == []
    assert "data-nobody hidden" not in nobody.content.decode()
    assert "Mark the other" not in words(nobody)


def test_what_must_be_attended_is_said_where_it_is_marked_and_where_it_is_missed(client, trainer):
    now = timezone.now()
    run = RunFactory(sessions=[], trainers=[trainer])
    short = SessionFactory(
        run=run, name="Welcome", is_essential=True,
        starts_at=now - dt.timedelta(hours=5), ends_at=now - dt.timedelta(hours=4, minutes=45),
    )  # fmt: skip
    long = SessionFactory(run=run, name="Day", starts_at=now - dt.timedelta(hours=4))
    ann = BookingFactory(run=run, person__name="Ann")
    MarkFactory(booking=ann, session=short, kind="absent")
    MarkFactory(booking=ann, session=long)
    client.force_login(trainer)
    assert "must be attended" in words(client.get(f"{address(run)}{short.pk}/"))
    page = client.get(f"{address(run)}sign-off/")
    assert people(page, "complete", "partial") == [[], ["Ann"]]
    assert "Missed 15 of 195 minutes, and Welcome, which must be attended" in words(page)
    assert "of its 195 minutes, nor Welcome." in words(page)


@pytest.mark.parametrize(
    "typed",
    [
        "", "ten", "-1", "٣", "9" * 5000, "0", "181",
    ],
)  # fmt: skip
def test_wrong_minutes_are_told_kept_on_the_form_and_keep_no_other_back(
    client, trainer, run, typed
):
    client.force_login(trainer)
    sentence = "Enter how many minutes Ann missed, from 1 to 180"
    ann = run.bookings.get(person__name="Ann")
    sent = entered(run, minutes={"Ann": typed}, Ann="late", Bob="absent")
    response = client.post(address(run), sent)
    assert f'<a href="#id_minutes_{ann.pk}">{sentence}</a>' in words(response)
    assert f'value="{typed}"' in words(response)
    assert chosen(response) == {"Ann": "late", "Bob": "absent", "Cat": ""}
    assert marks(run) == {"Bob": ("absent", 0)}
    assert "1 other mark is saved." in words(response)
    # The page knows what it has saved: Bob can be changed on it, and Ann's mark put right.
    seen_now = {f"was_{row.line.booking.pk}": row.was for row in response.context["rows"]}
    bob = run.bookings.get(person__name="Bob")
    again = {f"minutes_{ann.pk}": "10", f"mark_{bob.pk}": "present"}
    assert client.post(address(run), sent | seen_now | again).status_code == 302
    assert marks(run) == {"Ann": ("late", 10), "Bob": ("present", 0)}


def test_who_was_unmarked_since_the_page_was_made_is_named_and_can_be_saved(client, trainer, run):
    client.force_login(trainer)
    client.post(address(run), entered(run) | {"everyone": "yes"})
    stale = entered(run, Ann="absent")
    register.undo_all_present(run.sessions.get(), by=trainer)
    page = client.post(address(run), stale)
    assert "The mark of Ann was taken back since you loaded this page." in words(page)
    assert (chosen(page)["Ann"], marks(run)) == ("absent", {})
    seen_now = {f"was_{row.line.booking.pk}": row.was for row in page.context["rows"]}
    client.post(address(run), stale | seen_now)
    assert marks(run)["Ann"] == ("absent", 0)


@pytest.fixture
def thirty(trainer):
    run = running(trainer)
    for number in range(30):
        BookingFactory(run=run, person__name=f"Person {number:02}")
    return run


def test_a_register_of_thirty_is_saved_with_ten_queries(client, trainer, thirty):
    client.force_login(trainer)
    client.get(address(thirty))  # warm-up: fills the caches of the process
    everybody = list(thirty.bookings.values_list("person__name", flat=True))
    for kind in ("present", "apologies", "absent"):
        sent = entered(thirty, **dict.fromkeys(everybody, kind))
        with CaptureQueriesContext(connection) as asked:
            assert client.post(address(thirty), sent).status_code == 302
        questions = [one["sql"] for one in asked if not one["sql"].startswith(OF_TRANSACTIONS)]
        assert len(questions) <= 10, "\n".join(questions)
        assert set(marks(thirty).values()) == {(kind, 0)}
        assert len(marks(thirty)) == 30


OF_TRANSACTIONS = ("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT")


def chosen(response):
    return {row.line.booking.person.name: row.kind for row in response.context["rows"]}


def test_a_choice_that_there_is_not_marks_nobody_and_keeps_no_other_back(client, trainer, run):
    client.force_login(trainer)
    sent = entered(run, Ann="asleep", Bob="absent") | {"everyone": "yes"}
    response = client.post(address(run), sent)
    assert "Choose present, late, left early, apologies or absent." in words(response)
    assert marks(run) == {"Bob": ("absent", 0), "Cat": ("present", 0)}


def test_who_cancelled_meanwhile_is_named_and_the_other_marks_are_still_there(client, trainer):
    run = RunFactory(trainers=[trainer])
    for name in ("Ann", "Bob"):
        BookingFactory(run=run, person__name=name)
    client.force_login(trainer)
    sent = entered(run, Ann="apologies", Bob="apologies")
    bob = run.bookings.get(person__name="Bob")
    booking.withdraw(bob, by=bob.person)
    response = client.post(address(run), sent)
    assert "Bob no longer has a place on this date." in words(response)
    assert chosen(response) == {"Ann": "apologies"}
    assert marks(run) == {"Ann": ("apologies", 0)}


def test_before_it_opens_only_apologies_can_be_chosen(client, trainer):
    run = RunFactory(trainers=[trainer])
    BookingFactory(run=run, person__name="Ann")
    client.force_login(trainer)
    page = client.get(address(run)).content.decode()
    assert "Until then only apologies can be marked." in page
    assert page.count(" disabled>") == 4
    assert "Mark everyone present" not in page
    response = client.post(address(run), entered(run, Ann="present"))
    assert "This register opens on" in words(response)
    assert marks(run) == {}


def test_each_session_has_its_own_register_and_the_one_going_on_comes_first(client, trainer):
    now = timezone.now()
    run = RunFactory(sessions=[], trainers=[trainer])
    over = SessionFactory(run=run, name="Day 1", starts_at=now - dt.timedelta(days=2))
    on = SessionFactory(run=run, name="Day 2", starts_at=now - dt.timedelta(minutes=5))
    SessionFactory(run=run, name="Day 3", starts_at=now + dt.timedelta(days=2))
    ann = BookingFactory(run=run, person__name="Ann")
    client.force_login(trainer)
    response = client.get(address(run))
    assert response.context["session"] == on
    tabs = [(t["session"].name, t["marked"], t["present"]) for t in response.context["tabs"]]
    assert tabs == [("Day 1", 0, 0), ("Day 2", 0, 0), ("Day 3", 0, 0)]
    client.post(f"{address(run)}{over.pk}/", {f"mark_{ann.pk}": "present"})
    assert list(Mark.objects.values_list("session", "kind")) == [(over.pk, "present")]
    assert client.get(f"{address(run)}{over.pk}/").context["present"] == 1


def test_a_session_of_another_date_is_not_found(client, trainer, run):
    client.force_login(trainer)
    other = running(trainer).sessions.get()
    assert client.get(f"{address(run)}{other.pk}/").status_code == 404
    assert client.post(f"{address(run)}{other.pk}/", {}).status_code == 404


def test_access_needs_are_there_for_the_trainer_and_not_on_paper(client, trainer, run):
    run.bookings.filter(person__name="Ann").update(access_needs="Hearing loop")
    client.force_login(trainer)
    page = client.get(address(run)).content.decode()
    assert "Hearing loop" in page
    assert "Hearing loop" not in page.split('class="print-only"')[1]


def pages(run):
    return [
        address(run),
        f"{address(run)}{run.sessions.first().pk}/",
        f"{address(run)}sign-off/",
    ]


def test_nobody_but_the_dates_trainers_and_the_office_finds_a_register(client, run, office):
    professional = run.bookings.first().person
    lead = PostFactory(is_lead=True, agency=run.bookings.first().agency).person
    other_trainer = PersonFactory()
    running(other_trainer)
    for person in (professional, lead, other_trainer):
        client.force_login(person)
        for page in pages(run):
            assert client.get(page).status_code == 404
            assert client.post(page, entered(run, Ann="present")).status_code == 404
        assert client.post(f"{address(run)}release/").status_code == 404
    assert (marks(run), Completion.objects.count()) == ({}, 0)
    client.force_login(office)
    assert [client.get(page).status_code for page in pages(run)] == [200, 200, 200]


def test_a_visitor_is_asked_to_sign_in(client, run):
    for page in ["/register/", *pages(run)]:
        assert client.get(page).headers["Location"] == f"{reverse('account_login')}?next={page}"


def test_signing_off_shows_what_will_become_of_each_and_then_what_did(client, trainer, run):
    client.force_login(trainer)
    sent = entered(run, minutes={"Bob": "31"}, Ann="present", Bob="late") | {"sign_off": "yes"}
    assert client.post(address(run), sent).headers["Location"] == f"{address(run)}sign-off/"
    page = client.get(f"{address(run)}sign-off/")
    assert people(page, "complete", "partial", "unmarked") == [["Ann"], ["Bob"], ["Cat"]]
    assert "Missed 31 of 180 minutes" in words(page)
    assert "nobody may miss more than 30 of its 180 minutes" in words(page)
    assert Completion.objects.count() == 0
    page = client.post(f"{address(run)}sign-off/", {"sure": "yes"}, follow=True)
    assert people(page, "complete", "partial", "absent") == [["Ann"], ["Bob"], ["Cat"]]
    assert "Register signed off" in words(page)
    assert "The training office will decide whether to email them." in words(page)
    assert "Email those who did not come" not in words(page)
    assert client.get(f"{address(run)}sign-off/").status_code == 302
    client.post(f"{address(run)}sign-off/")
    assert Completion.objects.count() == 1


def people(page, *lists):
    return [[line.booking.person.name for line in page.context[each]] for each in lists]


def test_signing_off_too_early_says_when_and_changes_nothing(client, trainer):
    run = RunFactory(trainers=[trainer])
    client.force_login(trainer)
    assert "can be signed off once" in words(client.get(f"{address(run)}sign-off/"))
    response = client.post(f"{address(run)}sign-off/")
    assert "The last session has not begun" in words(response)
    run.refresh_from_db()
    assert run.closed_at is None


def test_marks_sent_after_signing_off_are_refused_and_still_on_the_form(client, trainer, run):
    client.force_login(trainer)
    sent = entered(run, Ann="present")
    register.close(run, by=trainer)
    response = client.post(address(run), sent)
    assert "This register is signed off." in words(response)
    assert chosen(response)["Ann"] == "present"
    assert marks(run)["Ann"] == ("absent", 0)


def test_the_office_releases_the_mails_once_and_a_trainer_cannot(client, trainer, office, run):
    register.close(run, by=trainer)
    client.force_login(trainer)
    assert client.post(f"{address(run)}release/").status_code == 404
    assert Mail.objects.count() == 0
    client.force_login(office)
    assert "goes to Ann, Bob and Cat." in words(client.get(address(run)))
    page = client.post(f"{address(run)}release/", follow=True)
    assert "3 emails are on the way to those who did not come." in words(page)
    assert "They have been written to." in words(page)
    page = client.post(f"{address(run)}release/", follow=True)
    assert "There was nobody left to write to." in words(page)
    assert Mail.objects.count() == 3


def test_mails_are_not_released_before_signing_off(client, office, run):
    client.force_login(office)
    page = client.post(f"{address(run)}release/", follow=True)
    assert "The register is not signed off" in words(page)
    assert Mail.objects.count() == 0


def test_a_cancelled_date_and_one_without_times_have_no_register(client, trainer):
    client.force_login(trainer)
    cancelled = RunFactory(trainers=[trainer], cancelled_at=timezone.now())
    assert "was cancelled" in words(client.get(address(cancelled)))
    unsettled = RunFactory(trainers=[trainer], sessions=[])
    assert "not settled yet" in words(client.get(address(unsettled)))
    assert "Nobody has a place" in words(client.get(address(running(trainer))))


def test_my_dates_stand_by_urgency_each_once(client, trainer):
    today = RunFactory(trainers=[trainer], starts_at=in_days(0, "00:00"))
    late = RunFactory(trainers=[trainer], starts_at=in_days(-3))
    coming = RunFactory(trainers=[trainer], starts_at=in_days(3))
    done = RunFactory(trainers=[trainer], starts_at=in_days(-5), closed_at=in_days(-4))
    RunFactory(trainers=[trainer], starts_at=in_days(-50), closed_at=in_days(-49))
    RunFactory(trainers=[trainer], starts_at=in_days(4), cancelled_at=in_days(-1))
    RunFactory(starts_at=in_days(5))
    client.force_login(trainer)
    lists = client.get("/register/").context["lists"]
    assert [(heading, list(runs)) for heading, runs in lists] == [
        ("Today", [today]),
        ("To be signed off", [late]),
        ("Coming", [coming]),
        ("Signed off lately", [done]),
    ]


def test_only_those_who_keep_registers_are_led_to_them(client, trainer, office, run):
    def is_led(person):
        client.force_login(person)
        return 'href="/register/"' in client.get("/register/").content.decode()

    assert [is_led(person) for person in (trainer, office, PersonFactory())] == [True, True, False]


@pytest.mark.parametrize("state", ["open", "closed", "signing off", "list"])
def test_pages_ask_the_same_few_questions_of_the_database_for_one_and_for_many(
    client, trainer, django_assert_max_num_queries, django_assert_num_queries, state
):
    client.force_login(trainer)

    def page_with(rows):
        run = running(trainer)
        for one in BookingFactory.create_batch(rows, run=run, access_needs="A loop"):
            MarkFactory(booking=one)
        if state == "closed":
            register.close(run, by=trainer)
        return {"signing off": f"{address(run)}sign-off/", "list": "/register/"}.get(
            state, address(run)
        )

    first = page_with(1)
    client.get(first)
    with django_assert_max_num_queries(12) as one:
        client.get(first)
    many = page_with(3)
    with django_assert_num_queries(len(one.captured_queries)):
        assert client.get(many).status_code == 200


def test_while_a_session_runs_signing_off_asks_and_says_what_follows(
    client, trainer, run, time_machine
):
    client.force_login(trainer)
    run = RunFactory(starts_at=in_days(0, "09:30"), ends_at=in_days(0, "12:45"), trainers=[trainer])
    for name in ("Ann", "Bob", "Cat"):
        BookingFactory(run=run, person__name=name)
    time_machine.move_to(in_days(0, "11:00"), tick=False)
    QuestionFactory()
    client.post(address(run), entered(run, Ann="present", Bob="late", minutes={"Bob": "90"}))
    for page in (client.get(f"{address(run)}sign-off/"), client.post(f"{address(run)}sign-off/")):
        assert page.status_code == 200
        assert "This session ends at 12:45pm. Sign off now?" in words(page)
        assert "1 person who is not marked will be counted as absent" in words(page)
        assert "1 person completes the course, even if they leave before the end" in words(page)
        assert "we’ll email 2 people at once to ask how it was" in words(page)
    assert Completion.objects.count() == 0
    assert Mail.objects.count() == 0
    client.post(f"{address(run)}sign-off/", {"sure": "yes"})
    assert Completion.objects.count() == 1
    assert Mail.objects.count() == 2


def test_after_the_end_signing_off_does_not_ask(client, trainer, run, time_machine):
    client.force_login(trainer)
    run = RunFactory(starts_at=in_days(0, "09:30"), ends_at=in_days(0, "12:45"), trainers=[trainer])
    BookingFactory(run=run, person__name="Ann")
    time_machine.move_to(in_days(0, "12:45"), tick=False)
    client.post(address(run), entered(run, Ann="present"))
    page = client.get(f"{address(run)}sign-off/")
    assert "Sign off now?" not in words(page)
    assert "we’ll email the certificate to this person at once" in words(page)
    client.post(f"{address(run)}sign-off/")
    assert Completion.objects.count() == 1
