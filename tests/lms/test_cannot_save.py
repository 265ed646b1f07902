"""Test what the site says when the database is locked, full or read-only: not saved, try again.

The conditions are real ones, made on the test's own database by another connection or by a limit.
"""

import sqlite3

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import override_settings

from agencies.models import Person
from history.models import Event
from lms.models import Mail
from lms.web import faults, health
from protocols.models import Topic
from tests.browsing import Browser
from tests.factories import PersonFactory, TopicFactory

CACHES = settings.CACHES | {
    "default": {"BACKEND": "lms.storage.counting_cache.CountingCache", "LOCATION": "cache"}
}
IS_SQLITE = connection.vendor == "sqlite"
WRITTEN = ("cache", "agencies_person", "django_session", "lms_mail", "protocols_subscription")


def another_connection():
    if IS_SQLITE:
        return sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    return connection.copy()


def run(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


class Locked:
    """Another connection writes, and does not end."""

    def __enter__(self):
        self.other = another_connection()
        if IS_SQLITE:
            run("PRAGMA busy_timeout = 50")
            self.other.execute("BEGIN IMMEDIATE")
        else:
            run("SET lock_timeout = 50")
            self.other.set_autocommit(False)
            self.other.cursor().execute(f"LOCK TABLE {', '.join(WRITTEN)} IN SHARE MODE")

    def __exit__(self, *raised):
        if IS_SQLITE:
            self.other.execute("ROLLBACK")
        else:
            self.other.rollback()
        self.other.close()
        run("PRAGMA busy_timeout = 20000" if IS_SQLITE else "SET lock_timeout = 0")


class Full:
    """The database may not grow by a page."""

    def __enter__(self):
        run("VACUUM", "PRAGMA max_page_count = 1")  # that is, as many as there are
        with pytest.raises(OperationalError, match="full"):
            for number in range(10_000):  # until the pages of this table have no room either
                run(f"INSERT INTO cache VALUES ('filling {number}', 'x', '2099-01-01')")

    def __exit__(self, *raised):
        run("PRAGMA max_page_count = 1000000000")


class ReadOnly:
    """The database takes nothing that is written."""

    def __enter__(self):
        run("PRAGMA query_only = 1" if IS_SQLITE else "SET default_transaction_read_only = on")

    def __exit__(self, *raised):
        run("PRAGMA query_only = 0" if IS_SQLITE else "SET default_transaction_read_only = off")


CONDITIONS = {"locked": Locked, "full": Full, "read-only": ReadOnly}


@pytest.fixture
def person(own_database, monkeypatch):
    monkeypatch.setattr(health, "PATIENCE", 50)
    monkeypatch.setattr(health, "GOOD_FOR", 0.0)
    monkeypatch.setattr(health, "_answer", (0.0, False))
    with override_settings(CACHES=CACHES):
        call_command("createcachetable", verbosity=0)
        TopicFactory()
        yield PersonFactory(name="Ann Before")
    monkeypatch.undo()


def client_of(person=None):
    client = Browser()
    client.raise_request_exception = False
    if person:
        client.force_login(person)
    return client


# What counts tries, and so writes, before it answers.
COUNTING = {
    "signing in": lambda client: client.post("/accounts/login/", {"login": "a@example.org"}),
    "checking a certificate": lambda client: client.get("/certificates/verify/0000111122223333/"),
    "opening a shared record": lambda client: client.get("/record/made-up/"),
    "asking for alerts": lambda client: client.post(
        "/protocols/alerts/",
        {"email": "a@example.org", "about": f"topic-{Topic.objects.get().pk}"},
    ),
}


@pytest.mark.race
@pytest.mark.parametrize("name", CONDITIONS)
@pytest.mark.server_errors(503)
def test_what_cannot_be_saved_is_said_not_to_be(person, name):
    if name == "full" and not IS_SQLITE:
        pytest.skip("A limit of a single database is SQLite's.")
    signed_in, visitor = client_of(person), client_of()
    form = signed_in.shown_at("/my/name/") | {"name": "Ann " + "After " * 15}
    before = Event.objects.count(), Mail.objects.count()
    assert visitor.get("/healthz").status_code == 200
    with CONDITIONS[name]():
        assert signed_in.get("/my/name/").status_code == 200  # What only reads is shown.
        answer = signed_in.post("/my/name/", form)
        if name != "full":  # A name may fit where another was.
            assert answer.status_code == 503 and "This was not saved" in answer.text
        for what, ask in COUNTING.items():
            answer = ask(visitor)
            assert answer.status_code == 503, (what, answer.status_code, answer.text[:800])
            assert "Too many tries" not in answer.text and answer["Retry-After"]
            sent = answer.wsgi_request.method == "POST"
            assert ("This was not saved" if sent else "The service is busy") in answer.text
            assert "no-store" in answer["Cache-Control"]
        assert visitor.get("/healthz").status_code == 503
    assert Person.objects.get(pk=person.pk).name == "Ann Before" or name == "full"
    assert (Event.objects.count(), Mail.objects.count()) == before or name == "full"
    assert visitor.get("/healthz").status_code == 200
    for what, ask in COUNTING.items():
        assert ask(visitor).status_code in (200, 302, 404), what


@pytest.mark.django_db
@pytest.mark.server_errors(503)
def test_a_disk_with_little_room_is_said_to_be_unavailable(client, settings, monkeypatch):
    monkeypatch.setattr(health, "GOOD_FOR", 0.0)
    monkeypatch.setattr(health, "_answer", (0.0, False))
    assert client.get("/healthz").status_code == 200
    settings.LMS_HEALTH_FREE_MB = 10**12
    assert client.get("/healthz").status_code == 503


@pytest.mark.django_db
def test_asking_often_writes_seldom(client, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(health, "_answer", (0.0, False))
    assert client.get("/healthz").status_code == 200
    with django_assert_num_queries(0):
        assert client.get("/healthz").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("fails_in_view", [True, False])
@pytest.mark.server_errors(500)
def test_a_fault_of_ours_does_not_say_what_was_saved(monkeypatch, fails_in_view):
    def broken(*args, **kwargs):
        raise RuntimeError("A secret.")

    client = Client(raise_request_exception=False)
    monkeypatch.setattr("agencies.views.people.render", broken)
    client.force_login(PersonFactory())
    shown, sent = client.get("/my/name/"), client.post("/my/name/", {"name": "Bo"})
    assert shown.status_code == sent.status_code == 500
    assert "may not have been saved" in sent.text and "saved" not in shown.text
    assert "secret" not in sent.text


@pytest.mark.django_db
@pytest.mark.server_errors(503)
def test_what_fails_after_the_page_is_not_said_to_be_unsaved(monkeypatch):
    """Fail as the session is saved: by then a verb has saved what was sent."""

    def locked(*args, **kwargs):
        cause = sqlite3.OperationalError("database is locked")
        cause.sqlite_errorcode = 5
        raise OperationalError("database is locked") from cause

    client = Browser()
    client.raise_request_exception = False
    person = PersonFactory(name="Ann Before")
    client.force_login(person)
    form = client.shown_at("/my/name/") | {"name": "Ann After"}
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.save", locked)
    monkeypatch.setattr(
        "django.contrib.messages.middleware.MessageMiddleware.process_response", locked
    )
    answer = client.post("/my/name/", form)
    assert answer.status_code == 503 and "This may not have been saved" in answer.text
    assert Person.objects.get(pk=person.pk).name == "Ann After"


def test_an_error_of_our_own_is_no_busy_database():
    cause = sqlite3.OperationalError("no such table: x")
    cause.sqlite_errorcode = 1
    error = OperationalError("no such table: x")
    error.__cause__ = cause
    assert not faults.is_busy(error) and not faults.is_busy(ValueError())
    assert faults.is_busy(OSError(28, "No space left on device"))
