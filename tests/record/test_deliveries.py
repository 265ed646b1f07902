"""Test what the telephone page says of each mail, and where a clash is said."""

import pytest
from django.utils import timezone

from lms.models import Mail
from record.telephone import telephone
from tests.factories import BookingFactory, MailFactory, PersonFactory, in_days

pytestmark = pytest.mark.django_db


def at(hour, minute):
    return timezone.localtime().replace(hour=hour, minute=minute, second=0, microsecond=0)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "Written 10:02, waiting to be sent"),
        (
            {"state": Mail.SENT, "sent_at": (10, 2)},
            "Written 10:02, accepted by their mail server 10:02",
        ),
        (
            {"tries": 1, "last_try_at": (10, 3), "due_at": (10, 8), "last_error": "451 Greylisted"},
            "Written 10:02, deferred 10:03: 451 Greylisted. We'll try again 10:08",
        ),
        (
            {"state": Mail.FAILED, "last_error": "550 No such user"},
            "Written 10:02, refused: 550 No such user",
        ),
        (
            {"last_error": "Connection refused"},
            "Written 10:02, waiting to be sent. The mail server last said: Connection refused",
        ),
        ({"state": Mail.DROPPED}, "Written 10:02, not sent: no longer so"),
    ],
)
def test_the_office_sees_what_became_of_a_code_while_the_caller_waits(client, office, facts, words):
    person = PersonFactory()
    moments = {name: at(*value) for name, value in facts.items() if isinstance(value, tuple)}
    mail = MailFactory(
        to=person.email, subject="Your sign-in code", created_at=at(10, 2), **(facts | moments)
    )
    assert telephone.delivery_in_words(mail) == words
    page = client.get(f"/cms/telephone/{person.pk}/").content.decode()
    assert words.replace("'", "&#x27;") in page


def test_a_clash_is_said_in_my_learning_and_on_both_bookings(client):
    one = BookingFactory(run__sessions=[(in_days(9), in_days(9, "12:00"))])
    other = BookingFactory(
        person=one.person, run__sessions=[(in_days(9, "11:00"), in_days(9, "15:00"))]
    )
    between = BookingFactory(person=one.person, run__sessions=[(in_days(10), in_days(10, "12:00"))])
    client.force_login(one.person)
    said = "at the same time"
    assert client.get("/my/").content.decode().count(said) == 2
    for booking, number in ((one, 1), (other, 1), (between, 0)):
        page = client.get(f"/my/bookings/{booking.pk}/").content.decode()
        assert page.count(said) == number
