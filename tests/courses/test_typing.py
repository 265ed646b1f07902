"""Test the keyboard entry of a paper register."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from courses.attendance import register
from courses.attendance.register import Attendance
from courses.models import Mark
from history.models import Event
from tests.factories import BookingFactory, MarkFactory, PersonFactory, RunFactory, in_days

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer():
    return PersonFactory(name="Tess Trainer")


@pytest.fixture
def run(trainer):
    """Create a run of 180 minutes, in progress, with Ann, Bob, Cat, Dee and Eve."""
    starts_at = timezone.now() - dt.timedelta(hours=1)
    run = RunFactory(
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(hours=3),
        trainers=[trainer],
        places=40,
    )
    for name in ("Ann", "Bob", "Cat", "Dee", "Eve"):
        BookingFactory(run=run, person__name=name)
    return run


@pytest.fixture
def signed_in(client, trainer):
    client.force_login(trainer)
    return client


def address(run):
    return reverse("courses:register_type", args=[run.pk, run.sessions.get().pk])


def typed(page, **letters):
    """Build the form's POST data: letters by name, and the marks on load as `was_` fields."""
    sent = {}
    for row in page.context["rows"]:
        pk, name = row.line.booking.pk, row.line.booking.person.name
        sent[f"was_{pk}"] = row.typed.initial
        sent[f"typed_{pk}"] = letters.get(name, row.typed.value())
    return sent


def marks(run):
    made = Mark.objects.filter(session__run=run).order_by("booking__person__name")
    return {m.booking.person.name: str(Attendance(m.kind, m.minutes_missed)) for m in made}


def words(response):
    return " ".join(response.content.decode().split())


def test_a_letter_a_person_is_saved_at_once(signed_in, run):
    page = signed_in.get(address(run))
    sent = typed(page, Ann="p", Bob="L10", Cat="e 15", Dee="a", Eve=" X ")
    response = signed_in.post(address(run), sent | {"save": "yes"}, follow=True)
    assert "Saved. 5 are marked." in words(response)
    assert marks(run) == {
        "Ann": "present",
        "Bob": "late 10",
        "Cat": "left_early 15",
        "Dee": "apologies",
        "Eve": "absent",
    }
    assert Event.objects.filter(action="register.marked").count() == 1
    page = signed_in.get(address(run))
    assert [row.typed.value() for row in page.context["rows"]] == ["p", "l 10", "e 15", "a", "x"]


def test_saving_what_is_there_changes_nothing(signed_in, run):
    signed_in.post(address(run), typed(signed_in.get(address(run)), Ann="p"))
    before = list(Mark.objects.values())
    signed_in.post(address(run), typed(signed_in.get(address(run))))
    assert list(Mark.objects.values()) == before


def test_an_empty_box_leaves_what_is_there(signed_in, run):
    MarkFactory(booking=run.bookings.get(person__name="Ann"))
    signed_in.post(address(run), typed(signed_in.get(address(run)), Ann="", Bob="p"))
    assert marks(run) == {"Ann": "present", "Bob": "present"}


def test_without_script_enter_saves_and_goes_on_where_a_box_is_empty(signed_in, run):
    sent = typed(signed_in.get(address(run)), Ann="p") | {"goes_on": "yes"}
    page = signed_in.post(address(run), sent, follow=True)
    assert [row.line.booking.person.name for row in page.context["rows"] if row.is_next] == ["Bob"]
    assert page.content.decode().count(" autofocus>") == 1


@pytest.mark.parametrize(
    ("letters", "sentence"),
    [
        ("q", "On line 2, Bob: type p, l 10, e 15, a or x."),
        ("present", "On line 2, Bob: type p, l 10, e 15, a or x."),
        ("l", "On line 2, Bob: type how many minutes were missed, from 1 to 180, such as l 10."),
        ("e 0", "from 1 to 180, such as e 10."),
        ("l 181", "from 1 to 180, such as l 10."),
        ("p 10", "On line 2, Bob: minutes belong to l (late) or e (left early)."),
        ("l ١٠", "On line 2, Bob: type p, l 10, e 15, a or x."),
        ("l 10 minutes", "On line 2, Bob: type p, l 10, e 15, a or x."),
        ("x" * 13, "at most 12 characters"),
    ],
)
def test_a_slip_is_told_on_its_line_and_keeps_no_other_back(signed_in, run, letters, sentence):
    sent = typed(signed_in.get(address(run)), Ann="p", Bob=letters, Cat="x")
    response = signed_in.post(address(run), sent)
    assert sentence in words(response)
    assert [row.typed.value() for row in response.context["rows"]][0] == "p"
    assert [row.line.booking.person.name for row in response.context["rows"] if row.is_next] == [
        "Bob"
    ]
    assert marks(run) == {"Ann": "present", "Cat": "absent"}
    assert "2 other marks are saved." in words(response)


def test_what_another_trainer_marked_meanwhile_is_shown_before_it_is_changed(signed_in, run):
    stale = typed(signed_in.get(address(run)), Ann="p", Bob="p")
    ann = run.bookings.get(person__name="Ann")
    register.mark(run.sessions.get(), {ann.pk: Attendance("late", 20)}, by=PersonFactory())
    response = signed_in.post(address(run), stale)
    assert "On line 1, Ann: somebody else has marked them since." in words(response)
    assert marks(run) == {"Ann": "late 20", "Bob": "present"}
    signed_in.post(address(run), typed(response, Ann="p", Bob="p"))
    assert marks(run) == {"Ann": "present", "Bob": "present"}


def test_before_it_opens_only_apologies_can_be_typed(signed_in, trainer):
    run = RunFactory(trainers=[trainer])
    BookingFactory(run=run, person__name="Ann")
    response = signed_in.post(address(run), typed(signed_in.get(address(run)), Ann="p"))
    assert "Until then only apologies can be marked." in words(response)
    signed_in.post(address(run), typed(signed_in.get(address(run)), Ann="a"))
    assert marks(run) == {"Ann": "apologies"}


def test_a_register_that_is_signed_off_or_cancelled_is_not_typed_in(signed_in, run, trainer):
    sent = typed(signed_in.get(address(run)), Ann="p")
    register.close(run, by=trainer)
    assert signed_in.post(address(run), sent).url == reverse("courses:register", args=[run.pk])
    assert marks(run)["Ann"] == "absent"
    cancelled = RunFactory(trainers=[trainer], cancelled_at=in_days(0))
    assert signed_in.get(address(cancelled)).status_code == 302


def test_a_session_of_another_date_is_not_there(signed_in, run, trainer):
    other = RunFactory(trainers=[trainer])
    mixed = reverse("courses:register_type", args=[run.pk, other.sessions.get().pk])
    assert signed_in.get(mixed).status_code == 404


def test_many_take_as_many_questions_as_few(signed_in, run):
    signed_in.get(address(run))
    few = asks(signed_in, run)
    for number in range(20):
        BookingFactory(run=run, person__name=f"Person {number}")
    assert asks(signed_in, run) == few


def asks(client, run):
    with CaptureQueriesContext(connection) as queries:
        client.get(address(run))
    return len(queries)
