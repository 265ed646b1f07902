"""Tests of reviews, checks of other publishers and the list of amendments."""

import datetime as dt

import pytest
import time_machine
from bs4 import BeautifulSoup
from wagtail.models import Page, PageViewRestriction

from agencies.access import BOARD_MEMBERS, PROTOCOL_EDITORS, TRAINING_ADMINISTRATORS
from history.models import Event
from lms.models import Mail
from protocols.editions import editions, reviews
from protocols.models import Edition
from tests.factories import APPROVED, AgencyFactory, PersonFactory, PostFactory, ProtocolPageFactory

pytestmark = pytest.mark.django_db
JUNE = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)


def words(response):
    page = BeautifulSoup(response.content, "html.parser")
    return " ".join(page.main.get_text(" ").split())


def editor():
    return PersonFactory(is_staff=True, groups=[PROTOCOL_EDITORS])


def second(page, **fields):
    changes = {"reason": "A figure was wrong.", "in_force_from": dt.date(2026, 5, 20)}
    for name, value in (changes | fields).items():
        setattr(page, name, value)
    return editions.issue_edition(page, by="TEST", approved_by=APPROVED)


def due_in(days, **fields):
    return ProtocolPageFactory(next_review_on=JUNE.date() + dt.timedelta(days=days), **fields)


@time_machine.travel(JUNE)
def test_owners_are_told_90_30_and_0_days_before_once_each():
    agency = AgencyFactory()
    lead = PostFactory(agency=agency, is_lead=True).person
    board = editor()
    page = due_in(91, owners=[agency], title="Unborn Baby Protocol")
    told = {}
    for day in range(95):
        with time_machine.travel(JUNE + dt.timedelta(days=day)):
            reviews.tell_owners()
            reviews.tell_owners()
            told[day] = Mail.objects.filter(template="protocol_review").count()
    new = [day for day in range(1, 95) if told[day] != told[day - 1]]
    assert (told[0], new, told[94]) == (0, [1, 61, 91], 6)
    by_address = {mail.to: mail.text for mail in Mail.objects.filter(template="protocol_review")}
    assert set(by_address) == {lead.email, board.email}
    assert f"/cms/protocols/{page.pk}/versions/" in by_address[board.email]
    assert page.path_of_page in by_address[lead.email]


@time_machine.travel(JUNE)
def test_after_a_silence_they_are_told_once_and_not_three_times():
    editor()
    due_in(1)
    due_in(20)
    assert reviews.tell_owners() == 1 + 1
    assert Mail.objects.count() == 2


@time_machine.travel(JUNE)
def test_still_right_is_a_review_without_a_new_version(client):
    page, by = due_in(10, slug="unborn"), editor()
    edition = page.edition_in_force
    with pytest.raises(editions.EditionRefused, match="still to come"):
        reviews.confirm_review(edition, next_review_on=JUNE.date(), note="", by=by)
    reviews.confirm_review(edition, next_review_on=dt.date(2028, 6, 1), note="Read.", by=by)
    assert reviews.due(by_day=dt.date(2028, 5, 31)) == []
    assert page.editions.count() == 1
    said = words(client.get("/protocols/unborn/"))
    assert "Last review 1 June 2026: still right Next review 1 June 2028" in said
    event = Event.objects.about(edition).get(action="edition.found_right")
    assert (event.was, event.now) == (
        {"next_review_on": "2026-06-11"},
        {"next_review_on": "2028-06-01"},
    )
    editions.withdraw(edition, reason="Wrong.", by=by)
    with pytest.raises(editions.EditionRefused, match="not in force"):
        reviews.confirm_review(edition, next_review_on=dt.date(2029, 1, 1), note="", by=by)


@time_machine.travel(JUNE)
def test_what_an_editor_found_elsewhere_is_shown_with_its_day(client):
    page, by = ProtocolPageFactory(slug="unborn", edition=None), editor()
    page.elsewhere.create(name="Hampshire procedures", url="https://hampshire.example.org/ubp")
    page.save()
    edition = editions.issue_edition(page, by="TEST", approved_by=APPROVED)
    never = "Hampshire procedures (not checked since this version was published)"
    assert never in words(client.get("/protocols/unborn/"))
    assert [place.name for place in reviews.not_looked_at()] == ["Hampshire procedures"]
    with pytest.raises(editions.EditionRefused, match="does not name that place"):
        reviews.check_publication(
            edition, url="https://other.example.org", is_same=True, note="", by=by
        )
    found = {"url": "https://hampshire.example.org/ubp", "note": "", "by": by}
    reviews.check_publication(edition, is_same=False, **found)
    assert "(another version, checked on 1 June 2026)" in words(client.get("/protocols/unborn/"))
    reviews.check_publication(edition, is_same=True, **found)
    assert "(the same version, checked on 1 June 2026)" in words(client.get("/protocols/unborn/"))
    assert not reviews.not_looked_at().exists()
    second(page)
    assert never in words(client.get("/protocols/unborn/"))
    assert [place.page for place in reviews.not_looked_at()] == [page]


@time_machine.travel(JUNE)
def test_amendments_are_listed_by_month_for_what_anybody_may_read(client):
    page = ProtocolPageFactory(title="Unborn Baby Protocol")
    withdrawn = second(page, is_major=False)
    editions.withdraw(withdrawn, reason="It said ten days.", by="TEST")
    private = ProtocolPageFactory(title="Secret")
    PageViewRestriction.objects.create(page=private, restriction_type="login")
    taken_off = ProtocolPageFactory(title="Taken off")
    Page.objects.filter(pk=taken_off.pk).update(live=False)
    shown = BeautifulSoup(client.get("/protocols/amendments/").content, "html.parser")
    assert [" ".join(month.get_text(" ").split()) for month in shown.select("main section")] == [
        "June 2026 Unborn Baby Protocol, version 2 Withdrawn Withdrawn on 1 June 2026"
        " It said ten days.",
        "May 2026 Unborn Baby Protocol, version 2 Minor change Approved on 20 March 2026,"
        " in force from 20 May 2026 A figure was wrong. Guidance: Working Together",
        "April 2026 Unborn Baby Protocol, version 1 Approved on 20 March 2026, in force from"
        " 1 April 2026 The first version. Guidance: Working Together",
    ]


@time_machine.travel(JUNE)
def test_the_report_lists_what_is_near_past_or_unknown(client, settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    due_in(1, title="Today")
    due_in(91, title="Near")
    due_in(92, title="Far")
    for group in (PROTOCOL_EDITORS, BOARD_MEMBERS):
        reader = PersonFactory(is_staff=True, groups=[group])
        with time_machine.travel(JUNE + dt.timedelta(days=1)):
            client.force_login(reader)
            report = client.get("/cms/reports/protocols-due/")
        with time_machine.travel(JUNE + dt.timedelta(days=2)):
            client.force_login(reader)  # a session of staff lasts for 12 hours
            day_after = client.get("/cms/reports/protocols-due/")
        shown = BeautifulSoup(report.content, "html.parser")
        rows = [" ".join(row.get_text(" ").split()) for row in shown.select("main tbody tr")]
        assert [row.split(" ")[0] for row in rows] == ["Today", "Near"]
        assert "today" in rows[0] and "overdue" not in rows[0]
        assert "overdue" in words(day_after)


@time_machine.travel(JUNE)
def test_the_boards_editors_use_the_buttons_and_others_are_refused(client, settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    page = ProtocolPageFactory(edition=None)
    page.elsewhere.create(name="Hampshire", url="https://hampshire.example.org/ubp")
    page.save()
    edition = editions.issue_edition(page, by="TEST", approved_by=APPROVED)
    said = {
        "elsewhere": {
            "url": "https://hampshire.example.org/ubp",
            "is_same": "yes",
            "note": "On its page 3.",
        },
        "still-right": {"next_review_on": "2028-06-01", "note": "Read."},
        "withdraw": {"reason": "A figure was wrong."},
    }
    client.force_login(PersonFactory(is_staff=True, groups=[TRAINING_ADMINISTRATORS]))
    addresses = [f"/cms/protocols/editions/{edition.pk}/{name}/" for name in said]
    for address in [*addresses, f"/cms/protocols/{page.pk}/versions/"]:
        assert client.post(address, {"reason": "Mine"}).headers["Location"] == "/cms/"
    assert not Edition.objects.exclude(withdrawn_at=None).exists()
    by = editor()
    client.force_login(by)
    assert client.post(addresses[2], {"reason": ""}).status_code == 200
    report = words(client.get("/cms/reports/protocols-due/"))
    assert f"the version in force was published. {page.title} : Hampshire" in report
    for name, form in said.items():
        answer = client.post(f"/cms/protocols/editions/{edition.pk}/{name}/", form)
        assert answer.headers["Location"] == f"/cms/protocols/{page.pk}/versions/", name
        if name == "elsewhere":
            shown = words(client.get(f"/cms/protocols/{page.pk}/versions/"))
            assert f"Hampshire This version 1 June 2026, {by.name} On its page 3." in shown
    shown = words(client.get(f"/cms/protocols/{page.pk}/versions/"))
    assert "Withdrawn 1 June 2026: A figure was wrong." in shown
    assert edition.found_right.get().note == "Read."
    assert edition.elsewhere_checks.get().is_same
