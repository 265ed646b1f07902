"""Ask a site for one address from many connections without a pause, at the least CPU of its own.

`python -m benchmarks.hammer PORT PATH CLIENTS SECONDS [HEADER]` prints what it saw as JSON. It is a
process of its own, so that it takes no turn of whoever measures.
"""

import json
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager

LENGTH = b"\r\ncontent-length:"


@contextmanager
def hammering(port, path, clients, seconds, header=""):
    """Hammer beside the block; what is yielded returns what was seen once it has ended."""
    command = [sys.executable, "-m", "benchmarks.hammer", str(port), path, str(clients)]
    with subprocess.Popen([*command, str(seconds), header], stdout=subprocess.PIPE) as process:
        try:
            yield lambda: json.loads(process.stdout.read())
        finally:
            process.terminate()


class Client:
    """A connection that asks again as soon as it has its answer."""

    def __init__(self, port, request):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.request = request
        self.ask()

    def ask(self):
        self.began, self.head, self.left = time.perf_counter(), b"", None
        self.socket.sendall(self.request)

    def take(self, buffer):
        """Take what has come; return the status once the answer is whole, else None."""
        count = self.socket.recv_into(buffer)
        if not count:
            raise ConnectionError("The site closed the connection.")
        if self.left is None:
            self.head += bytes(buffer[:count])
            head, ended, body = self.head.partition(b"\r\n\r\n")
            if not ended:
                return None
            _, _, length = head.lower().partition(LENGTH)
            self.left = int(length.split(b"\r\n")[0] or 0) - len(body)
        else:
            self.left -= count
        return int(self.head.split(b" ", 2)[1]) if self.left <= 0 else None


def main(port, path, clients, seconds, header=""):
    headers = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *filter(None, [header])]
    request = ("\r\n".join(headers) + "\r\n\r\n").encode()
    buffer, statuses, times = memoryview(bytearray(2**20)), Counter(), []
    ready, began = selectors.DefaultSelector(), time.perf_counter()
    for _ in range(int(clients)):
        client = Client(int(port), request)
        ready.register(client.socket, selectors.EVENT_READ, client)
    while time.perf_counter() - began < float(seconds):
        for key, _ in ready.select(1):
            if status := key.data.take(buffer):
                statuses[status] += 1
                times.append(time.perf_counter() - key.data.began)
                key.data.ask()
    lasted = time.perf_counter() - began
    print(
        json.dumps(
            {"statuses": statuses, "times": times, "lasted": lasted, "cpu": time.process_time()}
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
