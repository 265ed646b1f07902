"""A reverse proxy on 127.0.0.1 that sets the headers which docs/operations.md tells nginx to set.

Browsers come to it from any address that begins with 127, so that each can have one of its own.
"""

import re
import threading
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode

from tests.databases import ROOT

HEADER = re.compile(r"^ +proxy_set_header (\S+) (\S+);$", re.MULTILINE)
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "date", "server"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def forwarded(self):
        """Return the headers of the request with those that nginx would set."""
        client = self.client_address[0]
        came = ", ".join(self.headers.get_all("X-Forwarded-For", []))
        values = {
            "$host": self.headers["Host"],
            "$proxy_add_x_forwarded_for": f"{came}, {client}" if came else client,
            "$scheme": "https",
        }
        ours = {name: values[value] for name, value in self.server.headers_to_set}
        named = {name.lower() for name in ours} | HOP_BY_HOP
        return {name: each for name, each in self.headers.items() if name.lower() not in named} | (
            ours
        )

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with closing(HTTPConnection("127.0.0.1", self.server.site_port, timeout=120)) as site:
            site.request(self.command, self.path, body, self.forwarded())
            answer = site.getresponse()
            content = answer.read()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP | {"content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = pass_on

    def log_message(self, *said):
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


@contextmanager
def proxy_to(site_port):
    """Pass on to this port within the block; yield the proxy's own."""
    # Each location of the document sets the same.
    headers = set(HEADER.findall((ROOT / "docs" / "operations.md").read_text()))
    assert len(headers) == 3
    server = _Server(("127.0.0.1", 0), _Handler)
    server.site_port, server.headers_to_set = site_port, sorted(headers)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


class Visitor:
    """A browser at one address, with its cookies, that comes through the proxy."""

    def __init__(self, port, address, host, claims=""):
        self.host, self.cookies = host, {}
        self.claims = {"X-Forwarded-For": claims} if claims else {}
        self.connection = HTTPConnection(
            "127.0.0.1", port, timeout=120, source_address=(address, 0)
        )

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        self.connection.close()

    def ask(self, path, fields=None):
        """Get a page, or post these fields to it; return the status and the text."""
        method, body = ("GET", None) if fields is None else ("POST", urlencode(fields))
        headers = {"Host": self.host, "Referer": f"https://{self.host}{path}"} | self.claims
        headers["Cookie"] = "; ".join(f"{name}={each}" for name, each in self.cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        self.location = answer.headers.get("Location", "")
        return answer.status, answer.read().decode(errors="replace")

    def send(self, path, **fields):
        """Open the form's page, and post it with these fields."""
        status, page = self.ask(path)
        assert status == 200, (path, status, self.location)
        return self.ask(path, {"csrfmiddlewaretoken": CSRF.search(page)[1]} | fields)
