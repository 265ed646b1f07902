"""Test that accounts which may be of one person are shown to the lead and the office, once."""

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agencies.access import TRAINING_ADMINISTRATORS
from agencies.back_office.double_accounts import DoubleAccounts
from agencies.double_accounts import double_accounts
from agencies.free_text import names
from agencies.models import Agency, Person, TwoPeople
from history.models import Event
from tests.factories import AgencyFactory, PersonFactory, PostFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    return PersonFactory(is_staff=True, groups=[TRAINING_ADMINISTRATORS])


def two(name="Amina Rahman", other="amina  RAHMAN", **more):
    """Make two accounts of one name at one agency; return the older and the newer."""
    agency = AgencyFactory(name=more.pop("at", "Harbour School"))
    older = PostFactory(person__name=name, agency=agency).person
    return older, PostFactory(person__name=other, agency=agency, **more).person


def found():
    return [
        (pair.older, pair.newer) for pair in double_accounts.pairs_of(double_accounts.possible())
    ]


def words(response):
    return " ".join(BeautifulSoup(response.content, "html.parser").get_text(" ").split())


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("Amina Rahman", " amina   RAHMAN ", True),
        ("Zoë Núñez", "Zoe Nunez", True),
        ("Mary O’Neill-Smith", "Mary O'Neill Smith", True),
        ("J. R. Hartley", "J R Hartley", True),
        ("Amina Rahman", "Amina Rahmani", False),
        ("Nguyễn Văn A", "Nguyen Van A", True),
    ],
)
def test_names_are_compared_without_case_spaces_and_accents(one, other, is_same):
    assert (names.key(one) == names.key(other)) == is_same
    pair = two(one, other)
    assert found() == ([pair] if is_same else [])


def merged(older, newer):
    agency = AgencyFactory()
    middle = AgencyFactory(merged_into=agency)
    newer.posts.update(agency=agency)
    Agency.objects.filter(pk=older.posts.get().agency_id).update(merged_into=middle)


def left(older, newer):
    older.posts.update(ends_on=timezone.localdate())


def waits(older, newer):
    newer.posts.update(confirmed_at=None)


def elsewhere(older, newer):
    newer.posts.update(agency=AgencyFactory())


def refused(older, newer):
    newer.posts.update(confirmed_at=None, ends_on=timezone.localdate())


def closed(older, newer):
    older.is_active = False
    older.save()


def renamed(older, newer):
    newer.name = "Amina Rahmani"
    newer.save(update_fields=["name"])


@pytest.mark.parametrize(
    ("change", "is_found"),
    [
        (merged, True),
        (left, True),
        (waits, True),
        (elsewhere, False),
        (refused, False),
        (closed, False),
        (renamed, False),
    ],
)
def test_they_share_an_agency_as_it_is_today_and_are_open(change, is_found):
    older, newer = two()
    change(older, newer)
    assert found() == ([(older, newer)] if is_found else [])
    both_pages = [double_accounts.pairs_with(each) for each in (older, newer)]
    assert [bool(pairs) for pairs in both_pages] == [is_found, is_found]


def test_three_of_a_name_are_three_pairs_and_one_that_is_settled_is_not_asked_again(office):
    first, second = two()
    third = PostFactory(person__name="Amina Rahman", agency=first.posts.get().agency).person
    assert found() == [(first, third), (second, third), (first, second)]
    double_accounts.are_two_people(third, first, by=office)
    double_accounts.are_two_people(first, third, by=office)
    assert found() == [(second, third), (first, second)]
    assert TwoPeople.objects.get().found_by == office
    assert Event.objects.filter(action="person.not_the_same").count() == 2
    with pytest.raises(double_accounts.NotSettled, match="Only the training office"):
        double_accounts.are_two_people(first, second, by=first)
    with pytest.raises(double_accounts.NotSettled, match="one account"):
        double_accounts.are_two_people(first, first, by=office)


def test_the_office_reads_it_in_four_places_and_settles_it(client, office):
    older, newer = two()
    client.force_login(office)
    edit = [reverse("wagtailusers_users:edit", args=[each.pk]) for each in (older, newer)]
    report = reverse("report_possible-double-accounts")
    telephone = reverse("telephone_person", args=[newer.pk])
    for address in (telephone, *edit):
        shown = client.get(address)
        assert "has another account" in words(shown)
        assert f"{report}?person=" in shown.content.decode()
    assert older.email in words(client.get(edit[1]))
    for address in (report, "/cms/", *(f"{report}?person={each.pk}" for each in (older, newer))):
        shown = client.get(address)
        assert older.email in shown.content.decode(), address
        assert reverse("two_people", args=[newer.pk, older.pk]) in shown.content.decode(), address
    settle = reverse("two_people", args=[newer.pk, older.pk])
    assert "compare and merge the two accounts" in words(client.get(settle))
    client.post(settle)
    assert not double_accounts.possible().exists()
    assert "No two accounts seem to be of one person." in words(client.get(report))
    for address in (telephone, *edit):
        assert "has another account" not in words(client.get(address))
    client.force_login(PersonFactory(is_staff=True, groups=["Board members"]))
    # Wagtail answers who may not with its first page.
    assert client.get(report)["Location"] == "/cms/"
    assert client.post(settle)["Location"] == "/cms/"


def test_a_lead_sees_it_among_their_staff_alone_before_they_confirm(client):
    older, newer = two(confirmed_at=None)
    agency = newer.posts.get().agency
    lead = PostFactory(agency=agency, is_lead=True).person
    elsewhere = PostFactory(person__name="Bo Li", person__email="bo@elsewhere.example.org").person
    PostFactory(person__name="Bo Li", agency=agency, confirmed_at=None)
    client.force_login(lead)
    shown = words(client.get("/agency/"))
    said = "Somebody of this name is on your list of staff already, with the address "
    assert said + older.email in shown
    assert elsewhere.email not in shown


def test_the_person_is_told_nothing_of_another_account(client):
    """Otherwise whoever gives a colleague's name would learn their address."""
    older, newer = two()
    client.force_login(newer)
    for address in ("/my/", "/my/jobs/", "/my/name/", "/welcome/"):
        assert older.email not in words(client.get(address))


def test_many_are_listed_with_as_many_queries_as_one(client, office):
    client.force_login(office)
    report = reverse("report_possible-double-accounts")
    client.get(report)
    DoubleAccounts().section(office)  # Reads the groups of who looks, once.
    counts = []
    for names_of in (["Ann Bee"], ["Cy Dee", "Ed Eff"]):
        for name in names_of:
            two(name, name, at=f"School of {name}")
        with CaptureQueriesContext(connection) as shown:
            client.get(report)
        with CaptureQueriesContext(connection) as week:
            DoubleAccounts().section(office)
        counts.append((len(shown), len(week)))
    assert counts[0] == counts[1]


def test_whatever_makes_a_person_folds_their_name():
    person = PersonFactory(name="Zoë  Núñez")
    assert Person.objects.get(pk=person.pk).name_key == "zoe nunez"
    person.name = "Zoë Smith"
    person.save(update_fields=["name"])
    assert Person.objects.get(pk=person.pk).name_key == "zoe smith"
