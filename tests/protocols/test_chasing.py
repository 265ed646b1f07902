"""Tests that agencies are reminded on the right days, once a day, and no longer than needed."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from agencies.models import Agency
from history.models import Event
from lms.models import Mail
from protocols.cascade import dissemination, reminders
from protocols.cascade.dissemination import Account, CascadeRefused
from protocols.editions import editions
from tests.factories import (
    APPROVED,
    AgencyFactory,
    DisseminationFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
)

pytestmark = pytest.mark.django_db
SENT = dt.datetime(2026, 6, 1, 10, tzinfo=dt.UTC)
DEADLINE = dt.date(2026, 6, 15)


@pytest.fixture
def sent():
    """Send an edition on 1 June, due on 15 June, to an agency with one lead."""
    with time_machine.travel(SENT):
        agency = AgencyFactory(name="Surgery")
        PostFactory(agency=agency, is_lead=True, starts_on=dt.date(2026, 1, 1))
        page = ProtocolPageFactory()
        return DisseminationFactory(
            edition=page.edition_in_force, agency=agency, deadline_on=DEADLINE, sent_at=SENT
        )


def on(day):
    return time_machine.travel(dt.datetime.combine(day, dt.time(2, 30), tzinfo=dt.UTC))


def chased(since, until):
    """Run the nightly job on each day; list the days on which it wrote a mail."""
    days = []
    for number in range((until - since).days + 1):
        day = since + dt.timedelta(days=number)
        before = Mail.objects.count()
        with on(day):
            reminders.chase()
        days += [day] * (Mail.objects.count() - before)
    return days


def test_three_days_before_on_the_day_and_each_week_after(sent):
    assert chased(dt.date(2026, 6, 2), dt.date(2026, 7, 1)) == [
        dt.date(2026, 6, 12), DEADLINE, dt.date(2026, 6, 22), dt.date(2026, 6, 29),
    ]  # fmt: skip


def test_run_twice_on_a_day_it_is_one_mail(sent):
    with on(DEADLINE):
        assert reminders.chase() == 1
        assert reminders.chase() == 0
    mail = Mail.objects.get()
    assert mail.template == "protocol_chased"
    assert "- Surgery" in mail.text and "15 June 2026" in mail.text
    assert timezone.localtime(mail.due_at).hour == 8


def test_a_night_without_a_worker_is_made_up_for_once(sent):
    assert chased(dt.date(2026, 6, 24), dt.date(2026, 6, 28)) == [dt.date(2026, 6, 24)]


def test_sent_shortly_before_the_deadline_it_is_not_chased_at_once(sent):
    sent.sent_at = dt.datetime(2026, 6, 13, 10, tzinfo=dt.UTC)
    sent.save()
    assert chased(dt.date(2026, 6, 13), DEADLINE) == [DEADLINE]


def test_who_has_confirmed_is_left_in_peace(sent):
    with on(dt.date(2026, 6, 12)):
        said = Account(dt.date(2026, 6, 12), ["mail"])
        dissemination.confirm(sent, said, by=PersonFactory())
    assert chased(dt.date(2026, 6, 12), dt.date(2026, 7, 1)) == []


def test_the_board_stops_for_a_reason_and_it_may_still_be_confirmed(sent):
    by = PersonFactory()
    with pytest.raises(CascadeRefused, match="Say why"):
        reminders.stop_chasing(sent, reason=" ", by=by)
    reminders.stop_chasing(sent, reason="They have closed.", by=by)
    assert chased(dt.date(2026, 6, 12), dt.date(2026, 7, 1)) == []
    sent.refresh_from_db()
    assert sent.state == "stopped"
    assert Event.objects.about(sent).get().action == "dissemination.chasing_stopped"
    with pytest.raises(CascadeRefused, match="not asked any more"):
        reminders.stop_chasing(sent, reason="Again.", by=by)
    with on(dt.date(2026, 6, 20)):
        dissemination.confirm(sent, Account(dt.date(2026, 6, 20), ["mail"]), by=by)
    sent = type(sent).objects.get()
    assert sent.state == "confirmed"


def test_a_newer_edition_ends_it_only_once_it_is_sent_to_the_same_agency(sent):
    with on(dt.date(2026, 6, 10)):
        page = sent.edition.page
        page.reason, page.in_force_from, page.is_major = "Small.", dt.date(2026, 6, 10), False
        newer = editions.issue_edition(page, by="TEST", approved_by=APPROVED)
    assert chased(dt.date(2026, 6, 12), dt.date(2026, 6, 12)) == [dt.date(2026, 6, 12)]
    DisseminationFactory(edition=newer, agency=sent.agency, deadline_on=dt.date(2026, 9, 1))
    assert chased(dt.date(2026, 6, 15), dt.date(2026, 7, 1)) == []


def test_what_was_withdrawn_is_chased_no_more(sent):
    with on(dt.date(2026, 6, 10)):
        editions.withdraw(sent.edition, reason="It was wrong.", by=PersonFactory())
    assert chased(dt.date(2026, 6, 11), dt.date(2026, 7, 1)) == []


def test_of_a_merged_agency_its_successors_lead_is_reminded(sent):
    new = AgencyFactory()
    lead = PostFactory(agency=new, is_lead=True, starts_on=dt.date(2026, 1, 1)).person
    sent.agency.posts.update(ends_on=dt.date(2026, 6, 5))
    Agency.objects.filter(pk=sent.agency_id).update(merged_into=new)
    with on(DEADLINE):
        reminders.chase()
    assert Mail.objects.get().to == lead.email


def test_the_board_reminds_by_hand_once_a_day(sent):
    with on(dt.date(2026, 6, 5)):
        reminders.remind(sent, by=PersonFactory())
        with pytest.raises(CascadeRefused, match="reminded today"):
            reminders.remind(sent, by=PersonFactory())
        assert reminders.chase() == 0
    assert Mail.objects.count() == 1
    assert chased(dt.date(2026, 6, 6), dt.date(2026, 6, 12)) == [dt.date(2026, 6, 12)]


def test_many_agencies_of_an_edition_take_as_many_queries_as_few(django_assert_max_num_queries):
    edition = ProtocolPageFactory().edition_in_force
    lead = PostFactory(is_lead=True, starts_on=dt.date(2026, 1, 1)).person
    for _ in range(12):
        agency = AgencyFactory()
        PostFactory(agency=agency, person=lead, is_lead=True, starts_on=dt.date(2026, 1, 1))
        DisseminationFactory(edition=edition, agency=agency, deadline_on=DEADLINE, sent_at=SENT)
    with on(DEADLINE), django_assert_max_num_queries(20):
        assert reminders.chase() == 12
    assert Mail.objects.count() == 1
