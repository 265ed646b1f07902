"""Tests of reminders to agencies about drafts, and of overdue notices to authors."""

import datetime as dt

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from history.models import Event
from lms.models import Mail
from protocols.approval import approval as approval_approval
from protocols.approval import reminders
from protocols.approval.approval import ApprovalRefused
from protocols.models import Approval, ProtocolPolicy
from tests.factories import PersonFactory, PostFactory
from tests.protocols.test_approving import approve_step, asked, board, drafted, editor, protocol_for

__all__ = ["board", "editor"]
pytestmark = pytest.mark.django_db
ASKED_ON = dt.date(2026, 6, 1)
ANSWER_BY = dt.date(2026, 6, 15)


def on(day):
    return time_machine.travel(dt.datetime.combine(day, dt.time(2, 30), tzinfo=dt.UTC))


@pytest.fixture
def lead():
    at = {"is_lead": True, "starts_on": dt.date(2026, 1, 1)}
    return PostFactory(person__name="Lea", agency__name="City Midwifery", **at).person


@pytest.fixture
def page(board, lead):
    """Create a protocol whose draft was sent to the agency on 1 June."""
    ProtocolPolicy.load()
    ProtocolPolicy.objects.update(answer_days=10)
    with on(ASKED_ON):
        page = protocol_for(lead.posts.get().agency, title="Unborn Baby Protocol")
        page = drafted(page, board["author"], next_review_on=dt.date(2029, 1, 1))
        approve_step(page, board["policy"])
    Mail.objects.all().delete()
    return page


def written(since, until, kind):
    """Run the nightly job twice a day; list the days on which it wrote a mail of this kind."""
    days = []
    for number in range((until - since).days + 1):
        day = since + dt.timedelta(days=number)
        before = Mail.objects.filter(template=kind).count()
        with on(day):
            reminders.chase()
            reminders.chase()
        days += [day] * (Mail.objects.filter(template=kind).count() - before)
    return days


def test_an_agency_is_reminded_as_of_a_cascade(page, lead):
    assert written(dt.date(2026, 6, 2), dt.date(2026, 6, 29), "draft_chased") == [
        dt.date(2026, 6, 12), ANSWER_BY, dt.date(2026, 6, 22), dt.date(2026, 6, 29),
    ]  # fmt: skip
    letter = Mail.objects.filter(template="draft_chased").first()
    assert letter.to == lead.email
    assert "15 June 2026" in letter.text and f"/my/drafts/{asked(page).pk}/" in letter.text
    assert timezone.localtime(letter.due_at).hour == 8
    assert Event.objects.filter(action="approval.chased", by_process="NIGHTLY").count() == 4
    subjects = [
        mail.subject for mail in Mail.objects.filter(template="draft_chased").order_by("pk")
    ]
    assert [subject.partition(":")[0] for subject in subjects] == [
        "Reminder, 3 days left",
        "Reminder, due today",
        "Reminder, 7 days overdue",
        "Reminder, 14 days overdue",
    ]


def test_the_author_hears_once_that_an_answer_is_overdue(page, board):
    assert written(ANSWER_BY, dt.date(2026, 7, 1), "draft_overdue") == [dt.date(2026, 6, 16)]
    letter = Mail.objects.get(template="draft_overdue")
    assert letter.to == board["author"].email
    assert "- City Midwifery, asked on 1 June 2026: Lea" in letter.text
    assert f"/cms/protocols/{page.pk}/versions/" in letter.text


def test_where_the_author_has_left_the_board_its_editors_hear(page, board):
    other = PersonFactory(is_staff=True, groups=["Protocol editors"])
    board["author"].groups.clear()
    assert len(written(dt.date(2026, 6, 16), dt.date(2026, 6, 16), "draft_overdue")) == 1
    assert Mail.objects.get(template="draft_overdue").to == other.email


def test_after_the_answer_nobody_is_reminded(page, lead, board):
    with on(dt.date(2026, 6, 5)):
        approval_approval.approve(asked(page), by=lead)
    assert written(dt.date(2026, 6, 6), dt.date(2026, 7, 1), "draft_chased") == []
    assert not Mail.objects.filter(template="draft_overdue").exists()


def test_of_one_who_was_named_and_has_left_the_lead_answers(page, lead):
    named = PostFactory(agency=lead.posts.get().agency, starts_on=dt.date(2026, 1, 1))
    Approval.objects.of_agencies().update(person=named.person)
    assert not Approval.objects.visible_to(lead).exists()
    named.ends_on = dt.date(2026, 6, 10)
    named.save()
    with on(ANSWER_BY):
        reminders.chase()
        assert Mail.objects.get().to == lead.email
        assert not Approval.objects.visible_to(named.person).exists()
        approval_approval.approve(Approval.objects.waiting().visible_to(lead).get(), by=lead)


def test_the_board_reminds_by_hand_once_a_day_while_there_is_somebody(page, lead, board):
    approval = asked(page)
    with on(dt.date(2026, 6, 5)):
        reminders.remind(approval, by=board["author"])
        with pytest.raises(ApprovalRefused, match="reminded today. Try again tomorrow"):
            reminders.remind(approval, by=board["author"])
    lead.posts.update(ends_on=dt.date(2026, 6, 5))
    with on(dt.date(2026, 6, 8)), pytest.raises(ApprovalRefused, match="name a person beside"):
        reminders.remind(approval, by=board["author"])
    reminders.take_back(page, by=board["chair"])
    with pytest.raises(ApprovalRefused, match="no longer asked"):
        reminders.remind(approval, by=board["author"])
    with pytest.raises(ApprovalRefused, match="Submit it when it is ready"):
        reminders.take_back(page, by=board["chair"])


def words(response):
    return " ".join(BeautifulSoup(response.content, "html.parser").main.get_text(" ").split())


def test_the_author_sees_who_is_waited_for_reminds_them_or_takes_it_back(page, lead, editor):
    address, approval = f"/cms/protocols/{page.pk}/versions/", asked(page)
    with on(dt.date(2026, 6, 20)):
        editor.force_login(page.current_workflow_state.requested_by)
        shown = words(editor.get(address))
        assert "City Midwifery 1 June 2026 Overdue since 15 June 2026 Asked: Lea" in shown
        assert "Author: approved this text on 1 June 2026" in shown
        remind = f"/cms/protocols/approvals/{approval.pk}/remind/"
        assert "For City Midwifery we write to Lea." in words(editor.get(remind))
        editor.post(remind)
        assert "reminded 20 June 2026" in words(editor.get(address))
        editor.post(f"/cms/protocols/{page.pk}/take-back/")
        assert "No longer asked" in words(editor.get(address))
    approval.refresh_from_db()
    assert (approval.state, page.current_workflow_state) == ("lapsed", None)


def test_a_lead_reads_that_the_answer_is_overdue(page, lead, client):
    with on(dt.date(2026, 6, 20)):
        client.force_login(lead)
        said = words(client.get("/my/drafts/"))
    assert "Your answer is overdue" in said and "Please answer by 15 June 2026" in said


def test_others_of_the_board_are_refused_these_buttons(page, client, settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client.force_login(PersonFactory(is_staff=True, groups=["Policy leads"]))
    for tail in (f"approvals/{asked(page).pk}/remind/", f"{page.pk}/take-back/"):
        assert client.post(f"/cms/protocols/{tail}").status_code == 302
    assert asked(page).chased_on is None


def test_my_learning_leads_to_what_waits_and_to_nothing_else(page, lead, client):
    def asked_in_one_query():
        with CaptureQueriesContext(connection) as queries:
            shown = words(client.get("/my/"))
        return shown, sum("protocols_approval" in query["sql"] for query in queries)

    client.force_login(lead)
    with on(dt.date(2026, 6, 20)):
        shown, queries = asked_in_one_query()
        assert queries == 1
        assert (
            "Drafts to approve Unborn Baby Protocol Your answer is overdue City Midwifery: please"
            " answer by 15 June 2026." in shown
        )
        approval_approval.approve(asked(page), by=lead)
        assert "Drafts to approve" not in asked_in_one_query()[0]
