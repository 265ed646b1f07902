"""Drive a page in WebKitGTK, the engine family of Safari, by W3C WebDriver over HTTP."""

import json
import os
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager

from lms.management.commands.serve import die_with_parent


class WebKit:
    """WebKitWebDriver on a screen that nobody sees; `page()` opens a new browser, its cache empty.

    Debian's packages are webkit2gtk-driver and xvfb.
    """

    def __init__(self):
        reading, writing = os.pipe()
        screen = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x1024x24", "-nolisten"]
        self.processes = [self._run([*screen, "tcp"], pass_fds=[writing])]
        os.close(writing)
        with os.fdopen(reading) as told:
            display = f":{told.readline().strip()}"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        environment = os.environ | {"DISPLAY": display, "GDK_BACKEND": "x11", "NO_AT_BRIDGE": "1"}
        driver = ["WebKitWebDriver", f"--port={port}"]
        self.processes.append(self._run(driver, env=environment))
        self._wait()

    def _run(self, command, **options):
        parent = os.getpid()
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(
            command, preexec_fn=lambda: die_with_parent(parent), **quiet, **options
        )

    def _wait(self):
        end = time.monotonic() + 30
        while True:
            try:
                return self.ask("GET", "/status")
            except OSError:
                assert time.monotonic() < end, "WebKitWebDriver did not start"
                time.sleep(0.1)

    def ask(self, method, path, body=None):
        request = urllib.request.Request(
            self.address + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=90) as answer:
            return json.load(answer)["value"]

    @contextmanager
    def page(self, *, width, height):
        made = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": {}}})
        session = f"/session/{made['sessionId']}"
        try:
            self.ask("POST", f"{session}/window/rect", {"width": width, "height": height})
            yield Page(self, session)
        finally:
            self.ask("DELETE", session)

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
            process.wait(20)


class Page:
    def __init__(self, driver, session):
        self.driver, self.session = driver, session

    def goto(self, address):
        """Return once the page and all that it loads are there."""
        self.driver.ask("POST", f"{self.session}/url", {"url": address})

    def run(self, script):
        return self.driver.ask(
            "POST", f"{self.session}/execute/sync", {"script": script, "args": []}
        )
