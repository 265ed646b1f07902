"""Tests of how files are served beside other pages."""

import threading
import time

from lms.web.downloads import in_turn
from tests.servers import at_once


def test_one_file_at_a_time_is_got_ready_in_a_process():
    inside, most = [], []

    @in_turn(seconds=60)
    def view(number):
        inside.append(number)
        most.append(len(inside))
        time.sleep(0.01)
        inside.remove(number)
        return number

    assert at_once(8, view) == list(range(8))
    assert most == [1] * 8


def test_nobody_waits_longer_than_for_a_moment_behind_a_file_that_does_not_come():
    is_asked, comes = threading.Event(), threading.Event()

    @in_turn(seconds=0.05)
    def view(number):
        is_asked.set()
        return comes.wait(5) if number == 0 else comes.set()

    def ask(number):
        assert number == 0 or is_asked.wait(5)
        return view(number)

    assert at_once(3, ask) == [True, None, None]
    assert in_turn(seconds=0)(lambda: "ready")() == "ready"


def test_whoever_fails_gives_the_turn_on():
    @in_turn(seconds=60)
    def view(fails):
        return 1 / 0 if fails else "ready"

    assert isinstance(at_once(1, lambda _: view(True))[0], ZeroDivisionError)
    assert view(False) == "ready"
