"""Test the limits behind a proxy, of `manage.py serve` with the settings of `.env.example`.

`make test` lets few people sign in within a minute; `make stress` 300 within five, while a stranger
asks for somebody's codes and 5,000 other addresses check certificates. The clock is the real one.
"""

import os
import re
import signal
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from certificates.codes import LENGTH
from lms.models import Mail
from tests.agencies.test_limits_by_person import example
from tests.factories import CertificateFactory, PersonFactory
from tests.lms.test_restoring import Place, free_port
from tests.proxy import Visitor, proxy_to
from tests.smtp import MailServer

pytestmark = [
    pytest.mark.race,
    pytest.mark.long(reason="people sign in at the site that `manage.py serve` runs"),
]
IN_FULL = "ROUNDS" in os.environ
PEOPLE, OTHERS, SECONDS = (300, 5_000, 240) if IN_FULL else (20, 100, 0)
ROOM, HOME, ATTACKER, GUESSER = "127.16.0.7", "127.20.0.1", "127.66.6.6", "127.66.6.7"
# A form that says that there were too many, of a minute or of an hour.
STOPPED = (200, 429)
SIGN_IN, CODE = "/accounts/login/", re.compile(r"(\S+) is your sign-in code")
# As ACCOUNT_RATE_LIMITS, LMS_ACCOUNT_EMAIL_RATE and LMS_CERTIFICATE_VERIFY_RATE have them.
CODES_A_MINUTE, CODES_AN_HOUR, CHECKS_A_MINUTE = 3, 10, 300


class Site:
    """The site behind its proxy, and the mail that it sent."""

    def __init__(self, place, port, mail):
        self.port, self.mail = port, mail
        self.read, self.codes, self.reading = 0, defaultdict(list), threading.Lock()
        self.host = place.environment["ALLOWED_HOSTS"]

    def visitor(self, address, claims=""):
        return Visitor(self.port, address, self.host, claims)

    def codes_for(self, email):
        """Return the codes that were sent to this address so far."""
        with self.reading:
            for each in self.mail.delivered[self.read :]:
                self.read += 1
                if found := CODE.search(each.subject):
                    self.codes[each.to[0]].append(found[1])
            return self.codes[email]

    def sign_in(self, visitor, email):
        """Sign in by the code that the mail server was given; return the seconds that it took."""
        began, before = time.monotonic(), len(self.codes_for(email))
        status, page = visitor.send(SIGN_IN, login=email)
        assert (status, visitor.location) == (302, "/accounts/login/code/confirm/"), page[-3000:]
        codes = self.mail.wait_for(lambda: self.codes_for(email)[before:])
        status, page = visitor.send(visitor.location, code=codes[0])
        assert status == 302, page[-3000:]
        assert visitor.ask("/my/")[0] == 200
        return time.monotonic() - began


@pytest.fixture
def site(own_database, tmp_path):
    """Serve the site as .env.example and docs/operations.md say, but for names, mail and places."""
    with (
        MailServer() as mail,
        serving(own_database, tmp_path, mail) as place,
        proxy_to(place.port) as port,
    ):
        yield Site(place, port, mail)


@contextmanager
def serving(database_url, folder, mail):
    place = Place(database_url, folder / "data", free_port(), mail.port)
    given = {name: place.environment[name] for name in OF_THE_PLACE}
    place.environment = {name: os.environ[name] for name in ("PATH", "HOME")} | example() | given
    collect_static(place.environment["STATIC_ROOT"])
    served = place.start("exec .venv/bin/python manage.py serve")
    try:
        assert place.wait_until_it_answers(served)[2] == b"ok"
        yield place
    finally:
        os.killpg(served.pid, signal.SIGTERM)
        served.wait(timeout=60)
        # pytest shows it if the test fails.
        print(f"\nThe site said:\n{place.said()[-5000:]}")


def collect_static(folder):
    """Collect styles and scripts without their compressed copies, which take 13 s of CPU."""
    storage = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    storages = settings.STORAGES | {"staticfiles": storage}
    with override_settings(STATIC_ROOT=folder, STORAGES=storages):
        call_command("collectstatic", "--noinput", verbosity=0)


OF_THE_PLACE = (
    "DJANGO_SETTINGS_MODULE", "SECRET_KEY", "DATABASE_URL", "DATA_DIR", "STATIC_ROOT", "PORT",
    "EMAIL_URL",
)  # fmt: skip


class Attack(threading.Thread):
    """Somebody who asks again and again for the codes of one person, from an address of theirs."""

    def __init__(self, site, email):
        super().__init__()
        self.site, self.email, self.answers, self.over = site, email, [], threading.Event()

    def run(self):
        number = 0
        while not self.over.wait(2 if number > CODES_A_MINUTE + 1 else 0):
            self.press(ATTACKER, f"198.51.100.{number % 250}")
            number += 1

    def press(self, address, claims=""):
        with self.site.visitor(address, claims) as visitor:
            status, _ = visitor.send(SIGN_IN, login=self.email)
        self.answers.append((time.monotonic(), status))
        return status

    def let_through(self):
        return [at for at, status in self.answers if status == 302]

    def most_in_a_minute(self):
        sent = self.let_through()
        return max(sum(at <= each < at + 55 for each in sent) for at in sent)


def test_a_room_signs_in_behind_the_proxy_while_strangers_are_stopped(site):
    people = [PersonFactory(email=f"p{number}@example.org").email for number in range(PEOPLE)]
    victim, certificate = PersonFactory(email="victim@example.org"), CertificateFactory()
    with site.visitor(HOME) as at_home:
        site.sign_in(at_home, victim.email)
    began, attack = time.monotonic(), Attack(site, victim.email)
    attack.start()
    try:
        seconds, checked = in_the_room(site, people, certificate)
        lasted = time.monotonic() - began
        guesses = guessed(site)
        checked.append(check(site, ROOM, certificate.verify_path))
        others = from_others(site, certificate.verify_path)
    finally:
        attack.over.set()
        attack.join()
    last = [attack.press(address) for address in (ATTACKER, "127.66.6.8") * 2]
    print(
        f"\n{PEOPLE} signed in within {lasted:.0f} s, the slowest in {max(seconds):.1f} s;"
        f" {len(attack.let_through())} of {len(attack.answers)} codes for a stranger;"
        f" {guesses.count(404)} of {len(guesses)} guesses answered;"
        f" {len(others)} checks from as many addresses; load {os.getloadavg()[0]:.1f}"
    )
    assert lasted <= 300
    assert set(checked) == {200} and set(others) == {200}
    assert {status for _, status in attack.answers} <= {302, *STOPPED}
    assert attack.most_in_a_minute() <= CODES_A_MINUTE and last[-1] in STOPPED
    if IN_FULL:
        assert lasted > SECONDS * 0.9
        assert len(attack.let_through()) == CODES_AN_HOUR - 1 and set(last) <= set(STOPPED)
    # The first was for its owner.
    assert Mail.objects.filter(to=victim.email).count() == 1 + len(attack.let_through())
    with site.visitor(HOME) as again:
        again.cookies["signed_in_before"] = at_home.cookies["signed_in_before"]
        site.sign_in(again, victim.email)


def in_the_room(site, people, certificate):
    """Let people of one address sign in, four at a time, spread over SECONDS."""
    began, checked = time.monotonic(), []

    def one(number):
        time.sleep(max(0, began + SECONDS * number / len(people) - time.monotonic()))
        with site.visitor(ROOM) as visitor:
            if number % 20 == 0:
                checked.append(visitor.ask(certificate.verify_path)[0])
            return site.sign_in(visitor, people[number])

    with ThreadPoolExecutor(4) as seats:
        return list(seats.map(one, range(len(people)))), checked


def check(site, address, path):
    with site.visitor(address) as visitor:
        return visitor.ask(path)[0]


def guessed(site):
    """Guess certificates from one address until it is stopped, claiming another each time."""

    def guess(number):
        with site.visitor(GUESSER, f"198.51.100.{number % 250}") as visitor:
            return visitor.ask(f"/certificates/verify/{'0' * LENGTH}/")[0]

    answers = []
    with ThreadPoolExecutor(4) as many:
        while 429 not in answers and len(answers) < 4 * CHECKS_A_MINUTE:
            answers += many.map(guess, range(CHECKS_A_MINUTE // 3))
    assert set(answers) == {404, 429} and answers.count(404) >= CHECKS_A_MINUTE
    return answers


def from_others(site, path):
    with ThreadPoolExecutor(4) as many:
        addresses = [f"127.100.{number // 250}.{1 + number % 250}" for number in range(OTHERS)]
        return list(many.map(lambda address: check(site, address, path), addresses))
