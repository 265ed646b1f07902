"""Tests that nobody can be sent email after email by naming them as a manager."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from courses.booking import booking
from courses.booking.booking import BookingRefused
from lms.models import Mail
from tests.factories import PersonFactory, PostFactory, RunFactory

pytestmark = pytest.mark.django_db
STRANGER = "stranger@example.net"


def book_and_cancel(post, manager_email=STRANGER):
    made = booking.request_place(
        RunFactory(), post.person, by=post.person, post=post, manager_email=manager_email
    )
    booking.withdraw(made, by=post.person)


def written_to(address=STRANGER):
    return sum(address in mail.cc for mail in Mail.objects.all())


def test_a_loop_of_booking_and_cancelling_ends(settings):
    settings.LMS_UNCONFIRMED_MANAGER_RATE = "5/h/user,7/d/user,30/h/key"
    post = PostFactory()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(5):
            book_and_cancel(post)
        for _ in range(10):
            with pytest.raises(BookingRefused, match="nobody has confirmed their address"):
                book_and_cancel(post, STRANGER.upper())
        assert written_to() == 10
        clock.shift(dt.timedelta(minutes=61))
        book_and_cancel(post)
        book_and_cancel(post)
        with pytest.raises(BookingRefused, match="try again tomorrow"):
            book_and_cancel(post)
        book_and_cancel(post, "")
        book_and_cancel(post, "another@example.net")
    assert written_to() == 14


def test_a_tag_behind_the_name_makes_no_other_manager(settings):
    settings.LMS_UNCONFIRMED_MANAGER_RATE = "3/h/user"
    post = PostFactory()
    for number in range(3):
        book_and_cancel(post, f"stranger+{number}@example.net")
    for address in (STRANGER, "stranger+9@example.net"):
        with pytest.raises(BookingRefused, match="nobody has confirmed their address"):
            book_and_cancel(post, address)
    for other in ("strange@example.net", "stranger@other.example.net", "stranger2@example.net"):
        book_and_cancel(post, other)


def test_a_team_names_its_manager_generously(settings):
    settings.LMS_UNCONFIRMED_MANAGER_RATE = "2/h/user,4/h/key"
    for _ in range(4):
        book_and_cancel(PostFactory())
    with pytest.raises(BookingRefused, match="many emails to this manager"):
        book_and_cancel(PostFactory())


@pytest.mark.parametrize("how", ["a lead confirmed it", "they proved it"])
def test_a_manager_who_is_known_gets_every_email(settings, how):
    settings.LMS_UNCONFIRMED_MANAGER_RATE = "1/h/user,1/h/key"
    if how == "they proved it":
        PersonFactory(email=STRANGER)  # The factory's people have proven theirs.
    else:
        PostFactory(line_manager_email=STRANGER, line_manager_confirmed_at=timezone.now())
    post = PostFactory()
    for _ in range(3):
        book_and_cancel(post)
    assert written_to() == 6
