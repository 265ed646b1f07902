"""Races: a cascade is confirmed once, and nobody is reminded twice.

The control confirms without the lock (looks, waits for the others, inserts): it must fail, or the
race would prove nothing.
"""

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from history.models import Event
from lms.models import Mail
from protocols.cascade import dissemination, reminders
from protocols.cascade.dissemination import Account, CascadeRefused
from protocols.models import Acknowledgement, Alert, Dissemination, Receipt, Subscription
from protocols.readers import acknowledgements, alerts
from tests.factories import (
    DisseminationFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
    in_days,
)
from tests.servers import at_once

pytestmark = pytest.mark.race
MANY = 6


def kinds_of(done):
    return sorted({type(each).__name__ for each in done if isinstance(each, Exception)})


def test_confirmed_by_many_at_once_it_is_confirmed_once(own_database, rounds):
    people = [PersonFactory() for _ in range(MANY)]
    for _ in range(rounds):
        sent = DisseminationFactory()

        def confirm(number, sent=sent):
            said = Account(timezone.localdate(), ["mail"], number, MANY)
            return dissemination.confirm(sent, said, by=people[number])

        done = at_once(MANY, confirm)
        assert kinds_of(done) == ["CascadeRefused"]
        assert sum(isinstance(each, Receipt) for each in done) == 1
        receipt = Receipt.objects.get(dissemination=sent)
        assert receipt.given_by == people[receipt.reached]
        assert Event.objects.about(receipt).count() == 1


def test_without_the_lock_the_same_presses_come_to_grief(own_database):
    sent, person = DisseminationFactory(), PersonFactory()
    together = threading.Barrier(MANY)

    def confirm_carelessly(number):
        was_there = Receipt.objects.filter(dissemination=sent).exists()
        together.wait()
        if was_there:
            raise CascadeRefused("Confirmed already.")
        with transaction.atomic():
            return Receipt.objects.create(
                dissemination=sent, given_by=person, cascaded_on=timezone.localdate(), how=["mail"]
            )

    done = at_once(MANY, confirm_carelessly)
    assert [each for each in done if isinstance(each, IntegrityError)]


def test_chased_by_many_workers_at_once_each_has_one_mail(own_database, rounds):
    for _ in range(rounds):
        Mail.objects.all().delete()
        lead = PostFactory(is_lead=True)
        today = timezone.localdate()
        sent = DisseminationFactory(agency=lead.agency, deadline_on=today)
        done = at_once(MANY, lambda number: reminders.chase())
        assert kinds_of(done) == []
        assert sum(done) == 1
        assert Mail.objects.filter(template="protocol_chased").count() == 1
        assert Event.objects.about(sent).count() == 1


def test_sent_alerted_and_read_by_many_at_once(own_database):
    page, person = ProtocolPageFactory(), PersonFactory()
    edition, agency = page.edition_in_force, PostFactory(is_lead=True).agency
    deadline = timezone.localdate() + dt.timedelta(days=9)
    done = at_once(
        MANY,
        lambda number: dissemination.send(
            edition, [agency], by=person, message="", deadline=deadline
        ),
    )
    assert kinds_of(done) == ["CascadeRefused"]
    assert Dissemination.objects.count() == Mail.objects.count() == 1

    at_once(MANY, lambda number: acknowledgements.acknowledge(edition, by=person))
    assert Acknowledgement.objects.count() == 1

    Subscription.objects.create(email="jo@example.org", page=page, confirmed_at=in_days(-1))
    done = at_once(MANY, lambda number: alerts.send())
    assert kinds_of(done) == []
    assert Alert.objects.count() == Mail.objects.filter(template="protocol_alert").count() == 1
