"""Test the pages on which a trainer imports an attendance report."""

import html
import re
from pathlib import Path

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agencies.access import TRAINING_ADMINISTRATORS
from courses.attendance import register
from courses.models import Mark, MeetingAlias
from tests.factories import BookingFactory, MarkFactory, PersonFactory, RunFactory, in_days

pytestmark = pytest.mark.django_db
FILES = Path(__file__).parent / "meeting_reports"
SIGNED = re.compile(r'name="report" value="([^"]+)"')


@pytest.fixture(autouse=True)
def after_the_day():
    with time_machine.travel("2026-10-14T17:00+01:00", tick=False):
        yield


@pytest.fixture
def trainer():
    return PersonFactory(name="Tess Trainer", email="tess.trainer@board.example.org")


@pytest.fixture
def run(trainer):
    """Create this morning's run of 180 minutes, booked by the people in the sample reports."""
    starts_at, ends_at = in_days(0, "09:30"), in_days(0, "12:30")
    run = RunFactory(starts_at=starts_at, ends_at=ends_at, trainers=[trainer], places=40)
    for name, email in [
        ("Ann Ash", "ann.ash@health.example.org"),
        ("Bob Birch", "bob.birch@police.example.org"),
        ("Cat Cedar", "cat@schools.example.org"),
        ("Sam Sorrel", "sam@charity.example.org"),
        ("Dee Daw", "dee@health.example.org"),
    ]:
        BookingFactory(run=run, person__name=name, person__email=email)
    return run


@pytest.fixture
def signed_in(client, trainer):
    client.force_login(trainer)
    return client


def bring(client, run, file, zone="Europe/London"):
    content = (FILES / file).read_bytes() if isinstance(file, str) else file
    sent = {"file": SimpleUploadedFile("report.csv", content), "zone": zone}
    return client.post(reverse("courses:meeting_report", args=[run.pk]), sent)


def words(response):
    return " ".join(html.unescape(response.content.decode()).split())


def asked(response):
    """Return by attendee name: (the preselected choice in words, how it was matched)."""
    form = response.context["form"]
    labels = {str(pk): label.split(",")[0] for pk, label in form.booked.labels().items()}
    return {
        made.attendee.name: (labels.get(field.value(), field.value()), made.how)
        for made, field in form.rows
    }


def answers(response, **chosen):
    """Build the matching form's POST data; `chosen` overrides choices by attendee name."""
    form = response.context["form"]
    people = {booking.person.name: str(booking.pk) for booking in form.booked.bookings}
    sent = {"report": SIGNED.search(response.content.decode())[1], "absent": "yes"}
    for made, field in form.rows:
        said = chosen.get(made.attendee.name, field.value())
        sent[field.html_name] = people.get(said, said)
    return sent


def press(client, run, name, sent, **more):
    return client.post(reverse(f"courses:{name}", args=[run.pk]), sent, **more)


def marks(run):
    made = Mark.objects.filter(session__run=run).select_related("booking__person")
    return {m.booking.person.name: str(register.Attendance(m.kind, m.minutes_missed)) for m in made}


def test_zoom_from_the_file_to_the_register(signed_in, run):
    page = bring(signed_in, run, "zoom_with_meeting.csv")
    assert asked(page) == {
        "Tess Trainer": ("nobody", "trainer of this date"),
        "Ann Ash": ("Ann Ash", "by email address"),
        "Birch, Bob": ("Bob Birch", "by name"),
        "Cat's iPad (Cat Cedar)": ("Cat Cedar", "by name"),
        "Sam Sorrel": ("Sam Sorrel", "by name"),
        "Otter.ai Notetaker": ("nobody", "records or takes notes"),
        "447700900123": ("", ""),
    }
    assert "Booked, and not matched (1)" in words(page)
    sent = answers(page, **{"447700900123": "nobody"})
    preview = press(signed_in, run, "meeting_match", sent)
    assert "5 marks to be made." in words(preview)
    assert marks(run) == {}
    done = press(signed_in, run, "meeting_mark", sent, follow=True)
    assert "5 marks made from the report." in words(done)
    assert marks(run) == {
        "Ann Ash": "present",
        "Bob Birch": "present",
        "Cat Cedar": "late 22",
        "Sam Sorrel": "present",
        "Dee Daw": "absent",
    }


def test_teams_from_the_file_to_the_register_and_the_address_is_known_next_time(signed_in, run):
    page = bring(signed_in, run, "teams_report.csv")
    assert asked(page) == {
        "Ash, Ann": ("Ann Ash", "by email address"),
        "Bob Birch (Guest)": ("Bob Birch", "by name"),
        "Cat Cedar": ("Cat Cedar", "by name"),
        "Tess Trainer": ("nobody", "trainer of this date"),
    }
    press(signed_in, run, "meeting_mark", answers(page, **{"Cat Cedar": "Dee Daw"}))
    assert marks(run) == {
        "Ann Ash": "left_early 40",
        "Bob Birch": "late 15",
        "Cat Cedar": "absent",
        "Sam Sorrel": "absent",
        "Dee Daw": "left_early 20",
    }
    known = MeetingAlias.objects.get()
    assert (known.person.name, known.words) == ("Dee Daw", "cat@cedar.example.com")
    again = bring(signed_in, run, "teams_report.csv")
    assert asked(again)["Cat Cedar"] == ("Dee Daw", "as it was matched before")


@pytest.mark.parametrize("file", ["teams_joined_and_left.csv", "teams_comma.csv"])
def test_the_older_shapes_of_teams(signed_in, run, file):
    page = bring(signed_in, run, file)
    press(signed_in, run, "meeting_mark", answers(page))
    assert marks(run)["Ann Ash"] == ("left_early 10" if "joined" in file else "present")


def test_rows_that_cannot_be_read_are_told_with_line_and_reason(signed_in, run):
    page = words(bring(signed_in, run, "teams_comma.csv"))
    assert "2 rows of the report could not be read." in page
    assert "Line 10: 'yesterday' is not a date and time that we can read." in page


def test_two_reports_of_one_session_add_up_and_the_preview_says_so(signed_in, run):
    heading = "Name,Email,Join Time,Leave Time\n"
    for start, end in (("09:30", "10:20"), ("10:25", "12:30")):
        row = f"Ann,ann.ash@health.example.org,2026-10-14 {start},2026-10-14 {end}\n"
        sent = answers(bring(signed_in, run, (heading + row).encode()))
        preview = press(signed_in, run, "meeting_match", sent)
        is_second = start == "10:25"
        assert ("The two are added up" in words(preview)) is is_second
        press(signed_in, run, "meeting_mark", sent)
    assert "1 mark to be made, 4 are on the register already." in words(preview)
    assert marks(run)["Ann Ash"] == "present"


UNREAD = "Bob,bob.birch@police.example.org,2026-10-14 09:30,yesterday\n"
READ_TOO = "Bob,bob.birch@police.example.org,2026-10-14 09:30,2026-10-14 {end}\n"


@pytest.mark.parametrize(
    ("rows", "mark"),
    [
        (UNREAD, None),
        (UNREAD + READ_TOO.format(end="10:00"), None),
        (READ_TOO.format(end="10:00") + UNREAD, None),
        (UNREAD + READ_TOO.format(end="12:30"), "present"),  # by the other row alone
        (UNREAD.replace("bob.birch@police.example.org", "").replace("Bob", "Bob Birch"), None),
        ("Bob Birch\n", None),
        (READ_TOO.format(end="09:00"), None),
    ],
)
def test_nobody_is_absent_for_a_row_that_cannot_be_read(signed_in, run, rows, mark):
    heading = "Name,Email,Join Time,Leave Time\n"
    ann = "Ann,ann.ash@health.example.org,2026-10-14 09:30,2026-10-14 12:30\n"
    page = bring(signed_in, run, (heading + ann + rows).encode())
    assert "could not be read: line" in words(page)
    preview = press(signed_in, run, "meeting_match", answers(page))
    told = re.search(r"Bob Birch, could not be read: line (\d)", words(preview))
    assert (told is None) is (mark is not None)
    press(signed_in, run, "meeting_mark", answers(page))
    assert (marks(run).get("Bob Birch"), marks(run)["Dee Daw"]) == (mark, "absent")


def test_a_row_that_names_nobody_makes_nobody_absent_unasked(signed_in, run):
    page = bring(signed_in, run, "teams_comma.csv")
    assert page.context["form"]["absent"].value() is False
    assert "One row names nobody." in words(page)


def test_minutes_without_times_come_with_a_warning(signed_in, run):
    page = bring(signed_in, run, "zoom_unique_users.csv")
    preview = press(signed_in, run, "meeting_match", answers(page))
    assert "but not when" in words(preview)
    press(signed_in, run, "meeting_mark", answers(page))
    assert (marks(run)["Ann Ash"], marks(run)["Bob Birch"]) == ("present", "left_early 39")


def test_who_is_not_known_must_be_chosen_or_left_out(signed_in, run):
    page = bring(signed_in, run, "zoom_with_meeting.csv")
    response = press(signed_in, run, "meeting_match", answers(page))
    assert "Choose who 447700900123 is, or leave them out." in words(response)
    assert 'href="#id_who_6"' in response.content.decode()
    response = press(signed_in, run, "meeting_mark", answers(page))
    assert "Choose who 447700900123 is, or leave them out." in words(response)
    assert marks(run) == {}


def test_two_people_of_one_name_are_asked_for_each_stay(signed_in, run):
    BookingFactory(run=run, person__name="Sam Sorrel", agency__name="Fire")
    page = bring(signed_in, run, "zoom_with_meeting.csv")
    form = page.context["form"]
    sams = [field for made, field in form.to_choose if made.attendee.name == "Sam Sorrel"]
    assert [field.value() for field in sams] == ["", ""]
    one, other = run.bookings.filter(person__name="Sam Sorrel").order_by("pk")
    sent = answers(page, **{"447700900123": "nobody"})
    sent |= {sams[0].html_name: str(other.pk), sams[1].html_name: str(one.pk)}
    press(signed_in, run, "meeting_mark", sent)
    kinds = {m.booking_id: (m.kind, m.minutes_missed) for m in Mark.objects.all()}
    assert (kinds[other.pk], kinds[one.pk]) == (("present", 0), ("left_early", 90))


def test_whoever_is_booked_meanwhile_can_be_chosen(signed_in, run):
    page = bring(signed_in, run, "zoom_with_meeting.csv")
    sent = answers(page, **{"Sam Sorrel": "Dee Daw"})
    new = BookingFactory(run=run, person__name="Walter Walk-in")
    again = press(signed_in, run, "meeting_match", sent | {"again": "yes"})
    assert "There is a problem" not in words(again)
    assert asked(again)["Sam Sorrel"] == ("Dee Daw", "by name")
    press(signed_in, run, "meeting_mark", answers(again, **{"447700900123": "Walter Walk-in"}))
    assert (new.marks.get().kind, new.marks.get().minutes_missed) == ("late", 10)


def test_whoever_gave_up_the_place_meanwhile_must_be_chosen_again(signed_in, run):
    sent = answers(bring(signed_in, run, "zoom_with_meeting.csv"), **{"447700900123": "nobody"})
    run.bookings.filter(person__name="Sam Sorrel").update(state="withdrawn", holds_place=False)
    response = press(signed_in, run, "meeting_mark", sent)
    assert "whom you chose has no place on this date any more" in words(response)
    assert marks(run) == {}


def test_a_mark_made_by_hand_is_shown_and_stays_unless_it_is_ticked(signed_in, run):
    dee, ann = (run.bookings.get(person__name=name) for name in ("Dee Daw", "Ann Ash"))
    MarkFactory(booking=dee, kind="apologies")
    MarkFactory(booking=ann, kind="late", minutes_missed=10)
    sent = answers(bring(signed_in, run, "zoom_with_meeting.csv"), **{"447700900123": "nobody"})
    preview = press(signed_in, run, "meeting_match", sent)
    assert "3 marks to be made, 2 are marked otherwise by hand." in words(preview)
    keys = {p.booking.person.name: p.key for p in preview.context["proposals"] if p.is_other}
    press(signed_in, run, "meeting_mark", sent | {"over": keys["Ann Ash"]})
    assert (marks(run)["Dee Daw"], marks(run)["Ann Ash"]) == ("apologies", "present")


def test_who_was_not_in_the_meeting_may_be_left_alone(signed_in, run):
    sent = answers(bring(signed_in, run, "zoom_with_meeting.csv"), **{"447700900123": "nobody"})
    del sent["absent"]
    preview = press(signed_in, run, "meeting_match", sent)
    assert 'name="absent"' not in preview.content.decode()
    press(signed_in, run, "meeting_mark", sent)
    assert "Dee Daw" not in marks(run)


def test_another_time_zone_or_day_is_told_at_once(signed_in, run):
    page = words(bring(signed_in, run, "zoom_with_meeting.csv", zone="America/Los_Angeles"))
    assert "no session of this date that has begun falls in that time" in page
    page = words(bring(signed_in, run, "zoom_with_meeting.csv", zone="Mars/Olympus"))
    assert "Choose one of these time zones." in page
    assert "There is a problem" in words(bring(signed_in, run, "zoom_day_first.csv"))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty."),
        (b"PK\x03\x04" + bytes(90), "This file is an Excel workbook"),
        (b"GIF89a" + bytes(90), "This file is not text."),
        (b"<!doctype html><script>alert(1)</script>", "not an attendance report"),
        (b"x" * (2 * 1024**2 + 1), "larger than 2 MB"),
    ],
)
def test_a_wrong_file_gets_its_sentence_and_changes_nothing(signed_in, run, content, sentence):
    response = bring(signed_in, run, content)
    assert (response.status_code, sentence in words(response)) == (200, True)
    assert marks(run) == {}


def test_no_file_is_told(signed_in, run):
    response = signed_in.post(reverse("courses:meeting_report", args=[run.pk]))
    assert "Choose the CSV file of the report." in words(response)


def test_markup_in_a_name_is_shown_as_it_is_written(signed_in, run):
    page = bring(
        signed_in,
        run,
        b"Name,Join Time,Leave Time\n"
        b"<script>alert(1)</script>,10/14/2026 09:30:00 AM,10/14/2026 12:30:00 PM\n",
    )
    assert "<script>alert(1)</script>" not in page.content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.content.decode()


def test_what_was_altered_or_is_anothers_or_old_begins_again(signed_in, client, run, trainer):
    page = bring(signed_in, run, "zoom_with_meeting.csv")
    sent = answers(page, **{"447700900123": "nobody"})
    begin = reverse("courses:meeting_report", args=[run.pk])
    altered = press(signed_in, run, "meeting_mark", sent | {"report": sent["report"][1:]})
    assert altered.url == begin
    colleague = PersonFactory()
    other = RunFactory(starts_at=run.starts_at, trainers=[trainer, colleague])
    run.trainers.add(colleague)
    assert press(signed_in, other, "meeting_mark", sent).status_code == 302
    client.force_login(colleague)
    assert press(client, run, "meeting_mark", sent).url == begin
    with time_machine.travel("2026-10-15T17:00:01+01:00", tick=False):
        client.force_login(trainer)
        assert press(client, run, "meeting_mark", sent).url == begin
        assert "has expired" in words(client.get(begin))
    assert marks(run) == {}


def test_nothing_of_a_report_stays_on_the_server(signed_in, run):
    bring(signed_in, run, "zoom_with_meeting.csv")
    assert not MeetingAlias.objects.exists()
    assert set(signed_in.session.keys()) == {
        "_auth_user_id",
        "_auth_user_backend",
        "_auth_user_hash",
        "signed_in_at",
        "used_at",
        "is_short",
    }


def test_a_register_that_is_signed_off_is_corrected_with_a_reason(signed_in, run, trainer):
    sent = answers(bring(signed_in, run, "zoom_with_meeting.csv"), **{"447700900123": "nobody"})
    register.close(run, by=trainer)
    begin = reverse("courses:meeting_report", args=[run.pk])
    assert "is a correction: you say why" in words(signed_in.get(begin))
    preview = press(signed_in, run, "meeting_match", sent)
    assert "Correct the register" in words(preview)
    before = marks(run)
    refused = press(signed_in, run, "meeting_mark", sent | {"reason": " "})
    assert "Say why the register is corrected." in words(refused)
    assert marks(run) == before == dict.fromkeys(before, "absent")
    page = press(
        signed_in, run, "meeting_mark", sent | {"reason": "The report came late"}, follow=True
    )
    assert "Register signed off" in words(page)
    came = {name for name, said in marks(run).items() if said != "absent"}
    assert came
    made = Mark.objects.exclude(kind="absent")
    assert set(made.values_list("corrected_because", flat=True)) == {"The report came late"}
    assert {one.booking.person.name for one in made} == came
    # Absences that the report confirms keep the automatic mark made at sign-off.
    assert set(Mark.objects.filter(kind="absent").values_list("is_automatic", flat=True)) == {True}


def test_a_date_that_was_cancelled_takes_none(signed_in, trainer):
    run = RunFactory(starts_at=in_days(0, "09:30"), cancelled_at=in_days(0), trainers=[trainer])
    assert "This date was cancelled" in words(bring(signed_in, run, "zoom_with_meeting.csv"))


def test_the_office_may_and_another_trainer_may_not(client, run):
    client.force_login(PersonFactory(groups=[TRAINING_ADMINISTRATORS], is_staff=True))
    page = bring(client, run, "teams_report.csv")
    assert press(client, run, "meeting_mark", answers(page)).status_code == 302
    assert marks(run)["Bob Birch"] == "late 15"
    client.force_login(PersonFactory())
    assert bring(client, run, "teams_report.csv").status_code == 404


def test_thirty_people_take_as_many_questions_as_three(signed_in, run):
    bring(signed_in, run, "teams_report.csv")  # warm-up: loads the board's settings
    few = asks(lambda: bring(signed_in, run, report_of(3)))
    page = few.pop()
    nobody = dict.fromkeys(["Person 0", "Person 1", "Person 2"], "nobody")
    few += [asks(lambda: press(signed_in, run, "meeting_match", answers(page, **nobody)))[0]]
    for number in range(30):
        BookingFactory(run=run, person__name=f"Person {number}")
    many = asks(lambda: bring(signed_in, run, report_of(30)))
    page = many.pop()
    many += [asks(lambda: press(signed_in, run, "meeting_match", answers(page)))[0]]
    assert many == few
    assert asks(lambda: press(signed_in, run, "meeting_mark", answers(page)))[0] < 40
    assert len(marks(run)) == 35


def report_of(people):
    rows = (
        f"Person {n},p{n}@home.example.com,10/14/2026 09:30:00 AM,10/14/2026 12:30:00 PM\n"
        for n in range(people)
    )
    return ("Name,Email,Join Time,Leave Time\n" + "".join(rows)).encode()


def asks(call):
    with CaptureQueriesContext(connection) as queries:
        response = call()
    return [len(queries), response]
