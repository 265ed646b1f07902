"""Tests that the web server and the worker start and stop together."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lms.management.commands import serve
from tests.databases import ROOT

# Two processes that print their pid and sleep, one of which can be told to exit.
TWO = """
import os, sys, time
from lms.management.as_one import run_as_one
def job(name):
    os.write(1, f"{name} {os.getpid()}\\n".encode())
    time.sleep(300)
sys.exit(run_as_one({name: lambda name=name: job(name) for name in ("web", "worker")}))
"""


@pytest.fixture
def running():
    """Start the supervisor; yield it and the pids of web and worker, whichever begins first."""
    supervisor = subprocess.Popen(
        [sys.executable, "-c", TWO],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    began = dict(supervisor.stdout.readline().split() for _ in range(2))
    yield supervisor, [int(began[name]) for name in ("web", "worker")]
    supervisor.kill()
    supervisor.communicate()


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def still_there(pids, seconds=20):
    """List the processes that are still running after so many seconds."""
    end = time.monotonic() + seconds
    while any(map(is_running, pids)) and time.monotonic() < end:
        time.sleep(0.05)
    return [pid for pid in pids if is_running(pid)]


@pytest.mark.parametrize("which", [0, 1])
def test_when_one_ends_so_does_the_other_and_it_counts_as_a_failure(running, which):
    supervisor, jobs = running
    os.kill(jobs[which], signal.SIGKILL)
    assert supervisor.wait(20) == signal.SIGKILL
    assert still_there(jobs) == []
    name = ["web", "worker"][which]
    assert supervisor.stderr.read() == f"The {name} process ended by itself (-9).\n"


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_both_end_and_all_is_well(running, asked):
    supervisor, jobs = running
    supervisor.send_signal(asked)
    assert supervisor.wait(20) == 0
    assert still_there(jobs) == []


def test_none_outlives_a_supervisor_that_was_killed(running):
    supervisor, jobs = running
    supervisor.kill()
    assert still_there(jobs) == []


def test_a_busy_port_turns_packages_off_and_says_so(settings, capsys):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        settings.CONTENT_PORT = busy.getsockname()[1]
        assert serve.Command().content_host("127.0.0.1") == {}
    assert f"Port {settings.CONTENT_PORT} is busy" in capsys.readouterr().err
    assert settings.CONTENT_ORIGIN == ""


def test_the_content_host_is_a_job_of_its_own(settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.CONTENT_PORT = free.getsockname()[1]
    assert list(serve.Command().content_host("127.0.0.1")) == ["content host"]
    assert settings.CONTENT_ORIGIN
