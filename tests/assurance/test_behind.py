"""Test which courses, runs and people lag behind a protocol, and what is done about it."""

import datetime as dt

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agencies.access import BOARD_MEMBERS, PROTOCOL_EDITORS
from assurance import briefing, protocol_drift
from courses.catalogue import protocol_check
from courses.models import ProtocolCheck
from history.models import Event
from lms.models import Mail
from protocols.editions import editions
from tests.factories import (
    APPROVED,
    AgencyFactory,
    BookingFactory,
    CompletionFactory,
    CourseFactory,
    PersonFactory,
    ProtocolPageFactory,
    RunFactory,
    in_days,
)

pytestmark = pytest.mark.django_db
REPORT = "/cms/reports/behind-its-protocol/"


def revise(page, *, is_major=True):
    number = page.editions.count()
    page.reason, page.is_major = f"Change {number}.", is_major
    page.in_force_from = dt.date(2026, 4, 1) + dt.timedelta(days=number)
    return editions.issue_edition(page, by="TEST", approved_by=APPROVED)


def teaching(page, **fields):
    course = CourseFactory(**fields)
    course.protocols_taught.add(page)
    return course


def completed(course, days_ago, agency=None, person=None):
    run = RunFactory(course=course, starts_at=in_days(-days_ago), closed_at=in_days(1 - days_ago))
    person, agency = person or PersonFactory(), agency or AgencyFactory()
    return CompletionFactory(
        person=person, booking=BookingFactory(run=run, person=person, agency=agency)
    )


def check(course, edition, days_ago=0):
    with time_machine.travel(timezone.now() - dt.timedelta(days=days_ago)):
        return protocol_check.check_against(course, edition, by=PersonFactory())


def states(page):
    return {each.course.title: each.state for each in protocol_drift.drift_of(page).taught}


def test_a_course_is_behind_from_the_next_major_edition_until_it_is_checked():
    page = ProtocolPageFactory()
    course = teaching(page, title="Unborn babies")
    assert states(page) == {"Unborn babies": "never"}
    check(course, page.edition_in_force)
    assert states(page) == {"Unborn babies": "checked"}
    revise(page, is_major=False)
    assert states(page) == {"Unborn babies": "checked"}
    assert protocol_drift.protocols() == []
    major = revise(page)
    assert states(page) == {"Unborn babies": "behind"}
    assert [one.edition for one in protocol_drift.protocols()] == [major]
    check(course, major)
    assert states(page) == {"Unborn babies": "checked"}


def test_a_check_is_recorded_once_of_what_is_in_force_and_taught():
    page, by = ProtocolPageFactory(), PersonFactory()
    course, first = teaching(page), page.edition_in_force
    with pytest.raises(protocol_check.CheckRefused, match="among what it teaches"):
        protocol_check.check_against(CourseFactory(), first, by=by)
    checked = protocol_check.check_against(course, first, by=by)
    assert protocol_check.check_against(course, first, by=by) == checked
    event = Event.objects.get(action="course.checked")
    assert (event.by_person, event.now) == (by.pk, {"edition": first.pk, "number": 1})
    revise(page)
    with pytest.raises(protocol_check.CheckRefused, match="not in force"):
        protocol_check.check_against(course, first, by=by)


def test_people_trained_on_the_older_edition_by_agency():
    page = ProtocolPageFactory()
    course, other = teaching(page), teaching(page)
    revise(page)
    ours, into = AgencyFactory(name="Ours"), AgencyFactory(name="Into")
    merged = AgencyFactory(name="Merged", merged_into=into)
    for agency in (ours, ours, merged):
        completed(course, 50, agency)
    moved = completed(course, 50, into)
    completed(other, 40, ours, moved.person)
    again = completed(course, 50, ours)
    completed(CourseFactory(), 50, ours)
    check(course, page.edition_in_force, days_ago=10)
    completed(course, 5, ours, again.person)
    completed(course, 5, ours)
    one = protocol_drift.drift_of(page)
    assert one.people == [("Into", 1), ("Ours", 3)]
    assert {person.pk for person in protocol_drift.people_of(one)} >= {moved.person.pk}
    assert again.person not in protocol_drift.people_of(one)


def test_on_an_edition_that_has_no_older_one_nobody_was_trained_too_early():
    page = ProtocolPageFactory()
    completed(teaching(page), 50)
    revise(page, is_major=False)
    assert protocol_drift.drift_of(page).people == []


def test_coming_dates_of_what_is_behind():
    page = ProtocolPageFactory()
    late, fine = teaching(page), teaching(page)
    check(fine, page.edition_in_force)
    coming = RunFactory(course=late)
    RunFactory(course=late, starts_at=in_days(-3))
    RunFactory(course=fine)
    assert {each.course: each.dates for each in protocol_drift.drift_of(page).taught} == {
        late: [coming], fine: [],
    }  # fmt: skip


def test_the_briefing_is_drafted_read_and_sent_once(client, office):
    page = ProtocolPageFactory(title="Unborn Baby Protocol", slug="unborn")
    course = teaching(page, title="Unborn babies")
    revise(page)
    person = completed(course, 50).person
    RunFactory(course=course)
    address = reverse("behind_briefing", args=[page.pk])
    draft = briefing.draft(protocol_drift.drift_of(page))
    assert draft["subject"] == "What has changed: Unborn Baby Protocol"
    for words in ("Change 1.", "‘Unborn babies’", "/protocols/unborn/", "Dates on which"):
        assert words in draft["message"]
    shown = BeautifulSoup(client.get(address).content, "html.parser")
    assert shown.find("textarea").text.strip() == draft["message"]
    assert not Mail.objects.filter(template="what_changed").exists()
    words = {"subject": "News", "message": "It is twelve weeks now."}
    assert client.post(address, words).status_code == 302
    mail = Mail.objects.get(template="what_changed")
    assert (mail.to, mail.subject) == (person.email, "News")
    assert "It is twelve weeks now." in mail.text
    assert Event.objects.get(action="edition.change_told").now == {"people": 1, "number": 2}
    again = client.post(address, words)
    assert "has had this email" in again.content.decode()
    later = completed(course, 3).person
    client.post(address, words)
    sent = Mail.objects.filter(template="what_changed").values_list("to", flat=True)
    assert sorted(sent) == sorted([person.email, later.email])


def test_the_office_says_that_a_course_was_checked(client, office):
    page = ProtocolPageFactory()
    course = teaching(page)
    address = reverse("behind_checked", args=[page.pk, course.pk])
    assert address in client.get(reverse("behind_one", args=[page.pk])).content.decode()
    assert client.get(address).status_code == 200
    assert not ProtocolCheck.objects.exists()
    client.post(address)
    checked = ProtocolCheck.objects.get()
    assert (checked.course, checked.edition, checked.checked_by) == (
        course, page.edition_in_force, office,
    )  # fmt: skip


@pytest.mark.parametrize("group", [BOARD_MEMBERS, PROTOCOL_EDITORS])
def test_others_of_the_board_read_and_change_nothing(client, settings, group):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client.force_login(PersonFactory(is_staff=True, groups=[group]))
    page = ProtocolPageFactory()
    course = teaching(page)
    revise(page)
    completed(course, 50)
    for address in (
        REPORT,
        reverse("behind_one", args=[page.pk]),
        "/cms/reports/topics-in-training/",
    ):
        assert client.get(address).status_code == 200
    for address in (
        reverse("behind_checked", args=[page.pk, course.pk]),
        reverse("behind_briefing", args=[page.pk]),
    ):
        assert client.get(address).status_code == 302
        client.post(address, {"subject": "S", "message": "M"})
    assert not ProtocolCheck.objects.exists()
    assert not Mail.objects.filter(template="what_changed").exists()


def test_as_many_queries_for_three_protocols_as_for_one(client, office):
    def queries():
        client.get(REPORT)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(REPORT).status_code == 200
        return len(asked)

    def one_more():
        page = ProtocolPageFactory()
        check(teaching(page), page.edition_in_force)
        teaching(page)
        revise(page)

    one_more()
    few = queries()
    one_more()
    one_more()
    assert queries() == few <= 15


def test_a_long_list_goes_on_on_the_next_page(client, office, monkeypatch):
    monkeypatch.setattr("assurance.views.ON_A_PAGE", 2)
    for title in ("Babies", "Children", "Teenagers"):
        teaching(ProtocolPageFactory(title=title))
    first, second = (client.get(f"{REPORT}?page={page}") for page in (1, 2))
    listed = [[one.edition.title for one in page.context["protocols"]] for page in (first, second)]
    assert listed == [["Babies", "Children"], ["Teenagers"]]
    assert 'href="?page=2">More protocols' in first.content.decode()
    assert 'href="?page=1">Protocols before these' in second.content.decode()


def test_whom_a_course_trained_that_is_offered_no_longer_is_named_all_the_same():
    page, agency = ProtocolPageFactory(), AgencyFactory(name="Police")
    ended = teaching(page, title="Unborn babies, 2019", is_offered=False)
    assert protocol_drift.protocols() == []
    completed(ended, 400, agency)
    caught_up = completed(ended, 300, agency).person
    major = revise(page)
    course = teaching(page, title="Unborn babies")
    check(course, major, days_ago=5)
    completed(course, 2, agency, caught_up)
    assert states(page) == {"Unborn babies": "checked", "Unborn babies, 2019": "ended"}
    assert protocol_drift.drift_of(page).people == [("Police", 1)]
    assert [one.edition for one in protocol_drift.protocols()] == [major]
