"""Test the parsing of attendance reports in the formats of Zoom and Teams."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from courses.attendance.imports import reports, times
from courses.attendance.imports.reports import ReportRefused

FILES = Path(__file__).parent / "meeting_reports"
LONDON = ZoneInfo("Europe/London")
DAY = dt.date(2026, 10, 14)


def read(content, zone=LONDON, day=DAY):
    content = (FILES / content).read_bytes() if isinstance(content, str) else content
    return reports.parse(content, zone, {day})


def stays(report):
    """Return each attendee's (joined, left) times in London ("HH:MM"), by name."""
    return {
        attendee.name: [
            tuple(f"{at.astimezone(LONDON):%H:%M}" for at in stay) for stay in attendee.stays
        ]
        for attendee in report.attendees
    }


def refusal(content):
    with pytest.raises(ReportRefused) as refused:
        read(content)
    return str(refused.value)


# Zoom


def test_zoom_with_the_block_about_the_meeting():
    report = read("zoom_with_meeting.csv")
    assert stays(report) == {
        "Tess Trainer": [("09:12", "12:34")],
        "Ann Ash": [("09:26", "10:58"), ("11:02", "12:31")],
        "Birch, Bob": [("09:29", "12:31")],
        "Cat's iPad (Cat Cedar)": [("09:52", "12:30")],
        "Sam Sorrel": [("09:27", "12:30"), ("09:31", "11:00")],
        "Otter.ai Notetaker": [("09:28", "12:30")],
        "447700900123": [("09:40", "12:30")],
    }
    assert report.problems == ()
    assert [one.name for one in report.attendees if one.leads] == ["Tess Trainer"]
    assert [one.name for one in report.attendees if one.is_machine] == ["Otter.ai Notetaker"]
    assert [one.minutes for one in report.attendees] == [None] * 7


def test_zoom_with_the_day_first_where_that_is_the_day_of_the_date():
    report = read("zoom_day_first.csv", day=dt.date(2026, 11, 3))
    assert stays(report) == {
        "Zoë Ünal (she/her)": [("09:30", "12:30")],
        "Ann Ash": [("09:28", "12:05")],
    }
    assert report.attendees[0].stays[0].start.date() == dt.date(2026, 11, 3)
    month_first = read("zoom_day_first.csv", day=dt.date(2026, 3, 11))
    assert month_first.attendees[0].stays[0].start.date() == dt.date(2026, 3, 11)


def test_zoom_in_another_time_zone():
    report = read("zoom_with_meeting.csv", zone=ZoneInfo("America/Los_Angeles"))
    assert stays(report)["Sam Sorrel"][0] == ("17:27", "20:30")


def test_zooms_unique_users_say_how_long_and_not_when():
    report = read("zoom_unique_users.csv")
    assert [(one.name, one.stays, one.minutes) for one in report.attendees] == [
        ("Tess Trainer", (), 203),
        ("Ann Ash", (), 181),
        ("Bob Birch", (), 141),
    ]
    assert not report.says_when


def test_zoom_with_the_month_in_words():
    report = read(
        b"Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\n"
        b'Ann Ash,,"Oct 14, 2026 9:30 AM","Oct 14, 2026 12:30 PM",180,No\n'
    )
    assert stays(report) == {"Ann Ash": [("09:30", "12:30")]}


def test_zooms_webinar_takes_those_who_attended_and_the_host_leads():
    report = read("zoom_webinar.csv")
    assert stays(report) == {
        "Tess Trainer": [("09:20", "12:31")],
        "Pat Panel": [("09:25", "12:30")],
        "Ann Ash": [("09:30", "12:30")],
        "Bob Birch": [("09:30", "10:00"), ("10:40", "12:30")],
        "447700900123": [("09:40", "12:30")],
    }
    assert report.problems == ()
    assert [one.name for one in report.attendees if one.leads] == ["Tess Trainer"]


# Teams


def test_teams_in_numbered_parts_takes_each_stay_and_nobody_twice():
    report = read("teams_report.csv")
    assert stays(report) == {
        "Ash, Ann": [("09:28", "10:30"), ("11:10", "12:30")],
        "Bob Birch (Guest)": [("09:45", "12:30")],
        "Cat Cedar": [("09:29", "12:10")],
        "Tess Trainer": [("09:14", "12:33")],
    }
    assert [one.email for one in report.attendees] == [
        "ann.ash@health.example.org",
        "",
        "cat@cedar.example.com",
        "tess.trainer@board.example.org",
    ]
    assert [one.name for one in report.attendees if one.leads] == ["Tess Trainer"]


def test_teams_without_the_part_of_activities_tells_first_last_and_how_long():
    whole = (FILES / "teams_report.csv").read_bytes().decode("utf-16")
    report = read(whole.partition("3. In-Meeting")[0].encode("utf-16"))
    by_name = {one.name: one for one in report.attendees}
    assert stays(report)["Ash, Ann"] == [("09:28", "12:30")]
    assert by_name["Ash, Ann"].minutes == 142
    assert by_name["Bob Birch (Guest)"].minutes is None


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "utf-8", "cp1252"])
def test_teams_in_any_encoding(encoding):
    whole = (FILES / "teams_report.csv").read_bytes().decode("utf-16").replace("\u202f", " ")
    report = read(whole.replace("Cedar", "Çedar").encode(encoding))
    assert stays(report)["Cat Çedar"] == [("09:29", "12:10")]


def test_teams_older_list_of_who_joined_and_left():
    assert stays(read("teams_joined_and_left.csv")) == {
        "Tess Trainer": [("09:14", "12:33")],
        "Ann Ash": [("09:28", "10:30"), ("10:40", "12:30")],
        # Without a leave time, present until the last moment in the report.
        "Bob Birch": [("09:14", "12:33")],
    }


def test_teams_with_commas_and_rows_that_cannot_be_read():
    report = read("teams_comma.csv")
    assert stays(report) == {
        "Tess Trainer": [("09:14", "12:33")],
        "Ann Ash": [("09:28", "12:30")],
        "Bob Birch": [],
    }
    assert [one.unread for one in report.attendees] == [(), (), (10,)]
    assert report.has_nameless
    assert report.problems == (
        "Line 10: 'yesterday' is not a date and time that we can read.",
        "Line 11: there is no name.",
    )


# Both


def test_a_name_with_two_addresses_is_two_people_and_one_without_is_a_third():
    report = read(
        b"Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes)\n"
        b"Sam,sam@one.example.org,10/14/2026 09:30:00 AM,10/14/2026 10:30:00 AM,60\n"
        b"Sam,sam@two.example.org,10/14/2026 09:30:00 AM,10/14/2026 10:30:00 AM,60\n"
        b"Sam,,10/14/2026 09:30:00 AM,10/14/2026 10:30:00 AM,60\n"
    )
    assert [one.email for one in report.attendees] == [
        "sam@one.example.org",
        "sam@two.example.org",
        "",
    ]


def test_leaving_before_joining_is_told():
    report = read(
        b"Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes)\n"
        b"Ann,,10/14/2026 09:30:00 AM,10/14/2026 10:30:00 AM,60\n"
        b"Bob,,10/14/2026 10:30:00 AM,10/14/2026 09:30:00 AM,60\n"
    )
    assert [(one.name, one.unread) for one in report.attendees] == [("Ann", ()), ("Bob", (3,))]
    assert report.problems == ("Line 3: the time of leaving is before the time of joining.",)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty."),
        (b"\xef\xbb\xbf", "not an attendance report"),
        (b" \r\n ", "This file is empty."),
        (b"PK\x03\x04" + bytes(90), "This file is an Excel workbook"),
        (b"\xd0\xcf\x11\xe0" + bytes(90), "an old Excel workbook"),
        (b"%PDF-1.7\n%%EOF", "This file is a PDF, not a CSV file."),
        (b"\x89PNG\r\n\x1a\n" + bytes(90), "This file is a picture"),
        (b"a,b\n" + bytes(1) + b"c,d", "This file is not text."),
        (b"Dear Tess,\n\nplease find", "not an attendance report"),
        (b"<!doctype html><p>Sign in", "not an attendance report"),
        (b"Name,Email\nAnn,ann@x.example.org\n", "not an attendance report"),
        (b"Name,Join Time,Leave Time\n", "not an attendance report"),
        (b"Name,Join Time,Leave Time\nAnn,soon,later\n", "Line 2: 'soon' is not a date and time"),
        (
            b"Name,Join Time,Leave Time\n" + b'"Ann,1,2\n' + b"Bob,1,2\n" * 9,
            "begins on line 2 has no end",
        ),
        (b"Name,Duration (minutes)\n" + b"".join(b"P%d,9\n" % n for n in range(501)), "501 people"),
        (b"Name,Duration\n" * 10_001, "This file has 10,001 lines"),
        (b"x" * (2 * 1024**2 + 1), "larger than 2 MB"),
    ],
)
def test_a_wrong_file_gets_its_sentence(content, sentence):
    assert sentence in refusal(content)


@pytest.mark.parametrize("between", ["\n", "Cat\n", "\n\nCat,,\n"])
def test_rows_below_an_empty_or_broken_line_are_read(between):
    heading = b"Name,Join Time,Leave Time\n"
    row = ",10/14/2026 09:30:00 AM,10/14/2026 10:30:00 AM\n"
    report = read(heading + f"Ann{row}{between}Bob{row}".encode())
    assert [one.name for one in report.attendees if one.is_read] == ["Ann", "Bob"]
    broken = [one.name for one in report.attendees if one.unread]
    assert broken == (["Cat"] if "Cat" in between else [])


# How long: its unit is proven, and the impossible refused


API = "name,user_email,join_time,leave_time,duration\n"
TWO_MINUTES = "Bob,,2026-10-14T09:00:00Z,2026-10-14T09:02:00Z"
TWO_HOURS = "Ann,,2026-10-14T09:00:00Z,2026-10-14T11:00:00Z"


@pytest.mark.parametrize(
    ("content", "unit"),
    [
        (f"{API}{TWO_MINUTES},120\n{TWO_HOURS},7200\n", times.SECOND),
        (f"{API}{TWO_MINUTES},2\n{TWO_HOURS},120\n", times.MINUTE),
        (f"{API}{TWO_MINUTES},3\n{TWO_HOURS},121\n", times.MINUTE),  # rounded up
        (f"{API}{TWO_MINUTES},60\n{TWO_HOURS},7200\n", times.SECOND),
        (f"{API}{TWO_MINUTES},2\n{TWO_HOURS},80\n", times.MINUTE),
    ],
)
def test_a_bare_duration_is_in_the_unit_that_the_times_prove(content, unit):
    lines = reports._lines(content.encode())
    rows = reports._in_their_unit(list(reports._rows(lines)), times.Clock(LONDON))
    assert {row.bare for row in rows} == {unit}
    assert stays(read(content.encode())) == {
        "Bob": [("10:00", "10:02")],
        "Ann": [("10:00", "12:00")],
    }


@pytest.mark.parametrize(
    "content",
    [
        "name,duration\nAnn,120\nBob,7200\n",
        "Name,Duration\nAnn,95\n",
        "Name,Duration\nAnn,95.5\n",
        "Name,Duration (hh:mm:ss)\nAnn,95\n",
        f"{API}{TWO_HOURS},90\n",  # 90 minutes or 90 seconds
        f"{API}{TWO_HOURS},99999\n",
    ],
)
def test_a_bare_duration_whose_unit_is_not_proven_is_refused(content):
    assert "do not prove whether they are minutes or seconds" in refusal(content.encode())


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("Duration (minutes)", "95"),
        ("Duration (seconds)", "5700"),
        ("Duration (mins)", "95.5"),
        ("Duration in minutes", "95"),
        ("duration_seconds", "5700"),
        ("Total Duration (Sec)", "5700"),
        ("Duration (s)", "5700.0"),
        ("Duration (hh:mm:ss)", "01:35:00"),
        ("Time in Meeting (minutes)", '"95,5"'),
    ],
)
def test_a_heading_proves_the_unit(heading, said):
    [one] = read(f"Name,{heading}\nAnn,{said}\n".encode()).attendees
    assert one.minutes == 95


NEXT_DAY = "Bob,b@x.org,2026-10-14T09:00:00Z,2026-10-16T09:00:00Z"
MEETING = "Topic,Duration (Minutes)\nNeglect,203\n\n"


@pytest.mark.parametrize(
    ("block", "row", "reason"),
    [
        (MEETING, "Bob,,,,240", "240 minutes are longer than the meeting."),
        ("", "Bob,,,,7200", "7200 minutes are longer than the meeting."),
        ("", "Bob,,,,-5", "the time spent there is less than nothing."),
        ("", f"{TWO_MINUTES},-2", "the time spent there is less than nothing."),
        ("", f"{TWO_MINUTES},120", "120 minutes are more than from joining to leaving."),
        ("", f"{NEXT_DAY},", "the time of leaving is more than a day after the time of joining."),
        ("", "Bob,,,,PT25H", "1500 minutes are longer than the meeting."),
    ],
)
def test_an_impossible_duration_is_refused(block, row, reason):
    heading = "Name,Email,Join Time,Leave Time,Duration (minutes)\n"
    report = read(f"{block}{heading}{TWO_HOURS},120\n{row}\n".encode())
    assert [one.name for one in report.attendees if one.is_read] == ["Ann"]
    assert [problem.partition(": ")[2] for problem in report.problems] == [reason]


def test_rows_that_are_longer_than_the_meeting_together_are_not_added_up():
    report = read(f"{MEETING}Name,Duration (minutes)\nCat,110\nCat,110\n".encode())
    assert [(one.minutes, one.unread) for one in report.attendees] == [(110, (6,))]
    assert report.problems == ("Line 6: 220 minutes are longer than the meeting.",)


@pytest.mark.parametrize("between", [";", "\t", "|"])
def test_known_headings_tell_what_separates_the_columns(between):
    heading = "Name,Email,Join Time,Leave Time".replace(",", between)
    cells = ['"Ash; Ann, and | Bob"', *TWO_HOURS.split(",")[1:]]
    report = read(f"{heading}\n{between.join(cells)}\n".encode())
    assert stays(report) == {"Ash; Ann, and | Bob": [("10:00", "12:00")]}


@pytest.mark.parametrize("file", sorted(path.name for path in FILES.glob("*.csv")))
def test_a_report_cut_off_anywhere_is_read_or_refused(file):
    whole = (FILES / file).read_bytes()
    for end in range(0, len(whole), 37):
        try:
            assert read(whole[:end]).attendees
        except ReportRefused as refused:
            assert str(refused)


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ("95", 95),
        ("1h 2m 3s", 62),
        ("2h 41m", 161),
        ("47m 3s", 47),
        ("5s", 0),
        ("1 hr 12 min", 72),
        ("01:02:03", 62),
        ("PT1H2M3S", 62),
        ("PT62M", 62),
        ("pt3720.5s", 62),
        ("PT", None),
        ("62.5", 62),
        ("62,5", 62),
        ("1,234", None),  # in English a thousand
        ("1:02", None),  # hours and minutes, or minutes and seconds
        ("", None),
        ("long", None),
        ("-5", None),
        ("٣", None),
    ],
)
def test_minutes(said, minutes):
    assert times.minutes(said) == minutes


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("10/14/2026 09:26:30 AM", "2026-10-14T09:26:30+01:00"),
        ("10/14/26, 12:00:01 AM", "2026-10-14T00:00:01+01:00"),
        ("10/14/2026 12:05 PM", "2026-10-14T12:05:00+01:00"),
        ("10/14/2026 21:05", "2026-10-14T21:05:00+01:00"),
        ("2026-10-14 09:26:30", "2026-10-14T09:26:30+01:00"),
        ("2026-10-14T08:26:30Z", "2026-10-14T08:26:30+00:00"),
        ("12/14/2026 09:26:30 a.m.", "2026-12-14T09:26:30+00:00"),
        ("14 Oct 2026 09:26", "2026-10-14T09:26:00+01:00"),
        ("October 14, 2026 9:26:30 AM", "2026-10-14T09:26:30+01:00"),
        ("14 September 2026 09:26", "2026-09-14T09:26:00+01:00"),
        ("2026/10/14 09:26", "2026-10-14T09:26:00+01:00"),
        ("14-Oct-26 09:26", "2026-10-14T09:26:00+01:00"),
        ("1-Apr-2026 09:26:30", "2026-04-01T09:26:30+01:00"),
    ],
)
def test_moments(said, at):
    assert times.Clock(LONDON).moment(said).isoformat() == at


@pytest.mark.parametrize("said", ["13/14/2026 09:00", "14/10/2026 9", "2026-13-01 09:00", "٣/٣/٣"])
def test_what_is_no_moment(said):
    with pytest.raises(ValueError, match="is not a date and time that we can read"):
        times.Clock(LONDON).moment(said)
