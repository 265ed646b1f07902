"""Test the office's pages that compare, merge and take apart two accounts."""

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agencies.access import TRAINING_ADMINISTRATORS
from agencies.merging import merging
from agencies.models import Merge, Person
from courses.models import Booking
from tests.agencies.test_back_office import person_fields
from tests.browsing import Browser
from tests.factories import (
    AgencyFactory,
    BookingFactory,
    DomainFactory,
    PersonFactory,
    PostFactory,
)

pytestmark = pytest.mark.django_db
ADD = reverse("wagtailusers_users:add")


@pytest.fixture
def office(settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    return PersonFactory(name="Olive Office", is_staff=True, groups=[TRAINING_ADMINISTRATORS])


@pytest.fixture
def browser(office):
    browser = Browser()
    browser.force_login(office)
    return browser


@pytest.fixture
def pair():
    agency = AgencyFactory(name="Harbour School")
    return [
        PostFactory(person__name="Amina Rahman", agency=agency).person,
        PostFactory(person__name="Amina Rahman", agency=agency, title="Nurse").person,
    ]


def words(response):
    return " ".join(BeautifulSoup(response.content, "html.parser").get_text(" ").split())


def of_merging(pair):
    return reverse("merge_accounts", args=[each.pk for each in pair])


def edit(person):
    return reverse("wagtailusers_users:edit", args=[person.pk])


def test_the_office_compares_merges_and_undoes(browser, pair):
    kept, other = pair
    booking = BookingFactory(person=other)
    for address in (reverse("report_possible-double-accounts"), "/cms/"):
        assert of_merging(pair) in browser.get(address).content.decode(), address
    page = browser.get(of_merging(pair))
    shown = words(page)
    for said in (kept.email, other.email, "Nurse, Harbour School (current)", "Never",
                 "Both have a job at Harbour School", "Both addresses get one email",
                 "You can undo this until"):  # fmt: skip
        assert said in shown, said
    rows = {row.th.get_text(): [cell.get_text() for cell in row.find_all("td")]
            for row in BeautifulSoup(page.content, "html.parser").select("tbody tr")}  # fmt: skip
    assert rows["Bookings, waiting lists included"] == ["0", "1"]
    assert of_merging([other, kept]) in page.content.decode()
    assert not Merge.objects.exists()
    done = browser.post(of_merging(pair), follow=True)
    assert "are one now" in words(done)
    booking.refresh_from_db()
    assert booking.person == kept
    undo = reverse("undo_merge", args=[Merge.objects.get().pk])
    closed = browser.get(edit(other))
    assert "was merged into that of Amina Rahman" in words(closed)
    for page in (done, closed):
        assert undo in page.content.decode()
    assert "all of it goes back" in words(browser.get(undo))
    assert "are separate again" in words(browser.post(undo, follow=True))
    booking.refresh_from_db()
    assert booking.person == other
    assert "This has been undone" in words(browser.get(undo))


def test_what_cannot_go_back_is_said_before_the_press(browser, office, pair):
    booking = BookingFactory(person=pair[1])
    made = merging.merge(*pair, by=office)
    Booking.objects.filter(pk=booking.pk).update(person=PersonFactory())
    shown = words(browser.get(reverse("undo_merge", args=[made.pk])))
    assert "What cannot go back" in shown
    assert "Bookings, waiting lists included: 1 changed since" in shown


def test_a_refusal_is_shown_before_and_after_the_press(browser, office, pair):
    for answer in (browser.get(of_merging([pair[0], office])),
                   browser.post(of_merging([pair[0], office]))):  # fmt: skip
        assert "You are signed in with the account that would be closed" in words(answer)
        assert "Merge these accounts" not in words(answer)
    assert not Merge.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("route", ["merge_with", "merge_accounts", "undo_merge"])
def test_nobody_but_the_office_compares_or_merges(client, office, pair, method, route):
    made = merging.merge(PersonFactory(), PersonFactory(), by=office)
    args = {"merge_with": [pair[0].pk], "undo_merge": [made.pk]}
    address = reverse(route, args=args.get(route, [each.pk for each in pair]))
    lead = PostFactory(is_lead=True, agency=pair[0].posts.get().agency).person
    board = PersonFactory(is_staff=True, groups=["Board members", "Protocol editors"])
    for person in (lead, board):
        client.force_login(person)
        assert getattr(client, method)(address).status_code in (302, 403, 405)
    assert Merge.objects.in_effect().count() == 1


def test_another_account_is_found_by_name_and_by_search(browser, pair):
    stranger = PersonFactory(name="Amy Rahman", email="amy@example.org")
    find = reverse("merge_with", args=[pair[0].pk])
    assert find in browser.get(edit(pair[0])).content.decode()
    found = browser.get(find).content.decode()
    assert of_merging(pair) in found and of_merging([pair[0], stranger]) not in found
    found = browser.get(find, {"q": "amy@"}).content.decode()
    assert of_merging(pair) not in found and of_merging([pair[0], stranger]) in found
    assert "No other account has “nobody”" in words(browser.get(find, {"q": "nobody"}))


def test_the_list_of_accounts_costs_the_same_for_3_and_for_20(browser, pair):
    find = reverse("merge_with", args=[pair[0].pk])

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            browser.get(find)
        return len(asked)

    for _ in range(2):
        PostFactory(person__name="Amina Rahman")
    queries()
    few = queries()
    for _ in range(16):
        PostFactory(person__name="Amina Rahman")
    assert queries() == few


def test_who_has_that_name_is_shown_before_somebody_is_added(browser, pair):
    elsewhere = PersonFactory(name="Amina Rahman")
    theirs = PostFactory(person__name="amina rahman").person
    DomainFactory(agency=theirs.posts.get().agency, name="here.example.org")
    new = person_fields() | {"name": "Amina  Rahman", "email": "new@here.example.org"}
    refused = browser.post(ADD, new)
    assert "4 people have this name already" in words(refused)
    found = BeautifulSoup(refused.content, "html.parser").select(".office-table tbody a")
    assert [link["href"] for link in found] == [edit(each) for each in (theirs, *pair, elsewhere)]
    assert not Person.objects.filter(email=new["email"]).exists()
    assert browser.post(ADD, new | {"is_another": "on"}).status_code == 302
    assert Person.objects.filter(email=new["email"]).exists()
    assert Person.objects.filter(name_key="amina rahman").count() == 5


def test_whose_address_it_is_is_shown_and_cannot_be_ticked_away(browser, pair):
    new = person_fields() | {"name": "Bo", "email": pair[0].email, "is_another": "on"}
    refused = browser.post(ADD, new)
    assert edit(pair[0]) in refused.content.decode()
    assert "already has this address" in words(refused)


def test_nobody_is_asked_about_a_name_that_nobody_has(browser):
    assert "is_another" not in browser.get(ADD).content.decode()
    assert browser.post(ADD, person_fields()).status_code == 302


def test_a_merged_account_is_not_opened_by_its_form(browser, office, pair):
    merging.merge(*pair, by=office)
    fields = person_fields() | {"name": "Amina Rahman", "email": "amina@example.org"}
    answer = browser.post(edit(pair[1]), fields)
    assert "This account was merged into" in words(answer)
    assert not Person.objects.get(pk=pair[1].pk).is_active
