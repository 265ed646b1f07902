"""Test that a site made of a backup by the commands of docs/operations.md alone is the same site.

Slow: `make stress` runs it. The script has no command that is not in the document.
"""

import hashlib
import os
import re
import signal
import subprocess
import threading
import time
from http.client import HTTPConnection
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import connections
from django.test import override_settings
from wagtail.documents import get_document_model

from agencies.access import TRAINING_ADMINISTRATORS
from certificates.models import Certificate
from home.demonstration.making import make
from lms.management.as_one import die_with_parent
from lms.models import Mail
from tests.databases import ROOT, in_use
from tests.factories import MailFactory, PersonFactory, in_days
from tests.servers import storages_in
from tests.smtp import MailServer

in_stress = pytest.mark.skipif("ROUNDS" not in os.environ, reason="make stress runs it")
HOST = "learning.example.org"
SECTION = re.compile(r"^## Back up and restore\n(.*?)^## ", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"(?:^ {4}\S.*\n)+", re.MULTILINE)
# Pages that the crawl begins with; it follows the links of each.
ENTRANCES = ("/", "/my/", "/cms/", "/courses/", "/protocols/", "/search/?q=child", "/healthz")
MOST_PAGES = 250


def blocks_of_commands():
    """Return the commands of the section, block by block: make, restore and serve, release."""
    section = SECTION.search((ROOT / "docs" / "operations.md").read_text())[1]
    found = [block.replace("\n    ", "\n").strip() for block in BLOCK.findall(section)]
    backing_up, restoring, releasing = found
    return backing_up, restoring, releasing


def test_the_section_has_the_commands_that_the_script_runs():
    backing_up, restoring, releasing = blocks_of_commands()
    assert backing_up.count("manage.py backup") == 2
    assert restoring.splitlines()[0].endswith('manage.py restore "$BACKUP"')
    assert restoring.splitlines()[-1].endswith("manage.py serve")
    assert releasing.endswith("manage.py send_held_mail")


class Place:
    """Production settings for one database and folder, in which commands are run."""

    def __init__(self, database_url, folder, port, mail_port):
        folder.mkdir(parents=True, exist_ok=True)
        self.port, self.log = port, folder.parent / "said.log"
        self.environment = {name: os.environ[name] for name in ("PATH", "HOME")} | {
            "DJANGO_SETTINGS_MODULE": "lms.settings.production",
            "SECRET_KEY": settings.SECRET_KEY,
            "ALLOWED_HOSTS": HOST,
            "SITE_URL": f"https://{HOST}",
            "LMS_TRUSTED_PROXIES": "1",
            "DATABASE_URL": database_url,
            "DATA_DIR": str(folder),
            "STATIC_ROOT": str(folder.parent / "static"),
            "BACKUP": str(folder.parent.parent / "backup"),
            "PORT": str(port),
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
            "LMS_CERTIFICATE_VERIFY_RATE": "1000/m/ip",
        }

    def run(self, commands):
        before = len(self.said())
        done = self.start(commands)
        done.wait(timeout=300)
        assert done.returncode == 0, self.said()[before:]
        return self.said()[before:]

    def start(self, commands):
        """Run commands that write into a file: nobody empties a pipe while the site is served."""
        parent = os.getpid()
        with self.log.open("ab") as log:
            return subprocess.Popen(
                ["bash", "-euc", commands],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(parent),
            )

    def said(self):
        return self.log.read_text() if self.log.exists() else ""

    def ask(self, path, cookie=""):
        """Return status, headers and content of a page, as a proxy asks for it."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            headers = {"Host": HOST, "X-Forwarded-Proto": "https", "Cookie": cookie}
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def wait_until_it_answers(self, process, seconds=240):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert process.poll() is None, self.said()
            try:
                return self.ask("/healthz")
            except ConnectionError:
                time.sleep(0.2)
        raise AssertionError("It did not answer.")


def free_port():
    with MailServer() as server:
        return server.port


@pytest.fixture
def servers():
    with MailServer() as mail:
        yield mail, free_port()


def of_office():
    """Return the cookie of an administrator who is signed in with a second factor."""
    person = PersonFactory(
        name="Ola Office", is_staff=True, is_superuser=True, groups=[TRAINING_ADMINISTRATORS]
    )
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "x"})
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "agencies.signing_in.PersonBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time()}]
    session.save()
    return f"sessionid={session.session_key}"


def files_below(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith("lms.sqlite3")
    }


class Load:
    """Threads that upload, delete and write mail until they are told to stop."""

    def __init__(self):
        self.done, self.written, self.errors = threading.Event(), 0, []
        self.threads = [threading.Thread(target=self.write, args=(n,)) for n in range(3)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *raised):
        self.done.set()
        for thread in self.threads:
            thread.join()

    def write(self, number):
        try:
            while not self.done.is_set():
                name = f"load-{number}-{self.written}.pdf"
                made = get_document_model().objects.create(
                    title=name, file=ContentFile(os.urandom(10_000), name)
                )
                self.written += 1
                if self.written % 3 == 0:
                    file = made.file
                    made.delete()
                    file.storage.delete(file.name)
                MailFactory(template="job_confirmed", due_at=in_days(-1))
                time.sleep(0.02)
        except Exception as error:
            self.errors.append(error)
        finally:
            connections.close_all()


def crawl(place, cookie):
    """Ask for every page that links lead to; return the status of each."""
    waiting, found = list(ENTRANCES), {}
    kinds = {}
    while waiting and len(found) < MOST_PAGES:
        path = waiting.pop(0)
        if path in found:
            continue
        status, headers, content = place.ask(path, cookie)
        found[path] = status
        if status in (301, 302):
            waiting.append(urlsplit(headers["Location"]).path)
        if "text/html" not in headers.get("Content-Type", ""):
            continue
        for link in re.findall(r'(?:href|src)="([^"#]+)"', content.decode()):
            parts = urlsplit(urldefrag(urljoin(path, link.replace("&amp;", "&")))[0])
            is_ours = parts.scheme in ("", "https") and parts.netloc in ("", HOST)
            # A few pages of each kind are enough.
            kind = re.sub(r"\d+|[0-9a-f-]{20,}", "N", parts.path)
            kinds[kind] = kinds.get(kind, 0) + 1
            if is_ours and kinds[kind] <= 3 and "logout" not in parts.path:
                waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return found


@in_stress
@pytest.mark.race
@pytest.mark.long(reason="serves a restored site and asks for all of its pages")
def test_a_site_restored_by_the_document_alone_is_the_same_and_writes_to_nobody(
    own_database, database_server, own_name, tmp_path, servers
):
    mail, port = servers
    backing_up, restoring, releasing = blocks_of_commands()
    live = tmp_path / "live" / "data"
    began = time.monotonic()
    with override_settings(**storages_in(live)):
        make(people=60, runs=12, bookings=120, seed=1, today=in_days(0).date())
        call_command("worker", batch=True)  # draws the certificates
        cookie = of_office()
        before = Place(own_database, live, port, mail.port)
        with Load() as load:
            said = before.run(backing_up)
    assert not load.errors and load.written > 10
    copied = int(re.search(r"Copied: ([\d,]+) files", said)[1].replace(",", ""))
    took = time.monotonic() - began

    # The live site is gone from here on.
    database = database_server.create_empty(f"{own_name}_restored")
    place = Place(database_server.url(database), tmp_path / "new" / "data", port, mail.port)
    served = place.start(restoring)
    try:
        status, _, body = place.wait_until_it_answers(served)
        assert status == 200 and body.startswith(b"ok\nThis is a restored copy")
        backup = tmp_path / "backup" / "files"
        kept = {
            path.removeprefix("default/") if not path.startswith("default/")
            else f"media/{path.removeprefix('default/')}": digest
            for path, digest in files_below(backup).items()
        }  # fmt: skip
        restored = files_below(tmp_path / "new" / "data")
        assert {path: restored.get(path) for path in kept} == kept
        assert len(kept) == copied - 1
        found = crawl(place, cookie)
        wrong = {path: status for path, status in found.items() if status not in (200, 301, 302)}
        assert wrong == {} and len(found) > 100
        with in_use(database), override_settings(**storages_in(tmp_path / "new" / "data")):
            waiting = Mail.objects.queued().count()
            for document in get_document_model().objects.all():
                assert document.file.storage.exists(document.file.name)
            certificates = list(Certificate.objects.all())
            assert certificates and waiting
            for certificate in certificates:
                with storages["certificates"].open(certificate.pdf.name) as opened:
                    content = opened.read()
                assert hashlib.sha256(content).hexdigest() == certificate.sha256
            time.sleep(5)  # Some rounds of the worker.
            assert mail.delivered == []
        place.run(releasing)
        mail.wait_for(lambda: len(mail.delivered) >= min(waiting, 50))
        assert b"restored" not in place.ask("/healthz")[2] or time.sleep(6) is None
        assert place.ask("/healthz")[2] == b"ok"
    finally:
        os.killpg(served.pid, signal.SIGTERM)
        served.wait(timeout=60)
        database_server.drop(database)
        # pytest shows it if the test fails.
        print(f"\nThe restored site said:\n{place.said()[-5000:]}")
    print(
        f"\nmade, worked off and backed up under load in {took:.0f} s: {copied} files, "
        f"{load.written} uploads; restored, {len(found)} pages asked for, "
        f"{len(certificates)} certificates verified; {waiting} mails held back, none sent; "
        f"all in {time.monotonic() - began:.0f} s"
    )
