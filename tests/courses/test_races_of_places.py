"""Test pairs of concurrent actions on bookings, reminders, trainers and invitations."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.db import connection, connections, transaction
from django.test import Client

from agencies import joining
from courses.booking import booking
from courses.scheduling import reminders, trainers
from lms.models import Mail
from tests.factories import BookingFactory, PostFactory, RunFactory, TrainerFactory, in_days
from tests.servers import at_once

pytestmark = pytest.mark.race


def done_by(doings):
    """Run these concurrently and return the exceptions that they raised."""
    done = at_once(len(doings), lambda number: doings[number]())
    return [each for each in done if isinstance(each, Exception)]


def in_a_thread(do):
    def closing():
        try:
            return do()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(closing).result(20)


def test_who_is_cancelling_just_now_is_not_reminded(own_database):
    if connection.vendor == "sqlite":
        pytest.skip("Nobody writes beside somebody else.")
    asked = in_days(-20)
    going, coming = [
        BookingFactory(run__starts_at=in_days(3), queued_at=asked, confirmed_at=asked)
        for _ in range(2)
    ]
    with time_machine.travel(in_days(0, "12:00")), transaction.atomic():
        booking.withdraw(going, by=going.person)
        in_a_thread(reminders.remind)
    reminded = Mail.objects.filter(template="reminder_second").values_list("to", flat=True)
    assert list(reminded) == [coming.person.email]


def test_a_trainer_who_answers_while_they_are_asked_again_waits_for_it(own_database, rounds):
    for _ in range(rounds):
        run, trainer = RunFactory(), TrainerFactory().person
        trainers.ask(run, [trainer], by="OFFICE")
        token = re.search(r"/delivery/([\w-]+)/", Mail.objects.latest("pk").text)[1]

        def answer(token=token):
            return Client().post(f"/delivery/{token}/", {"can": "yes"})

        def ask(run=run, trainer=trainer):
            return trainers.ask(run, [trainer], by="OFFICE")

        assert done_by([answer, ask, answer, ask]) == []


def test_somebody_who_is_invited_twice_at_once_is_one_person(own_database, rounds):
    lead = PostFactory(is_lead=True)
    for number in range(rounds):
        email = f"anna{number}@example.org"

        def invite(email=email):
            return joining.invite(lead.agency, name="Anna Brown", email=email, by=lead.person)

        assert done_by([invite] * 6) == []
        assert Mail.objects.filter(template="invited", to=email).count() == 1
