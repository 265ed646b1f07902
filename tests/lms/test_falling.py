"""Test what a restart of PostgreSQL costs amid bookings, and what a row locked for a minute does.

`make stress` runs them, with a server of their own that they can restart; each prints its figures.
"""

import os
import pwd
import shutil
import subprocess
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import close_old_connections, connection, connections, transaction

from courses.booking import nightly_checks
from courses.models import Booking, Run
from tests import databases
from tests.courses.test_served_rush import press_book, signed_in
from tests.factories import CoursePageFactory, PostFactory, RunFactory
from tests.lms.test_postgresql import needs_postgresql, status
from tests.servers import ServedSite

pytestmark = [
    needs_postgresql,
    pytest.mark.race,
    pytest.mark.skipif("ROUNDS" not in os.environ, reason="make stress runs it"),
]
BOOKINGS, AT_ONCE, RESTARTS = 300, 12, 3
# Requests of the site that the database can have in hand: 2 processes of 4 threads.
IN_HAND = 8
LOCKED_FOR = 60


class OwnServer:
    """A PostgreSQL server of this test alone, on a socket in its folder."""

    def __init__(self, folder):
        self.folder, self.data = folder, folder / "data"
        folder.mkdir()
        self.user = {}
        if os.geteuid() == 0:
            entry = pwd.getpwnam("postgres")
            os.chown(folder, entry.pw_uid, entry.pw_gid)
            self.user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        self.run("initdb", "--username=lms", "--auth=trust", "--locale=C.UTF-8", "--encoding=UTF8")

    def run(self, tool, *arguments):
        path = shutil.which(tool) or max(Path("/usr/lib/postgresql").glob(f"*/bin/{tool}"))
        subprocess.run(
            [path, f"--pgdata={self.data}", *arguments],
            check=True,
            cwd="/",
            stdout=subprocess.DEVNULL,
            **self.user,
        )

    def control(self, what, *more):
        options = f"-k {self.folder} -h '' -c fsync=off"
        how = [] if what == "stop" else ["-o", options, "--log", str(self.folder / "log")]
        self.run("pg_ctl", what, "--wait", *how, *more)

    @contextmanager
    def serving(self):
        self.control("start")
        try:
            yield
        finally:
            self.control("stop", "--mode=immediate")


@pytest.fixture
def own_server(tmp_path_factory, django_db_blocker, django_db_setup):
    """Yield a server with a migrated database, which the tests' connection leads to."""
    folder = Path("/tmp") / f"lms-own-{os.getpid()}"  # a socket's path must be short
    server = OwnServer(folder)
    kind = databases.PostgreSQL({"HOST": str(folder), "USER": "lms", "PORT": "", "PASSWORD": ""})
    here = databases.directly(connections.settings["default"]) | {"HOST": str(folder), "PORT": ""}
    try:
        with django_db_blocker.unblock(), server.serving():
            name = kind.create("falling")
            before = connections.settings["default"]
            connections.settings["default"] = here
            try:
                with databases.in_use(name):
                    server.url = kind.url(name)
                    connections.settings["default"]["HOST"] = str(folder)
                    connections["default"].close()
                    connections["default"] = connections.create_connection("default")
                    yield server
            finally:
                connections.settings["default"] = before
    finally:
        shutil.rmtree(folder)


def book(site, run, sessions):
    """Let everybody press once, a few at a time; return the answer of each and its seconds."""

    def press(number):
        began = time.monotonic()
        try:
            answer = press_book(site, run, sessions[number])
        except OSError as error:
            answer = type(error).__name__
        return answer, time.monotonic() - began

    with ThreadPoolExecutor(AT_ONCE) as many:
        yield from many.map(press, range(len(sessions)))


@pytest.mark.long(reason="restarts a server three times")
@pytest.mark.server_errors(503)
def test_of_300_bookings_three_restarts_lose_none_that_was_acknowledged(own_server, data_folder):
    run = RunFactory(course=CoursePageFactory().course, places=BOOKINGS)
    crowd = [PostFactory().person for _ in range(BOOKINGS)]
    sessions = [signed_in(person) for person in crowd]
    answers, restarted = [], 0
    with ServedSite(own_server.url, data_folder).serving() as site:
        for answer in book(site, run, sessions):
            answers.append(answer)
            if restarted < RESTARTS and len(answers) >= (restarted + 1) * BOOKINGS // 4:
                own_server.control("restart", "--mode=fast")
                restarted += 1
        connection.close()
        close_old_connections()
        said = Counter(answer for answer, _ in answers)
        booked = set(Booking.objects.live().values_list("person", flat=True))
        acknowledged = {crowd[n].pk for n, (answer, _) in enumerate(answers) if answer == 302}
        print(
            f"\n{BOOKINGS} bookings, {restarted} restarts: {dict(said)}; "
            f"longest {max(seconds for _, seconds in answers):.1f} s"
        )
        assert acknowledged <= booked
        assert said.keys() <= {302, 503}, site.said()
        assert 0 <= said[503] <= RESTARTS * IN_HAND
        assert nightly_checks.runs_miscounted() == []
        again = [n for n, (answer, _) in enumerate(answers) if answer == 503]
        assert [press_book(site, run, sessions[n]) for n in again] == [302] * len(again)
        assert Booking.objects.live().count() == BOOKINGS == Run.objects.get(pk=run.pk).taken


@pytest.mark.long(reason="keeps a row locked for a minute")
@pytest.mark.server_errors(503)
def test_a_row_locked_for_a_minute_keeps_no_other_page_waiting(own_database, data_folder):
    """Serve with as many threads as `manage.py serve` has."""
    with ServedSite(own_database, data_folder, threads=8).serving() as site:
        ask_while_locked(site)


def ask_while_locked(served_site):
    run = RunFactory(course=CoursePageFactory().course, places=BOOKINGS)
    sessions = [signed_in(PostFactory().person) for _ in range(4)]
    status(served_site, "/courses/")
    others, refused = [], []
    with ThreadPoolExecutor(4) as many, transaction.atomic():
        Run.objects.select_for_update().get(pk=run.pk)
        end = time.monotonic() + LOCKED_FOR
        while time.monotonic() < end:
            waiting = [many.submit(press_book, served_site, run, each) for each in sessions]
            while not all(each.done() for each in waiting):
                others.append(status(served_site, "/courses/"))
                time.sleep(0.2)
            refused += [each.result() for each in waiting]
    seconds = sorted(took for _, took in others)
    print(
        f"\n{LOCKED_FOR} s locked: {Counter(refused)} for the row; {len(others)} other pages, "
        f"median {seconds[len(seconds) // 2]:.2f} s, longest {seconds[-1]:.2f} s"
    )
    assert set(refused) == {503} and len(refused) >= 4
    assert {code for code, _ in others} == {200}
    assert seconds[-1] < 1
    assert [press_book(served_site, run, each) for each in sessions] == [302] * 4
