"""Tests that limits count people first, and an address that many share generously."""

import datetime as dt
import json

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.core.internal import ratelimit
from allauth.mfa.models import Authenticator
from django.core import signing
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from agencies import accounts, joining
from agencies.leaving import unproven
from agencies.models import Person
from agencies.own_account import devices
from history.models import Event
from lms.models import Mail
from lms.settings import base
from lms.web import rate_limits
from tests.agencies.signing import sign_in
from tests.databases import ROOT
from tests.factories import (
    AgencyFactory,
    BookingFactory,
    CertificateFactory,
    CoursePageFactory,
    PersonFactory,
    PostFactory,
    RunFactory,
)
from tests.test_house import start_production

pytestmark = pytest.mark.django_db
ROOM, ATTACKER = "198.51.100.7", "203.0.113.9"
LOOK = """
import json
from lms.settings import production as p
names = [name for name in dir(p) if name.endswith("_RATE") or name in (
    "ACCOUNT_RATE_LIMITS", "ALLAUTH_TRUSTED_PROXY_COUNT", "CACHES")]
print(json.dumps({name: getattr(p, name) for name in names}))
"""


def example():
    """Return what `.env.example` sets."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@pytest.fixture
def as_in_production(settings, tmp_path):
    """Set the limits, the proxies and the cache of production with the values of the example."""
    environment = example() | {"DATA_DIR": str(tmp_path), "SECRET_KEY": "x" * 60}
    kept = json.loads(start_production(tmp_path, LOOK, **environment).stdout)
    for name, value in kept.items():
        setattr(settings, name, value)
    assert kept["ALLAUTH_TRUSTED_PROXY_COUNT"] == 1
    assert kept["CACHES"]["default"] == base.CACHES["default"]
    call_command("createcachetable", verbosity=0)


def behind_the_proxy(address):
    """Return a browser whose address only the proxy's header tells; it claims another one."""
    return Client(
        REMOTE_ADDR="127.0.0.1", headers={"X-Forwarded-For": f"192.0.2.{len(address)}, {address}"}
    )


@pytest.mark.long(reason="300 people sign in, with the limits counted in the database")
def test_300_of_one_address_sign_in_within_five_minutes_and_one_attacker_is_stopped(
    as_in_production,
):
    people = [PersonFactory(email=f"p{number}@example.org") for number in range(300)]
    victim, certificate = PersonFactory(email="victim@example.org"), CertificateFactory()
    began, answers = timezone.now(), []
    with time_machine.travel(began, tick=False) as clock:
        for number, person in enumerate(people):
            clock.shift(dt.timedelta(seconds=0.9))
            client = behind_the_proxy(ROOM)
            sign_in(client, person.email)
            assert client.session.get("_auth_user_id") == str(person.pk), number
            if number % 10 == 0:
                attack = behind_the_proxy(ATTACKER)
                answer = attack.post("/accounts/login/", {"login": victim.email})
                answers.append(answer.status_code)
            if number % 20 == 0:
                assert behind_the_proxy(ROOM).get(certificate.verify_path).status_code == 200
        assert timezone.now() - began <= dt.timedelta(minutes=5)
        assert Mail.objects.filter(to=victim.email).count() == 10
        # 3 in each minute, until the 10 of an hour are sent.
        assert answers.count(302) == 10
        assert 302 not in answers[answers.index(429) :]
        for number in range(5_000):
            cache.set(f"allauth:rl:lms:account_email:10/3600/key:{number:064x}", [1.0], 3600)
        clock.shift(dt.timedelta(minutes=2))
        for address in (ATTACKER, "203.0.113.10"):
            answer = behind_the_proxy(address).post("/accounts/login/", {"login": victim.email})
            assert answer.status_code == 429
            assert "We’ve already sent several emails to this address" in answer.content.decode()
        assert behind_the_proxy(ROOM).get(certificate.verify_path).status_code == 200
    assert Mail.objects.filter(to=victim.email).count() == 10


@pytest.mark.parametrize("address", ["known@example.org", "nobody@example.org"])
def test_an_address_gets_so_many_emails_an_hour_and_a_day_whoever_asks(client, settings, address):
    settings.ACCOUNT_RATE_LIMITS = {"request_login_code": "", "login": "", "signup": ""}
    settings.LMS_ACCOUNT_EMAIL_RATE = "3/h/key,5/d/key"
    PersonFactory(email="known@example.org")

    def ask():
        return Client().post("/accounts/login/", {"login": address.upper()}).status_code

    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert [ask() for _ in range(4)] == [302] * 3 + [429]
        clock.shift(dt.timedelta(minutes=61))
        assert [ask() for _ in range(3)] == [302] * 2 + [429]
        clock.shift(dt.timedelta(minutes=61))
        assert ask() == 429
        clock.shift(dt.timedelta(days=1))
        assert ask() == 302
    assert Mail.objects.filter(to=address).count() == 6


def test_who_asks_for_a_code_too_often_reads_what_to_do():
    PersonFactory(email="known@example.org")
    answers = [
        Client().post("/accounts/login/", {"login": "known@example.org"}).content.decode()
        for _ in range(4)
    ]
    assert "Use the newest one, or wait a minute" in answers[3]
    assert "failed login" not in answers[3]


def kept_out(settings, victim):
    """Let a stranger use up all codes that an address may get now."""
    settings.LMS_ACCOUNT_EMAIL_RATE = "4/h/key"
    with time_machine.travel(timezone.now() - dt.timedelta(minutes=2), tick=False):
        Client().post("/accounts/login/", {"login": victim.email})
    for _ in range(9):
        answer = Client().post("/accounts/login/", {"login": victim.email})
    assert answer.status_code != 302


def test_nobody_is_kept_out_of_the_browser_in_which_they_sign_in(settings):
    victim, colleague = PersonFactory(email="victim@example.org"), PersonFactory()
    theirs = Client()
    for person in (victim, colleague):  # They share a computer.
        sign_in(theirs, person.email)
        theirs.post("/accounts/logout/")
    kept_out(settings, victim)
    sign_in(theirs, victim.email)
    assert theirs.session["_auth_user_id"] == str(victim.pk)
    answers = []
    for _ in range(4):  # Their own browser has limits too.
        again = Client()
        again.cookies[devices.COOKIE] = theirs.cookies[devices.COOKIE].value
        answers.append(again.post("/accounts/login/", {"login": victim.email}).status_code)
    assert answers == [302, 302, 200, 200]


def test_who_is_signed_in_gets_a_code_to_their_own_address_whoever_else_asked(client, settings):
    victim = PersonFactory(email="victim@example.org")
    client.force_login(victim)
    kept_out(settings, victim)
    before = Mail.objects.filter(to=victim.email).count()
    client.post("/accounts/check/", {"send": "yes"})
    assert Mail.objects.filter(to=victim.email).count() == before + 1


def test_who_signed_in_themself_is_no_other_person_and_a_forged_cookie_nobody(settings):
    victim, attacker = PersonFactory(email="victim@example.org"), PersonFactory()
    theirs = Client()
    sign_in(theirs, attacker.email)
    cookie = theirs.cookies[devices.COOKIE]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    kept_out(settings, victim)
    forged = signing.dumps(["device", [victim.pk]], salt="another")
    for value in (cookie.value, cookie.value[:-1] + "_", forged, "x", ""):
        client = Client()
        client.cookies[devices.COOKIE] = value
        assert client.post("/accounts/login/", {"login": victim.email}).status_code != 302


@pytest.mark.parametrize(
    "address", ["Victim@Example.org", "victim+{}@example.org", "vic+tim+{}@example.org"]
)
def test_one_mailbox_has_one_count_however_its_address_is_written(settings, address):
    settings.ACCOUNT_RATE_LIMITS = False
    settings.LMS_ACCOUNT_EMAIL_RATE = "3/h/key"
    for door, name in (("/accounts/login/", "login"), ("/accounts/signup/", "email")):
        cache.clear()
        answers = [
            Client().post(door, {"name": "Not Me", name: address.format(number)}).status_code
            for number in range(4)
        ]
        assert answers == [302] * 3 + [429]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("v.ictim@gmail.com", "victim@gmail.com", True),
        ("v.ictim+a@googlemail.com", "victim@googlemail.com", True),
        ("v.ictim@example.org", "victim@example.org", False),
        ("+a@example.org", "+b@example.org", False),
        (" Victim@EXAMPLE.org ", "victim@example.org", True),
    ],
)
def test_dots_are_left_out_where_the_mailbox_takes_no_notice_of_them(one, other, same):
    assert (rate_limits.mailbox_of(one) == rate_limits.mailbox_of(other)) is same


def test_signing_up_counts_too(settings):
    settings.ACCOUNT_RATE_LIMITS = False
    settings.LMS_ACCOUNT_EMAIL_RATE = "2/h/key"
    facts = {"name": "Not Me", "email": "victim@example.org"}
    answers = [Client().post("/accounts/signup/", facts).status_code for _ in range(3)]
    assert answers == [302, 302, 429]
    assert Mail.objects.filter(to="victim@example.org").count() == 2


@pytest.fixture
def within_a_minute():
    """Stop the clock: searches are counted by whole minutes, and one may end meanwhile."""
    with time_machine.travel(timezone.now(), tick=False):
        yield


LIMITED = {
    "a search": ("LMS_SEARCH_RATE", "/search/?q=child"),
    "a search of courses": ("LMS_SEARCH_RATE", "/courses/?q=child"),
    "a file of a list": ("LMS_EXPORT_RATE", "/agency/staff.csv"),
    "a record as PDF": ("LMS_EXPORT_RATE", "/my/record.pdf"),
}


@pytest.mark.parametrize(("setting", "address"), LIMITED.values(), ids=LIMITED)
def test_searches_and_files_are_limited_for_each_person_alone(
    settings, setting, address, within_a_minute
):
    setattr(settings, setting, "2/m/user,4/m/ip")
    leads = [PostFactory(is_lead=True).person for _ in range(2)]
    for lead in leads:  # Both of one address.
        client = Client()
        client.force_login(lead)
        assert [client.get(address).status_code for _ in range(3)] == [200, 200, 429]
        assert client.get("/my/").status_code == 200


def test_who_is_not_signed_in_searches_by_address(settings, within_a_minute):
    settings.LMS_SEARCH_RATE = "2/m/user,4/m/ip"
    answers = [Client().get("/search/?q=child").status_code for _ in range(5)]
    assert answers == [200] * 4 + [429]
    assert Client(REMOTE_ADDR=ROOM).get("/search/?q=child").status_code == 200


def test_a_count_that_was_killed_while_it_was_written_refuses_nobody_who_is_signed_in(
    client, settings, monkeypatch
):
    """Leave the lock of a count behind, as a process does that is killed; what is used up is so."""
    monkeypatch.setattr(ratelimit, "CACHE_LOCK_WAIT_TIMEOUT", 0)
    settings.LMS_EXPORT_RATE = "2/h/user"
    client.force_login(PostFactory(is_lead=True).person)
    assert client.get("/agency/staff.csv").status_code == 200
    locks = []

    def left_behind(cache_key):
        locks.append(cache_key)
        cache.add(f"{cache_key}:lock", True)
        return lock(cache_key)

    lock = ratelimit.cache_lock
    monkeypatch.setattr(ratelimit, "cache_lock", left_behind)
    assert client.get("/agency/staff.csv").status_code == 200
    cache.delete(f"{locks[0]}:lock")
    monkeypatch.setattr(ratelimit, "cache_lock", lock)
    assert client.get("/agency/staff.csv").status_code == 200
    monkeypatch.setattr(ratelimit, "cache_lock", left_behind)
    assert client.get("/agency/staff.csv").status_code == 429


def test_booking_and_cancelling_are_limited_for_each_person(client, settings, within_a_minute):
    settings.LMS_BOOKING_RATE = "2/h/user"
    booking = BookingFactory()
    client.force_login(booking.person)
    address = f"/my/bookings/{booking.pk}/cancel/"
    assert [client.get(address).status_code for _ in range(4)] == [200] * 4
    assert [client.post(address, {}).status_code for _ in range(3)][-1] == 429
    assert "was not saved" in client.post(address, {}).content.decode()


def test_a_lead_who_looks_before_each_booking_is_limited_by_what_they_book(client, settings):
    settings.LMS_BOOKING_RATE = "2/h/user"
    lead, run = PostFactory(is_lead=True), RunFactory(course=CoursePageFactory().course)
    client.force_login(lead.person)
    address = f"/agency/dates/{run.pk}/"
    chosen = {"colleagues": PostFactory(agency=lead.agency).pk}
    assert client.post(address, chosen | {"confirm": "yes"}).status_code == 200
    answers = [client.post(address, chosen | more).status_code for more in ({}, {"change": "yes"})]
    answers += [client.post(address, chosen).status_code for _ in range(3)]
    assert answers == [200] * 5
    confirmed = [client.post(address, chosen | {"confirm": "yes"}).status_code for _ in range(2)]
    assert confirmed == [200, 429]


def test_saying_and_withdrawing_where_one_works_sends_a_lead_few_emails(client, settings):
    settings.LMS_JOINING_RATE = "3/d/user"
    lead, person = PostFactory(is_lead=True), PersonFactory()
    client.force_login(person)
    said = {"agency": lead.agency_id, "title": "Nurse"}
    pages = []
    for _ in range(6):
        pages.append(client.post("/welcome/", said))
        if post := person.posts.open().first():
            client.post(f"/my/jobs/{post.pk}/leave/", {"sure": "yes"})
    assert [page.status_code for page in pages] == [302] * 3 + [200] * 3
    assert "You’ve said many times in a short time where you work" in pages[-1].text
    assert Mail.objects.filter(to=lead.person.email, template="job_waiting").count() == 3
    other = Client()
    other.force_login(PersonFactory())
    assert other.post("/welcome/", said).status_code == 302


def unproven_account(**facts):
    person = PersonFactory(**{"joined_at": timezone.now() - dt.timedelta(days=8)} | facts)
    EmailAddress.objects.filter(user=person).update(verified=False)
    return person


def test_an_account_that_never_proved_its_address_is_forgotten_after_seven_days():
    old, young = unproven_account(), unproven_account(joined_at=timezone.now())
    proven, added = unproven_account(), PersonFactory(joined_at=old.joined_at)
    EmailAddress.objects.filter(user=proven).update(verified=True)
    EmailAddress.objects.filter(user=added).delete()
    works, booked = unproven_account(), unproven_account()
    PostFactory(person=works)
    BookingFactory(person=booked)
    staff, seen = unproven_account(is_staff=True), unproven_account(last_login=timezone.now())
    # What would go with the account, where the others would refuse that it goes.
    guarded = unproven_account()
    Authenticator.objects.create(user=guarded, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert [*unproven.due()] == [old]
    unproven.forget()
    assert {*Person.objects.values_list("pk", flat=True)} >= {
        each.pk for each in (young, proven, added, works, booked, staff, seen, guarded)
    }
    assert not Person.objects.filter(pk=old.pk).exists()
    assert not EmailAddress.objects.filter(email=old.email).exists()
    [event] = Event.objects.filter(action="person.never_proven")
    assert (event.thing_id, event.by_process) == (str(old.pk), "NIGHTLY")


def added_by_the_office(by):
    person = Person(name="New Colleague", email="new@example.org")
    return accounts.save(person, groups=None, by=by)


def met_in_person(by):
    return joining.create_walk_in_person(name="New Colleague", email="new@example.org", by=by)


def invited_and_gone(by):
    post = joining.invite(AgencyFactory(), name="New Colleague", email="new@example.org", by=by)
    person = post.person
    post.delete()
    return person


@pytest.mark.parametrize("make", [added_by_the_office, met_in_person, invited_and_gone])
def test_an_account_that_others_made_is_kept_though_nothing_refers_to_it_yet(office, make):
    person = make(office)
    assert not EmailAddress.objects.filter(user=person, verified=True).exists()
    Person.objects.filter(pk=person.pk).update(joined_at=timezone.now() - dt.timedelta(days=400))
    unproven.forget()
    assert Person.objects.filter(pk=person.pk).exists()
