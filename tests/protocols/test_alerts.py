"""Tests that subscribers get one alert per edition and can unsubscribe."""

import datetime as dt
import re

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.access import PROTOCOL_EDITORS
from history.models import Event
from lms.models import ActionLink, Mail
from privacy import erasing
from protocols.cascade import dissemination
from protocols.editions import editions
from protocols.models import Subscription
from protocols.privacy import UnconfirmedAlerts
from protocols.readers import alerts
from tests.factories import (
    APPROVED,
    DisseminationFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db
ADDRESS = "jo@example.org"


def link_in(mail):
    return re.search(r"/protocols/alerts/(?:confirm|stop)/[\w-]+/", mail.text)[0]


def last_mail(kind):
    return Mail.objects.filter(template=kind).first()


def subscribed(email=ADDRESS, **what):
    """Return a subscription that was requested and confirmed by its link."""
    wanted = alerts.subscribe(email, **what)
    Client().post(link_in(last_mail("alerts_confirm")))
    return wanted


def revise(page, **fields):
    number = page.editions.count()
    page.reason, page.in_force_from = f"Change {number}.", dt.date(2026, 4, number + 1)
    for name, value in fields.items():
        setattr(page, name, value)
    return editions.issue_edition(page, by="TEST", approved_by=APPROVED)


def alerted():
    alerts.send()
    return sorted(Mail.objects.filter(template="protocol_alert").values_list("to", flat=True))


def test_nothing_is_sent_before_the_address_has_said_yes(client):
    page = ProtocolPageFactory()
    wanted = alerts.subscribe("  JO@example.org ", page=page)
    assert wanted.email == ADDRESS
    address = link_in(last_mail("alerts_confirm"))
    assert client.get(address).status_code == 200
    revise(page)
    assert alerted() == []
    assert client.post(address).status_code == 200
    wanted.refresh_from_db()
    assert wanted.confirmed_at
    assert alerted() == []  # no alert about an edition from before the subscription
    revise(page)
    assert alerted() == [ADDRESS]


def test_each_new_edition_is_told_once_however_often_it_is_looked_at():
    page = ProtocolPageFactory(title="Unborn Baby Protocol", slug="unborn")
    subscribed(page=page)
    edition = revise(page)
    assert alerted() == alerted() == [ADDRESS]
    text = last_mail("protocol_alert").text
    for part in ("Unborn Baby Protocol", edition.label, edition.reason, "/protocols/unborn/"):
        assert part in text
    revise(page)
    assert alerted() == [ADDRESS, ADDRESS]


def test_who_asked_for_the_protocol_and_for_its_topic_has_one_mail():
    wide = TopicFactory()
    narrow = TopicFactory(parent=wide)
    page = ProtocolPageFactory(topics=[narrow])
    other = ProtocolPageFactory()
    for what in ({"page": page}, {"topic": narrow}, {"topic": wide}):
        subscribed(**what)
    subscribed("wide@example.org", topic=wide)
    subscribed("other@example.org", page=other)
    revise(page)
    assert alerted() == [ADDRESS, "wide@example.org"]


def test_more_than_a_batch_have_theirs_in_the_next(monkeypatch):
    monkeypatch.setattr(alerts, "A_BATCH", 2)
    page = ProtocolPageFactory()
    for number in range(3):
        subscribed(f"jo{number}@example.org", page=page)
    revise(page)
    assert alerts.send() is True
    assert alerts.send() is False
    assert len(alerted()) == 3


def test_one_press_stops_it_from_a_mail_program_too():
    page = ProtocolPageFactory()
    wanted = subscribed(page=page)
    revise(page)
    alerts.send()
    mail = last_mail("protocol_alert")
    one_click = mail.headers["List-Unsubscribe"]
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert one_click.endswith(f"{link_in(mail)}>")
    address, strict = link_in(mail), Client(enforce_csrf_checks=True)
    assert strict.get(address).status_code == 200
    assert Subscription.objects.get() == wanted
    # As in RFC 8058: no cookies and no page opened before.
    answer = strict.post(address, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200 and "You’ve unsubscribed" in answer.content.decode()
    assert not Subscription.objects.exists()
    assert strict.post(address).status_code == 200
    assert Event.objects.filter(action="subscription.ended").count() == 1
    revise(page)
    assert alerted() == [ADDRESS]
    message = mail.as_message(None).message()
    assert message["List-Unsubscribe"] == one_click


def test_the_form_says_the_same_whether_or_not_they_have_it(client):
    page = ProtocolPageFactory()
    subscribed(page=page)
    given = {"email": ADDRESS, "about": f"protocol-{page.pk}"}
    known = client.post("/protocols/alerts/", given)
    unknown = client.post("/protocols/alerts/", given | {"email": "no@example.org"})
    assert known.content.replace(b"jo@", b"no@") == unknown.content
    assert Mail.objects.filter(to=ADDRESS).count() == 1


def test_an_address_is_asked_three_times_a_day_at_most():
    page = ProtocolPageFactory()
    for _ in range(5):
        alerts.subscribe(ADDRESS, page=page)
    assert Mail.objects.filter(to=ADDRESS).count() == 3
    with time_machine.travel(timezone.now() + dt.timedelta(days=2)):
        alerts.subscribe(ADDRESS, page=page)
    assert Mail.objects.filter(to=ADDRESS).count() == 4


def test_from_one_place_the_form_is_sent_so_many_times_an_hour_at_most(client, settings):
    settings.LMS_ALERT_SIGNUP_RATE = "10/h/ip"
    page = ProtocolPageFactory()
    answers = [
        client.post("/protocols/alerts/", {"email": f"j{n}@a.org", "about": f"protocol-{page.pk}"})
        for n in range(11)
    ]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert Subscription.objects.count() == 10


def test_a_wrong_choice_or_address_is_said(client):
    answer = client.post("/protocols/alerts/", {"email": "jo", "about": "protocol-999"})
    page = answer.content.decode()
    assert "Enter a valid email address" in page and "Select a valid choice" in page
    assert not Subscription.objects.exists()


def test_who_does_not_say_yes_in_time_is_forgotten(client):
    page = ProtocolPageFactory()
    kept = subscribed("kept@example.org", page=page)
    alerts.subscribe(ADDRESS, page=page)
    address = link_in(last_mail("alerts_confirm"))
    with time_machine.travel(timezone.now() + dt.timedelta(days=8)):
        assert erasing.apply(UnconfirmedAlerts()) == 1
        assert "This link was good until" in client.post(address).content.decode()
    assert Subscription.objects.get() == kept
    assert ActionLink.objects.filter(purpose=alerts.CONFIRMS).count() == 2


def test_who_had_an_alert_or_the_email_of_their_agency_is_told_of_the_end_and_its_undoing(
    client, settings
):
    page = ProtocolPageFactory()
    subscribed(page=page)
    subscribed("late@example.org", page=page)
    edition = revise(page)
    assert alerted() == ["jo@example.org", "late@example.org"]
    subscribed("new@example.org", page=page)
    lead = PostFactory(is_lead=True)
    nurse = PostFactory(agency=lead.agency)
    sent = DisseminationFactory(edition=edition, agency=lead.agency)
    dissemination.mail_to_staff(sent, by=lead.person)
    gone = PostFactory(agency=lead.agency)
    everybody = sorted([ADDRESS, "late@example.org", lead.person.email, nurse.person.email])

    def told(kind):
        found = Mail.objects.filter(template=kind)
        assert gone.person.email not in found.values_list("to", flat=True)
        return sorted(found.values_list("to", flat=True))

    editor = PersonFactory(is_staff=True, groups=[PROTOCOL_EDITORS])
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client.force_login(editor)
    page = client.get(f"/cms/protocols/editions/{edition.pk}/withdraw/").content.decode()
    assert "We’ll email 4 people: agencies that it was sent to" in page
    editions.withdraw(edition, reason="A phone number is wrong.", by="TEST")
    assert told("readers_withdrawn") == everybody
    assert "Why: A phone number is wrong." in last_mail("readers_withdrawn").text
    editions.put_back(edition, by="TEST")
    assert told("readers_put_back") == everybody
    mail = Mail.objects.get(template="readers_put_back", to=ADDRESS)
    assert "List-Unsubscribe" in mail.headers and "Dear" not in mail.text
    Client().post(link_in(mail))
    assert not Subscription.objects.filter(email=ADDRESS).exists()


def test_nobody_is_told_of_the_end_of_what_they_never_had_and_many_ask_as_little_as_few():
    def asked(number):
        page = ProtocolPageFactory()
        for one in range(number):
            subscribed(f"jo{one}-{page.pk}@example.org", page=page)
        edition, lead = revise(page), PostFactory(is_lead=True)
        PostFactory.create_batch(number, agency=lead.agency)
        while alerts.send():
            pass
        sent = DisseminationFactory(edition=edition, agency=lead.agency)
        dissemination.mail_to_staff(sent, by=lead.person)
        with CaptureQueriesContext(connection) as queries:
            editions.withdraw(edition, reason="A phone number is wrong.", by="TEST")
        return len(queries)

    assert asked(2) == asked(6)
    page = ProtocolPageFactory()
    editions.withdraw(revise(page), reason="No.", by="TEST")
    assert not Mail.objects.filter(template="readers_withdrawn", about_id=str(page.pk)).exists()
