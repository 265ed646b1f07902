"""Test the dry run and the erasing of what was kept long enough."""

import datetime as dt

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.models import Person
from courses.models import Booking, ImportedReport
from courses.privacy import AccessNeeds, MeetingReports
from history.models import Event
from lms import jobs, links
from lms.models import ActionLink, Mail
from lms.privacy.general import EndedSessions, OldFailures, OldLinks, OldMail
from privacy import erasing, switching
from privacy.erasing import NotSwitchedOn, due, erase_what_is_due
from privacy.models import Retention
from privacy.switching import SwitchRefused
from tests.factories import (
    BookingFactory,
    MailFactory,
    MarkFactory,
    PersonFactory,
    RunFactory,
    in_days,
)

pytestmark = pytest.mark.django_db
TONIGHT = erasing.next_night


def on(record_type):
    return Retention.objects.create(record_type=record_type.name, is_on=True)


def due_of(record_type):
    return next(each for each in due(TONIGHT()) if each.record_type.name == record_type.name)


def test_a_dry_run_says_how_many_of_whom_and_the_oldest_and_changes_nothing():
    person = PersonFactory()
    for days in (40, 50):
        run = in_days(-days)
        BookingFactory(person=person, run__starts_at=run, access_needs="A ramp")
    BookingFactory(run__starts_at=in_days(-35), access_needs="A loop")
    BookingFactory(run__starts_at=in_days(-10), access_needs="A reader")
    found = due_of(AccessNeeds())
    assert (found.rows, found.people, found.is_on) == (3, 2, True)
    assert timezone.localdate(found.oldest) == timezone.localdate(in_days(-50))
    assert not Booking.objects.filter(access_needs="").exists()
    assert not Event.objects.filter(action="retention.erased").exists()


def test_a_dry_run_is_of_the_night_that_is_asked_for():
    BookingFactory(run__starts_at=in_days(-10), access_needs="A ramp")
    in_a_month = TONIGHT() + dt.timedelta(days=30)
    assert [each.rows for each in due(in_a_month) if each.record_type.name == "access_needs"] == [1]
    assert due_of(AccessNeeds()).rows == 0


def old_mail(**facts):
    return MailFactory(**{"state": "sent", "created_at": in_days(-750)} | facts)


def test_email_is_deleted_after_24_months_once_the_board_has_switched_it_on():
    first = old_mail()
    old_mail(state="failed", resend_of=first)
    waiting = old_mail(state="queued")
    young = MailFactory(state="sent", created_at=in_days(-700), resend_of=first)
    erase_what_is_due()
    assert Mail.objects.count() == 4
    with pytest.raises(NotSwitchedOn, match="nobody has switched on"):
        erasing.apply(OldMail())
    on(OldMail())
    assert (erase_what_is_due(), erase_what_is_due()) == (2, 0)
    assert {*Mail.objects.all()} == {waiting, young}
    young.refresh_from_db()
    assert young.resend_of is None


def test_links_are_deleted_a_year_after_they_were_used_or_expired():
    about = PersonFactory()
    for number, (used, until) in enumerate([(None, 400), (370, 10), (None, 300), (300, 10)]):
        token = links.create("offer", about, sent_to="jo@example.org", until=in_days(-until))
        ActionLink.objects.filter(pk=links.find("offer", token).pk).update(
            used_at=used and in_days(-used), about_id=number
        )
    on(OldLinks())
    assert erase_what_is_due() == 2
    assert {*ActionLink.objects.values_list("about_id", flat=True)} == {"2", "3"}


def test_only_sessions_that_have_ended_are_deleted(client):
    Session.objects.create(session_key="ended", expire_date=in_days(-1))
    client.force_login(PersonFactory())
    on(EndedSessions())
    assert erase_what_is_due() == 1
    assert client.get("/my/").status_code == 200


def test_times_in_meetings_are_deleted_a_year_after_the_date_and_marks_stay():
    old, new = RunFactory(starts_at=in_days(-370)), RunFactory(starts_at=in_days(-360))
    mark = MarkFactory(session__run=old, booking__run=old)
    for run in (old, new):
        ImportedReport.objects.create(run=run, digest="abc")
    on(MeetingReports())
    assert erase_what_is_due() == 1
    assert ImportedReport.objects.get().run == new
    mark.refresh_from_db()


def test_each_batch_is_one_transaction_with_one_event_of_numbers_alone():
    for _ in range(5):
        old_mail(to="amina@example.org")
    kept = on(OldMail())
    assert erasing.apply(OldMail(), size=2) == 5
    events = Event.objects.about(kept).order_by("pk")
    assert [event.now for event in events] == [{"rows": 2}, {"rows": 2}, {"rows": 1}]
    assert {(event.action, event.by_process) for event in events} == {
        ("retention.erased", "NIGHTLY")
    }


def test_no_batch_is_over_a_thousand_rows():
    assert jobs.A_BATCH == 1000
    assert erasing.apply.__kwdefaults__["size"] == jobs.A_BATCH


@pytest.mark.parametrize("rows", [3, 30])
def test_a_batch_costs_the_same_number_of_queries(rows):
    for _ in range(rows):
        old_mail()
    on(OldMail())
    with CaptureQueriesContext(connection) as queries:
        assert erasing.apply(OldMail()) == rows
    assert len(queries) == 13, [each["sql"] for each in queries]


@pytest.mark.parametrize("rows", [1, 3])
def test_a_dry_run_costs_the_same_number_of_queries(rows):
    for _ in range(rows):
        old_mail()
    with CaptureQueriesContext(connection) as queries:
        due(TONIGHT())
    assert len(queries) == 1 + len(erasing.erased_in_time())


def test_a_record_type_that_fails_keeps_no_other_waiting(monkeypatch):
    BookingFactory(run__starts_at=in_days(-40), access_needs="A ramp")

    def fail(self, now):
        raise LookupError("a column is gone")

    monkeypatch.setattr(AccessNeeds, "due", fail)
    Session.objects.create(session_key="ended", expire_date=in_days(-1))
    on(EndedSessions())
    with pytest.raises(LookupError):
        erase_what_is_due()
    assert not Session.objects.filter(session_key="ended").exists()


def test_switched_off_while_it_runs_erases_no_further_batch(monkeypatch):
    for _ in range(4):
        old_mail()
    kept, erase = on(OldMail()), OldMail.erase

    def erase_and_switch_off(self, rows):
        erase(self, rows)
        if Retention.objects.filter(is_on=True).exists():
            switching.switch_off(self, by=office)

    office = PersonFactory()
    monkeypatch.setattr(OldMail, "erase", erase_and_switch_off)
    erasing.apply(OldMail(), size=2)
    assert Mail.objects.count() == 2
    kept.refresh_from_db()
    assert not kept.is_on


def test_nothing_is_switched_on_unseen_and_what_was_seen_is_of_one_person_type_and_hour():
    office, other = PersonFactory(), PersonFactory()
    mine = switching.seen_by(office, OldMail())
    for seen in ("", "made up", switching.seen_by(office, OldLinks())):
        with pytest.raises(SwitchRefused, match="Look at what would be erased first"):
            switching.switch_on(OldMail(), seen=seen, by=office)
    with pytest.raises(SwitchRefused, match="first"):
        switching.switch_on(OldMail(), seen=mine, by=other)
    later = timezone.now() + dt.timedelta(seconds=switching.SEEN_LATELY + 60)
    with time_machine.travel(later), pytest.raises(SwitchRefused, match="first"):
        switching.switch_on(OldMail(), seen=mine, by=office)
    assert not Retention.objects.filter(is_on=True).exists()

    kept = switching.switch_on(OldMail(), seen=mine, by=office)
    assert (kept.is_on, kept.switched_by) == (True, office)
    with pytest.raises(SwitchRefused, match="already switched on"):
        switching.switch_on(OldMail(), seen=mine, by=office)
    switching.switch_off(OldMail(), by=office)
    actions = Event.objects.about(kept).order_by("pk").values_list("action", "by_person")
    assert [*actions] == [
        ("retention.switched_on", office.pk),
        ("retention.switched_off", office.pk),
    ]


def test_what_was_promised_cannot_be_switched_off():
    with pytest.raises(SwitchRefused, match="always erased"):
        switching.switch_off(AccessNeeds(), by=PersonFactory())


def test_what_was_erased_before_is_erased_still_and_the_rest_waits_for_the_board():
    always = {each.name for each in erasing.erased_in_time() if each.always}
    assert always == {
        "access_needs", "evaluation_sheets", "kept_text", "merged_rows", "tasks", "job_failures",
        "unconfirmed_alerts",
    }  # fmt: skip
    assert {each.name for each in erasing.erased_in_time()} - always == {
        "mail", "links", "sessions", "meeting_reports", "training_record", "waiting_list",
        "certificate",
        "module_answers",
    }  # fmt: skip
    assert OldFailures().name in erasing.switched_on()
    assert "privacy.erasing.erase_what_is_due" in settings.LMS_NIGHTLY_JOBS


# On the pages


@pytest.fixture
def page(client, office):
    client.force_login(office)
    return lambda address: " ".join(client.get(address).content.decode().split())


def test_the_office_sees_what_is_due_and_switches_it_on(client, office, page):
    old_mail(to="amina@example.org")
    old_mail(to="amina@example.org")
    listed = page("/cms/reports/retention/")
    assert "24 months after each was written" in listed
    assert "/cms/reports/retention/mail/switch-on/" in listed
    assert "/cms/reports/retention/access_needs/switch-o" not in listed

    asked = client.get("/cms/reports/retention/mail/switch-on/")
    assert "2 records about 1 person, the oldest of" in asked.content.decode()
    answer = client.post("/cms/reports/retention/mail/switch-on/", {"seen": ""})
    assert "Look at what would be erased first" in answer.content.decode()
    seen = asked.context["form"]["seen"].value()
    client.post("/cms/reports/retention/mail/switch-on/", {"seen": seen})
    assert Retention.objects.get(is_on=True).switched_by == office
    assert Mail.objects.count() == 2  # until the night

    assert "/cms/reports/retention/mail/switch-off/" in page("/cms/reports/retention/")
    client.post("/cms/reports/retention/mail/switch-off/")
    assert not Retention.objects.filter(is_on=True).exists()


def test_what_has_no_switch_has_no_page(client, office):
    client.force_login(office)
    for name in ("access_needs", "nothing"):
        assert client.get(f"/cms/reports/retention/{name}/switch-on/").status_code == 404


def test_the_registry_is_read_in_words(page):
    said = page("/cms/reports/personal-data/")
    for words in (
        "What they need at the course",
        "Public task, article 6(1)(e), and substantial public interest",
        "30 days after the course date",
        "Moves to the account that stays",
        "Person of the booking",
        "Whoever has this address: to",
        "Replaced by “Former delegate”",
        "A sector",
    ):
        assert words in said


@pytest.mark.parametrize("address", ["personal-data", "retention", "retention/mail/switch-on"])
def test_only_training_administrators_read_them(client, staff_of, address):
    for group, status in (("Training administrators", 200), ("Board members", 302)):
        client.force_login(staff_of(group))
        assert client.get(f"/cms/reports/{address}/").status_code == status


@pytest.fixture
def staff_of(settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False

    def make(group):
        person = PersonFactory(is_staff=True)
        person.groups.add(Group.objects.get(name=group))
        return Person.objects.get(pk=person.pk)

    return make
