"""Test what the site does when PostgreSQL was started anew, or keeps a row locked."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from lms.web import lock_timeout
from tests.databases import ROOT

needs_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's")
LOOK = (
    "import json, {first}; from django.conf import settings; from django.db import connections;"
    "found = connections.settings['default'];"
    "print(json.dumps([found['CONN_HEALTH_CHECKS'], found['OPTIONS'].get('options', '')]))"
)


def settings_of(tmp_path, first, **more):
    """Return whether connections are tried, and their options, in a process that imports this."""
    environment = {
        "DJANGO_SETTINGS_MODULE": "lms.settings.dev",
        "DATABASE_URL": "postgres://lms@127.0.0.1:1/lms",
        "DATA_DIR": str(tmp_path),
    }
    command = [sys.executable, "-c", LOOK.format(first=first)]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | environment | more, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_page_waits_for_a_lock_for_seconds_and_its_connection_is_tried(tmp_path):
    assert settings_of(tmp_path, "lms.wsgi") == [True, "-c lock_timeout=3s"]
    assert settings_of(tmp_path, "lms.wsgi", LMS_WEB_LOCK_TIMEOUT="0") == [True, ""]


def test_whatever_is_no_page_waits(tmp_path):
    worker = "django; django.setup(); import lms.management.commands.worker"
    assert settings_of(tmp_path, worker) == [True, ""]


def status(site, path):
    """Return a page's status and how long it took."""
    began = time.monotonic()
    try:
        with urllib.request.urlopen(site.address + path, timeout=60) as answer:
            return answer.status, time.monotonic() - began
    except urllib.error.HTTPError as error:
        return error.code, time.monotonic() - began


@needs_postgresql
@pytest.mark.race
def test_a_restart_costs_the_requests_in_flight_only(served_site):
    with ThreadPoolExecutor(8) as many:
        before = list(many.map(lambda _: status(served_site, "/courses/")[0], range(24)))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            assert cursor.fetchone()[0] >= 2
        after = list(many.map(lambda _: status(served_site, "/courses/")[0], range(24)))
    assert set(before) == set(after) == {200}


@needs_postgresql
@pytest.mark.race
@pytest.mark.server_errors(503)
def test_a_row_that_is_locked_makes_no_other_page_wait(served_site):
    other = connection.copy()
    other.set_autocommit(False)
    other.cursor().execute("LOCK TABLE cache IN SHARE MODE")
    try:
        with ThreadPoolExecutor(4) as many:
            path = "/certificates/verify/0000111122223333/"
            waiting = [many.submit(status, served_site, path) for _ in range(4)]
            time.sleep(0.5)
            meanwhile = [status(served_site, "/courses/") for _ in range(3)]
            waited = [each.result() for each in waiting]
    finally:
        other.rollback()
        other.close()
    assert {code for code, _ in meanwhile} == {200}
    assert min(seconds for _, seconds in meanwhile) < 1
    assert {code for code, _ in waited} == {503}
    assert max(seconds for _, seconds in waited) < 15


@needs_postgresql
def test_with_a_pooler_each_transaction_waits_for_a_lock_for_seconds(own_database, settings):
    """Leave nothing on the connection, which the next transaction does not get."""
    lock_timeout.limit_each_transaction(connection)
    lock_timeout.limit_each_transaction(connection)
    assert len(connection.execute_wrappers) == 1
    try:
        for _ in range(2):
            with transaction.atomic():
                assert current_lock_timeout() == "3s"
                with transaction.atomic():
                    assert current_lock_timeout() == "3s"
            assert current_lock_timeout() == "0"
    finally:
        connection.execute_wrappers.clear()


def current_lock_timeout():
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        return cursor.fetchone()[0]


def options_of(tmp_path, **given):
    """Return what `limit_waiting`, which lms.wsgi calls as seen above, leaves on connections."""
    environment = {
        "DJANGO_SETTINGS_MODULE": "lms.settings.dev",
        "DATABASE_URL": "postgres://lms@127.0.0.1:1/lms",
        "DATA_DIR": str(tmp_path),
    }
    look = (
        "import json; from django.db import connections;"
        "from lms.web.lock_timeout import limit_waiting; limit_waiting();"
        "found = connections.settings['default']; options = found['OPTIONS'];"
        "print(json.dumps([options.get('options', ''), options['prepare_threshold'],"
        " options['server_side_binding'], options.get('pool', {}).get('max_size', 0),"
        " found['DISABLE_SERVER_SIDE_CURSORS']]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", look],
        cwd=ROOT,
        env=os.environ | environment | given,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ["-c lock_timeout=3s", 2, True, 8, False]),
        ({"LMS_DATABASE_POOLER": "True"}, ["", None, True, 0, True]),
        ({"LMS_DATABASE_POOLER": "True", "LMS_DATABASE_PREPARE": "5"}, ["", 5, True, 0, True]),
        (
            {"LMS_DATABASE_SERVER_BINDING": "False", "DATABASE_POOL_MAX": "3"},
            ["-c lock_timeout=3s", 2, False, 3, False],
        ),
    ],
)
def test_what_is_kept_on_a_connection_is_a_setting(tmp_path, given, expected):
    assert options_of(tmp_path, **given) == expected
