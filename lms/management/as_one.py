"""Run processes as one: when any ends, so do the others."""

import ctypes
import multiprocessing
import os
import signal
import sys
from multiprocessing.connection import wait

PR_SET_PDEATHSIG = 1
SECONDS_TO_END = 12


def run_as_one(jobs) -> int:
    """Run each job in its own process; return the exit code once all have ended.

    0 if we were asked to stop, else that of the first to end, and never 0 then: a server that
    stops by itself has failed.
    """
    fork = multiprocessing.get_context("fork")
    asked = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: asked.append(number))
    wakeup, alarm = os.pipe()
    os.set_blocking(alarm, False)
    signal.set_wakeup_fd(alarm, warn_on_full_buffer=False)

    supervisor = os.getpid()
    processes = [
        fork.Process(target=child, args=(job, supervisor), name=name) for name, job in jobs.items()
    ]
    for process in processes:
        process.start()
    ready = wait([wakeup, *(process.sentinel for process in processes)])

    for process in processes:
        process.terminate()
    for process in processes:
        process.join(SECONDS_TO_END)
        if process.is_alive():
            process.kill()
            process.join()
    if asked:
        return 0
    first = next(process for process in processes if process.sentinel in ready)
    print(f"The {first.name} process ended by itself ({first.exitcode}).", file=sys.stderr)
    return abs(first.exitcode) or 1


def child(job, supervisor):
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # Ctrl+C reaches the whole process group; the supervisor alone passes it on, as SIGTERM.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent(supervisor)
    job()


def die_with_parent(parent: int):
    """Make Linux end this process when its parent dies, even if that was killed outright."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)
