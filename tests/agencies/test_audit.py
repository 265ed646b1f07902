"""Test that history has sign-ins, wrong codes, refusals and files that were taken away."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP

from agencies.access import BOARD_MEMBERS
from history import actions
from history.models import Event
from tests.agencies.signing import sign_in, totp_code
from tests.factories import BookingFactory, PersonFactory, PostFactory

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXP"


def of(person):
    return [
        (event.action, event.by_process or event.by_person, event.now)
        for event in Event.objects.about(person).order_by("pk")
    ]


def test_a_sign_in_and_a_wrong_code_are_recorded(client):
    person = PersonFactory()
    client.post("/accounts/login/", {"login": person.email})
    client.post("/accounts/login/code/confirm/", {"code": "WRONGG"})
    sign_in(client, person.email)
    assert of(person) == [
        ("person.wrong_code", "SIGN_IN", {"last_try": False}),
        ("person.signed_in", person.pk, {}),
    ]


def test_wrong_codes_of_the_app_and_changes_of_it_are_recorded(client):
    person = PersonFactory()
    TOTP.activate(person, SECRET)
    sign_in(client, person.email)
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    client.post("/accounts/2fa/authenticate/", {"code": totp_code(SECRET)})
    assert of(person) == [
        ("person.wrong_code", "SIGN_IN", {"of_app": True}),
        ("person.signed_in", person.pk, {}),
    ]
    client.post("/accounts/2fa/totp/deactivate/")
    assert of(person)[-1][0] == "person.factor_removed"


@pytest.fixture
def board_member(settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    return PersonFactory(is_staff=True, groups=[BOARD_MEMBERS])


REFUSALS = {
    "another's booking": ("/my/bookings/{}/", 404, "my/bookings/<int:pk>/"),
    "the back office": ("/cms/users/", 403, "cms/users/"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_is_recorded_once_in_five_minutes_without_keys(client, case):
    person, booking = PostFactory().person, BookingFactory()
    address, status, route = REFUSALS[case]
    client.force_login(person)
    for _ in range(3):
        assert client.get(address.format(booking.pk)).status_code == status
    assert of(person) == [("person.refused", person.pk, {"route": route, "status": status})]


def test_a_refusal_within_the_back_office_is_recorded(client, board_member):
    client.force_login(board_member)
    assert client.get("/cms/users/")["Location"] == "/cms/"
    assert of(board_member) == [
        ("person.refused", board_member.pk, {"route": "cms/users/", "status": 302})
    ]


def test_what_is_not_there_is_no_refusal(client):
    person = PersonFactory()
    client.force_login(person)
    client.get("/nowhere/")
    client.get("/my/")
    assert of(person) == []


def test_a_file_that_is_taken_away_is_recorded_with_its_kind(client):
    lead = PostFactory(is_lead=True).person
    client.force_login(lead)
    client.get("/agency/staff.csv")
    assert of(lead) == [
        ("person.took_file", lead.pk, {"route": "agency/staff.csv", "kind": "text/csv"})
    ]


def test_each_of_them_has_words():
    names = ["signed_in", "wrong_code", "refused", "took_file", "factor_added", "factor_removed"]
    assert {f"person.{name}" for name in names} <= actions.WORDS.keys()
