"""Put a finite load on the served site and measure its responses."""

import http.client
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from urllib.parse import urlsplit

TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Load:
    """Seconds per request, statuses, duration, and CPU seconds of the web processes."""

    seconds: list[float]
    statuses: list[int]
    lasted: float
    cpu: float

    @property
    def rate(self):
        return len(self.seconds) / self.lasted

    @property
    def cpu_ms(self):
        return 1000 * self.cpu / len(self.seconds)

    def percentile(self, number):
        return 1000 * quantiles(self.seconds, n=100)[number - 1]

    def __str__(self):
        good = sum(status < 400 for status in self.statuses)
        return (
            f"{self.rate:.0f} requests/s, median {self.percentile(50):.0f} ms, 95th"
            f" {self.percentile(95):.0f} ms, {self.cpu_ms:.1f} ms CPU a request,"
            f" {good} of {len(self.statuses)} answered well"
        )


def press(site, requests, clients):
    """Send all `requests`, each a function of a connection, from concurrent clients."""
    left, lock, seconds, statuses = iter(requests), threading.Lock(), [], []

    def client():
        host = urlsplit(site.address)
        connection = http.client.HTTPConnection(host.hostname, host.port, timeout=60)
        while True:
            with lock:
                request = next(left, None)
            if request is None:
                return connection.close()
            began = perf_counter()
            statuses.append(request(connection))
            seconds.append(perf_counter() - began)

    before, began = cpu_of(site.web.pid), perf_counter()
    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(seconds, statuses, perf_counter() - began, cpu_of(site.web.pid) - before)


def get(path, headers=None):
    def request(connection):
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        answer.read()
        return answer.status

    return request


def cpu_of(pid):
    """Return CPU seconds so far of the process and its children, user and system."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK + sum(cpu_of(int(one)) for one in children)
