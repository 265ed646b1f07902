"""A mail server for the tests: it keeps what it is given and refuses what it is told to."""

import email
import email.policy
import re
import socketserver
import threading
import time
from contextlib import suppress
from dataclasses import dataclass


@dataclass
class Delivered:
    to: list
    message: email.message.EmailMessage

    @property
    def message_id(self):
        return self.message["Message-ID"]

    @property
    def subject(self):
        return self.message["Subject"]


class MailServer:
    """Mail server on 127.0.0.1: `with MailServer() as server:`; stop() and start() keep its port.

    answers: address -> what RCPT is answered with, instead of 250.
    pause: seconds between keeping a message and saying so.
    """

    def __init__(self, pause=0):
        self.delivered, self.answers, self.pause, self.port = [], {}, pause, 0
        self.arrival = threading.Condition()
        self.greeting = "220 ready"

    def start(self):
        self.server = _Threads(("127.0.0.1", self.port), _Conversation)
        self.server.owner = self
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exception):
        self.stop()

    def wait_for(self, arrived, seconds=90):
        """Return what `arrived()` finds among what was delivered, as soon as it finds anything."""
        with self.arrival:
            found = self.arrival.wait_for(arrived, seconds)
        assert found, f"Not delivered after {seconds} seconds, but: {self.subjects}"
        return found

    @property
    def subjects(self):
        return [one.subject for one in self.delivered]


class _Threads(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        with suppress(ConnectionError):  # Whoever sent it was killed.
            self.talk(self.server.owner)

    def talk(self, owner):
        self.say(owner.greeting)
        to = []
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"QUIT":
                self.say("221 bye")
                break
            if verb == b"MAIL":
                to = []
                self.say("250 ok")
            elif verb == b"RCPT":
                address = re.search(rb"<(.*?)>", line)[1].decode()
                answer = owner.answers.get(address, "250 ok")
                if answer.startswith("250"):
                    to.append(address)
                self.say(answer)
            elif verb == b"DATA":
                self.say("354 go on")
                self.keep(owner, to)
            else:
                self.say("250 ok")

    def keep(self, owner, to):
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        message = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        with owner.arrival:
            owner.delivered.append(Delivered(to, message))
            owner.arrival.notify_all()
        time.sleep(owner.pause)
        self.say("250 kept")

    def say(self, words):
        self.wfile.write(f"{words}\r\n".encode())
