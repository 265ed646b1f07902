"""Proxy between a browser and the site that delays the style sheets."""

import http.client
import sys
import threading
import time
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """Ignore a browser that closed the connection early."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def slow_line(address, *, seconds, cookie):
    """Yield the address of a proxy that sends style sheets `seconds` after site.js.

    Every request carries the cookie, like a browser that is signed in and has an empty cache.
    """
    site, script_is_there = urlsplit(address).netloc, threading.Event()

    class Line(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            if self.path.endswith("/"):
                script_is_there.clear()
            if self.path.endswith(".css"):
                script_is_there.wait(60)
                time.sleep(seconds)
            with closing(http.client.HTTPConnection(site, timeout=60)) as connection:
                connection.request("GET", self.path, headers={"Cookie": cookie})
                answer = connection.getresponse()
                body = answer.read()
            self.send_response(answer.status)
            for name in ("Content-Type", "Content-Security-Policy", "Cache-Control"):
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            if self.path.endswith(".js") and "/site." in self.path:
                script_is_there.set()

        def log_message(self, *arguments):
            pass

    server = Server(("127.0.0.1", 0), Line)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
