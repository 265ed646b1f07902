"""Clock of a served site: the real time plus the offset to which a test has moved it."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from mmap import mmap
from pathlib import Path

import time_machine
from time_machine import escape_hatch

from lms.jobs import clock


class SharedClock(time_machine.Traveller):
    """Real time plus an offset, kept in a file that all processes of a site have mapped.

    The offset is read whenever the time is, so a move reaches all of them at once.
    """

    def __init__(self, path, skew=0):
        super().__init__(0, None, tick=True)
        # Nanoseconds by which the clock of this machine differs from those of all others.
        self.skew = skew
        with Path(path).open("a+b") as file:
            file.truncate(8)
            self.mapped = mmap(file.fileno(), 8)

    @property
    def offset(self):
        """Nanoseconds ahead of the real clock."""
        return int.from_bytes(self.mapped[:], "little", signed=True)

    @offset.setter
    def offset(self, nanoseconds):
        self.mapped[:] = nanoseconds.to_bytes(8, "little", signed=True)

    def time_ns(self):
        return escape_hatch.time.time_ns() + self.offset + self.skew

    def shift(self, delta):
        self.offset += int(delta.total_seconds() * 10**9)

    def move_to(self, moment):
        self.offset = 0
        self.shift(moment - escape_hatch.datetime.datetime.now(UTC))

    @contextmanager
    def followed(self):
        """Take the time from the clock within this block; then set it back to the real time."""
        travel = follow(self)
        try:
            yield self
        finally:
            travel.stop()
            self.offset = 0


def follow(clock):
    """Make this process, its threads and its forks take their time from the clock."""
    travel = time_machine.travel(datetime.now(UTC))
    travel.start()
    # time-machine takes the time from the last of these.
    time_machine.traveller_stack[-1] = clock
    return travel


ask_server = clock.ask_server


def ask_the_moved_server():
    """Ask a server whose clock a test has moved too; no machine's that is slow or fast."""
    now = ask_server()
    if not time_machine.traveller_stack:
        return now
    if isinstance(moved := time_machine.traveller_stack[-1], SharedClock):
        return now + timedelta(microseconds=moved.offset / 1000)
    return datetime.now(UTC)


clock.ask_server = ask_the_moved_server
