"""Drive a page in WebKitGTK, the engine family of Safari, by W3C WebDriver over HTTP.

Debian's packages are webkit2gtk-driver and xvfb.
"""

import json
import os
import signal
import socket
import subprocess
import time
from contextlib import closing, contextmanager
from http.client import HTTPConnection

from lms.management.as_one import die_with_parent

STARTS = 4
SECONDS_TO_START = 15


class Screen:
    """Virtual screen (Xvfb) for the browsers that a test opens."""

    def __init__(self):
        reading, writing = os.pipe()
        command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x1024x24"]
        self.server = start([*command, "-nolisten", "tcp"], pass_fds=[writing])
        os.close(writing)
        with os.fdopen(reading) as told:
            display = f":{told.readline().strip()}"
        self.environment = os.environ | {"DISPLAY": display, "GDK_BACKEND": "x11"}

    @contextmanager
    def page(self, *, width, height):
        """Open a new browser that has loaded nothing yet."""
        browser = self._browser()
        try:
            browser.ask("POST", "/window/rect", {"width": width, "height": height})
            yield browser
        finally:
            browser.stop()

    def _browser(self):
        """Start a browser, and retry if the driver never hears that it has started."""
        for _ in range(STARTS):
            browser = Browser(self.environment)
            try:
                browser.begin()
            except TimeoutError:
                browser.stop()
            else:
                return browser
        raise AssertionError(f"WebKit did not start, {STARTS} times")

    def stop(self):
        end(self.server)


class Browser:
    """One WebKitWebDriver and the browser that it drives."""

    def __init__(self, environment):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.driver = start(["WebKitWebDriver", f"--port={self.port}"], env=environment)
        self.session = ""

    def begin(self):
        limit = time.monotonic() + SECONDS_TO_START
        while not self._answers():
            if time.monotonic() > limit:
                raise TimeoutError
            time.sleep(0.05)
        asked = {"capabilities": {"alwaysMatch": {}}}
        begun = self.ask("POST", "/session", asked, seconds=SECONDS_TO_START)
        self.session = f"/session/{begun['sessionId']}"

    def _answers(self):
        try:
            return self.ask("GET", "/status")
        except OSError:  # It does not listen yet.
            return None

    def ask(self, method, path, body=None, *, seconds=90):
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=seconds)) as connection:
            sent = None if body is None else json.dumps(body)
            connection.request(method, self.session + path, sent)
            answer = connection.getresponse()
            told = json.load(answer)["value"]
        assert answer.status == 200, told
        return told

    def goto(self, address):
        """Open an address and wait until the page and all that it loads are there."""
        self.ask("POST", "/url", {"url": address})

    def run(self, script):
        return self.ask("POST", "/execute/sync", {"script": script, "args": []})

    def stop(self):
        end(self.driver)


def start(command, **options):
    """Start a command in its own process group, to die with this process."""
    parent = os.getpid()
    return subprocess.Popen(
        command,
        preexec_fn=lambda: die_with_parent(parent),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **options,
    )


def end(process):
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(20)
