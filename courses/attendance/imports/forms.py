"""Forms for importing an attendance report: upload, and match people to bookings."""

import datetime as dt
from zoneinfo import ZoneInfo

from django import forms
from django.core import signing
from django.utils import timezone

from courses.attendance.imports import marks, matching, reports
from courses.attendance.imports.people import Attendee
from courses.attendance.imports.reports import MeetingReport, ReportRefused
from courses.attendance.imports.times import Stay
from courses.catalogue.forms import QuickSelect

# Time zones that Zoom and Teams accounts use when nobody has set them to UK time.
ZONES = [
    ("Europe/London", "UK time"),
    ("UTC", "UTC (GMT all year)"),
    ("Europe/Paris", "Central European time"),
    ("Europe/Athens", "Eastern European time"),
    ("Asia/Kolkata", "India"),
    ("America/New_York", "US Eastern time"),
    ("America/Chicago", "US Central time"),
    ("America/Denver", "US Mountain time"),
    ("America/Los_Angeles", "US Pacific time (Zoom’s own, unless it was set)"),
]
GOOD_FOR = dt.timedelta(days=1)
NOBODY = "nobody"


class ReportForm(forms.Form):
    file = forms.FileField(
        label="The report",
        allow_empty_file=True,  # reports.parse says what is wrong with a file
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv,text/plain"}),
        help_text="The CSV file, of 2 MB at most, as Zoom or Teams gave it.",
        error_messages={"required": "Choose the CSV file of the report."},
    )
    zone = forms.ChoiceField(
        label="In which time zone are its times?",
        choices=ZONES,
        initial="Europe/London",
        help_text="That of the Zoom or Teams account from which it was downloaded.",
        error_messages={
            "required": "Choose the time zone.",
            "invalid_choice": "Choose one of these time zones.",
        },
    )

    def __init__(self, run, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.run = run

    def clean(self):
        if self.errors:
            return self.cleaned_data
        content = self.cleaned_data["file"].read(reports.MOST_BYTES + 1)
        days = {timezone.localdate(session.starts_at) for session in self.run.sessions.all()}
        try:
            report = reports.parse(content, ZoneInfo(self.cleaned_data["zone"]), days)
            marks.covered(self.run, report)
        except ReportRefused as refused:
            self.add_error("file", str(refused))
        else:
            self.report = report
        return self.cleaned_data


class MatchForm(forms.Form):
    """Form that matches each person in the meeting to a booking.

    The report travels with the page, signed: nothing of it is kept on the server, and nothing in it
    can be altered on the way.
    """

    absent = forms.BooleanField(required=False, initial=True)

    def __init__(self, run, report, data=None, chosen=None):
        """Build the fields; `chosen` is earlier POST data to continue with who is booked by now."""
        absent = "absent" in chosen if chosen else not report.has_nameless
        super().__init__(data, initial={"absent": absent})
        self.report = report
        self.booked = matching.Booked(run)
        self.matches = matching.match(self.booked, report.attendees)
        people = [(str(pk), words) for pk, words in self.booked.labels().items()]
        for position, made in enumerate(self.matches):
            name, known = f"who_{position}", made.booking or (NOBODY if made.how else "")
            self.fields[name] = forms.ChoiceField(
                label=made.attendee.name,
                choices=[("", "Choose who this is"), (NOBODY, "Nobody: leave out"), *people],
                initial=(chosen or {}).get(name) or str(known),
                widget=QuickSelect({"aria-describedby": f"id_{name}_helptext id_{name}_error"}),
                error_messages={
                    "required": f"Choose who {made.attendee.name} is, or leave them out.",
                    "invalid_choice": f"Choose again who {made.attendee.name} is: whom you chose "
                    "has no place on this date any more.",
                },
            )

    @property
    def rows(self):
        """Pairs of a match and its field."""
        return [(made, self[f"who_{position}"]) for position, made in enumerate(self.matches)]

    @property
    def to_choose(self):
        return [(made, field) for made, field in self.rows if not made.how]

    @property
    def matched(self):
        return [(made, field) for made, field in self.rows if made.how and made.booking]

    @property
    def left_out(self):
        return [(made, field) for made, field in self.rows if made.how and not made.booking]

    @property
    def not_in_report(self):
        matched = {made.booking for made in self.matches}
        return [booking for booking in self.booked.bookings if booking.pk not in matched]

    def who(self):
        """Map each position in the report to a booking (id), or to None for those left out."""
        chosen = {p: self.cleaned_data[f"who_{p}"] for p in range(len(self.matches))}
        return {p: None if said == NOBODY else int(said) for p, said in chosen.items()}


def posted(request, run):
    """Build the form from what was posted. Raises ReportRefused."""
    report = unsigned(request.POST.get("report", ""), run, request.user)
    if "again" in request.POST:
        return MatchForm(run, report, chosen=request.POST)
    return MatchForm(run, report, request.POST)


def signed(report, run, person):
    told = [
        [
            a.name,
            a.email,
            [[_seconds(at) for at in s] for s in a.stays],
            a.unread,
            a.minutes,
            a.leads,
        ]
        for a in report.attendees
    ]
    whole = [told, report.problems, report.has_nameless, report.digest]
    return signing.dumps(whole, salt=_salt(run, person), compress=True)


def unsigned(value, run, person):
    """Load a report that we signed for this run and person within a day. Raises ReportRefused."""
    try:
        told, problems, has_nameless, *digest = signing.loads(
            value, salt=_salt(run, person), max_age=GOOD_FOR
        )
    except signing.BadSignature as wrong:
        raise ReportRefused("Choose the report again: what you had begun has expired.") from wrong
    attendees = (
        Attendee(
            name,
            email,
            tuple(Stay(*map(_moment, stay)) for stay in stays),
            *more,
            unread=tuple(unread),
        )
        for name, email, stays, unread, *more in told
    )
    return MeetingReport(tuple(attendees), tuple(problems), has_nameless, *digest)


def _salt(run, person):
    return f"attendance report of date {run.pk} by {person.pk}"


def _seconds(at):
    return int(at.timestamp())


def _moment(seconds):
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
