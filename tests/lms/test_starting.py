"""Test that what cannot start says why in one line, and that a probe does not wait."""

import logging
import os
import socket
import subprocess
import sys
from contextlib import closing

import pytest
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from lms.management import starting
from lms.management.commands import serve
from lms.settings.environment import Environment
from tests.databases import ROOT
from tests.factories import PersonFactory
from tests.test_house import PRODUCTION

NOBODY_LISTENS = "postgres://lms@127.0.0.1:1/lms"


def start(command, folder, **environment):
    """Run a command of manage.py, with the least that production needs."""
    given = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder)} | PRODUCTION
    given |= {"DJANGO_SETTINGS_MODULE": "lms.settings.production"} | environment
    return subprocess.run(
        [sys.executable, *command.split()], cwd=ROOT, env=given, capture_output=True, text=True
    )


REFUSALS = {
    "unmigrated": ({}, "is not migrated: run manage.py migrate first."),
    "unreachable": ({"DATABASE_URL": NOBODY_LISTENS}, "The database does not answer: "),
    "a wrong setting": ({"SECRET_KEY": "short"}, "Set SECRET_KEY: at least 50 random"),
    "no number": ({"LMS_WEB_LOCK_TIMEOUT": "soon"}, "Correct LMS_WEB_LOCK_TIMEOUT in the"),
    "no rate": ({"LMS_SEARCH_RATE": "lots"}, "Correct LMS_SEARCH_RATE in the environment: it is"),
    "no database": ({"DATABASE_URL": "mysql://a/b"}, "Correct DATABASE_URL in the environment"),
    "no folder": ({"DATA_DIR": "/proc/lms"}, "Correct DATA_DIR: /proc/lms cannot be made"),
}


@pytest.mark.parametrize(("wrong", "words"), REFUSALS.values(), ids=REFUSALS)
@pytest.mark.parametrize("command", ["manage.py serve", "manage.py worker"])
def test_what_cannot_start_says_why_in_one_line(tmp_path, command, wrong, words):
    done = start(command, tmp_path, **wrong)
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if line and " INFO " not in line]
    assert len(lines) == 1 and words in lines[0], done.stderr


WRONG = [
    ("number", "0", {"default": 12, "least": 1}, "less than 1"),
    ("number", "-5", {"default": 100}, "less than 0"),
    ("number", "twelve", {"default": 12}, "not a whole number"),
    ("bool", "maybe", {"default": True}, "not yes or no"),
    ("rate", "lots", {"default": ""}, "it is written like 60/m/user,300/m/ip"),
    ("rate", "5/h/team", {"default": ""}, "it is written like"),
    ("rate", "0/h/user", {"default": ""}, "it is written like"),
    ("rate", "5/m/user,,5/m/ip", {"default": ""}, "it is written like"),
    ("rate", "", {"default": "5/m/user"}, "it is written like"),
    ("log_level", "LOUD", {"default": "INFO"}, "DEBUG, INFO, WARNING or ERROR"),
    ("address", "the board", {"default": ""}, "not an email address"),
    ("file", "/nowhere.png", {}, "no file is at /nowhere.png"),
    ("email", "mail.example.org", {}, "it begins with smtp://"),
    ("email", "smtp://mail.example.org:x", {}, ""),
    ("cache", "memory://x", {}, "it begins with dbcache:// or rediscache://"),
    ("db", "nonsense", {}, "it begins with postgres:// or sqlite:///"),
]


@pytest.mark.filterwarnings("ignore:Engine not recognized")
@pytest.mark.parametrize(("method", "value", "more", "words"), WRONG)
def test_a_value_of_the_wrong_kind_is_named_with_its_variable(
    monkeypatch, method, value, more, words
):
    monkeypatch.setenv("LMS_SOMETHING", value)
    with pytest.raises(ImproperlyConfigured) as refused:
        getattr(Environment(), method)("LMS_SOMETHING", **more)
    said = str(refused.value)
    assert said.startswith(f"Correct LMS_SOMETHING in the environment: {words}")
    assert "\n" not in said


RIGHT = [
    ("rate", "60/m/user, 300/5m/ip", {"default": ""}),
    ("address", "The Board <training@board.example.org>", {"default": ""}),
    ("log_level", "WARNING", {"default": "INFO"}),
]


@pytest.mark.parametrize(("method", "value", "more"), RIGHT)
def test_a_value_of_the_right_kind_is_taken(monkeypatch, method, value, more):
    monkeypatch.setenv("LMS_SOMETHING", value)
    assert getattr(Environment(), method)("LMS_SOMETHING", **more) == value


SIZES = [("PORT", "http"), ("PORT", "0"), ("WEB_THREADS", "x"), ("WEB_PROCESSES", "0")]


@pytest.mark.parametrize(("name", "value"), SIZES)
def test_a_server_of_no_size_says_why_in_one_line(tmp_path, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    monkeypatch.setattr(serve, "refuse_to_start", lambda: None)
    with pytest.raises(ImproperlyConfigured, match=f"Correct {name} in the environment: "):
        call_command("serve")


def test_gunicorn_says_why_in_one_line(tmp_path):
    done = start("-m gunicorn lms.wsgi --preload", tmp_path, SECRET_KEY="short")
    assert done.returncode and "Traceback" not in done.stderr
    assert "Set SECRET_KEY: at least 50 random" in done.stderr


def test_the_whole_error_is_there_for_the_asking(tmp_path):
    done = start("manage.py migrate --traceback", tmp_path, DATABASE_URL="mysql://a/b")
    assert "Traceback" in done.stderr


def test_read_only_data_is_said(own_database, settings):
    starting.refuse_to_start()
    settings.DATA_DIR = "/proc"
    with pytest.raises(CommandError, match=r"/proc cannot be written: "):
        starting.refuse_to_start()


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL says it by itself")
def test_a_read_only_file_is_said(own_database):
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = 1")
    try:
        starting._refuse_read_only()
    except CommandError as said:
        assert "cannot be written" in str(said)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA query_only = 0")


def test_a_worker_that_could_do_nothing_does_not_start(own_database):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'lms'")
    with pytest.raises(CommandError, match="is not migrated"):
        call_command("worker")


PROBE = """
import time
import django; django.setup()
from django.test import Client
client = Client()
for path in ("/livez", "/readyz", "/readyz"):
    began = time.monotonic()
    answer = client.get(path, SERVER_NAME="10.0.0.5")
    print(path, answer.status_code, round(time.monotonic() - began, 2))
import os, sys; sys.stdout.flush(); os._exit(0)
"""


@pytest.mark.parametrize("is_silent", [False, True])
def test_a_probe_is_answered_within_a_second_without_a_database(tmp_path, is_silent):
    """Ask where nobody listens, or somebody who never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1] if is_silent else 1
        environment = {
            "DJANGO_SETTINGS_MODULE": "lms.settings.test",
            "DATABASE_URL": f"postgres://lms@127.0.0.1:{port}/lms",
            "DATA_DIR": str(tmp_path),
        }
        done = subprocess.run(
            [sys.executable, "-c", PROBE],
            cwd=ROOT,
            env=os.environ | environment,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stderr
    said = [line.split() for line in done.stdout.splitlines()]
    assert [(path, code) for path, code, _ in said] == [
        ("/livez", "200"),
        ("/readyz", "503"),
        ("/readyz", "503"),
    ]
    assert max(float(seconds) for _, _, seconds in said) < 1.5


@pytest.mark.django_db
def test_a_refusal_leaves_no_traceback_in_the_log_and_a_fault_does(caplog, monkeypatch):
    handled = []

    class Keeping(logging.Handler):
        def emit(self, record):
            handled.append((record.status_code, record.exc_info, self.format(record)))

    keeping = Keeping()
    for each in logging.getLogger().handlers:
        if getattr(each, "stream", None) is not None and each.filters:
            keeping.filters = list(each.filters)
    assert keeping.filters
    logger = logging.getLogger("django.request")
    logger.addHandler(keeping)
    try:
        client = Client(raise_request_exception=False)
        client.force_login(PersonFactory())
        assert client.get("/cms/").status_code == 403

        def broken(*args, **kwargs):
            raise RuntimeError

        monkeypatch.setattr("agencies.views.people.render", broken)
        assert client.get("/my/name/").status_code == 500
    finally:
        logger.removeHandler(keeping)
    (refused, no_traceback, line), (fault, traceback, _) = handled
    assert (refused, fault) == (403, 500)
    assert no_traceback is None and "Traceback" not in line and "/cms/" in line
    assert traceback and traceback[0] is RuntimeError
    assert PermissionDenied
