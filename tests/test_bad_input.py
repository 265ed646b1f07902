"""Test that no malformed request breaks any address."""

import pytest
from django.test import Client

from agencies.access import TRAINING_ADMINISTRATORS
from tests.factories import CoursePageFactory, PersonFactory, PostFactory, RunFactory

pytestmark = pytest.mark.django_db
READ = [
    "/", "/courses/", "/certificates/verify/", "/agency/", "/dev/mail/", "/accounts/login/",
    "/my/training-elsewhere/", "/my/training-elsewhere/new/",
]  # fmt: skip
# PostgreSQL, unlike SQLite, takes no NUL in a text.
ASKED = [
    "q=%00", "to=%00", "page=-1", "page=99999999999999999999999", "page=%00", "topic=%00",
    "format=%00", "level=99999999999999999999999", "when=9999-99", "code=%00", "next=%00",
    "course=%00", "course=%ff%fe", "q=%ff%fe", "q=%F0%9F%98%80",
]  # fmt: skip
THINGS = [
    "/my/bookings/{}/", "/my/bookings/{}/calendar.ics", "/my/bookings/new/{}/", "/register/{}/",
    "/register/1/{}/", "/my/jobs/{}/leave/", "/agency/requests/{}/refuse/", "/dev/mail/{}/",
    "/my/training-elsewhere/{}/file/", "/my/certificates/{}/", "/my/certificates/{}.pdf",
    "/certificates/verify/{}/", "/courses/{}/", "/evaluation/{}/", "/my/evaluations/{}/",
    "/my/bookings/1/handouts/{}/", "/register/{}/evaluation/",
]  # fmt: skip
UNKNOWN = ["9" * 30, "9223372036854775808", "0", "-1", "a%00b", "A" * 500, "%F0%9F%98%80", "%ff"]

SENT = ["\0", "a\0b", "A" * 100_000, "<b>", "a\r\nBcc: b", "9" * 30, "-1"]


@pytest.fixture
def client():
    """Sign in somebody who may see most: a lead who also works in the training office."""
    person = PersonFactory(groups=[TRAINING_ADMINISTRATORS])
    PostFactory(person=person, is_lead=True)
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


def test_nothing_that_is_asked_for_breaks_a_page(client):
    addresses = [f"{page}?{asked}" for page in [*READ, CoursePageFactory().url] for asked in ASKED]
    assert [a for a in addresses if client.get(a).status_code >= 500] == []


def test_what_does_not_exist_is_not_found(client):
    addresses = [thing.format(unknown) for thing in THINGS for unknown in UNKNOWN]
    found = {a: client.get(a).status_code for a in addresses}
    assert {a: status for a, status in found.items() if status not in (302, 404)} == {}


@pytest.mark.parametrize(
    "sent", ["\0", "a\0b", "A" * 100_000, "<b>", "a\r\nBcc: b", "9" * 30, "-1"]
)
def test_no_form_breaks_on_what_is_sent(client, sent):
    run = RunFactory(course=CoursePageFactory().course)
    forms = {
        "/welcome/": ["agency", "title", "role_group", "line_manager_email"],
        "/my/name/": ["name"],
        f"/my/bookings/new/{run.pk}/": ["manager_email", "access_needs"],
        "/my/training-elsewhere/new/": ["course", "title", "provider", "completed_on", "file"],
    }
    for address, fields in forms.items():
        assert client.post(address, dict.fromkeys(fields, sent)).status_code < 500
