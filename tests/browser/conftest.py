"""Fixtures of the browser tests: `visit` opens the served site as somebody; `post_room`."""

import os
import shutil
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.watching import Watch, look_first
from tests.smtp import MailServer

PATIENCE = 60_000  # Milliseconds: a machine that runs other things besides is slow.
BROWSERS = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]
FLAGS = [
    "--no-sandbox",  # the tests may run as root
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No other host is asked.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE *.localhost",
]


@pytest.fixture(scope="session")
def chromium():
    """Start the system's own Chromium, once for all tests: nothing is downloaded."""
    path = next(filter(None, map(shutil.which, BROWSERS)))
    # Playwright keeps a loop running in this thread; Django would refuse it any query.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        look_first(patch)
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, served_site):
    """`page = visit(person)`: a browser of their own, signed in; `visit()` is a stranger's.

    Each page is watched until the test ends, which fails if any asked another host for anything,
    broke the Content-Security-Policy, raised an error, lacked a file, or shut somebody out (axe,
    WCAG 2.2 AA). `page.goto("/courses/")` is enough: addresses are the served site's.
    """
    watches = []

    def visit(person=None, *, width=1280, height=900, javascript=True, watched=True):
        context = chromium.new_context(
            base_url=served_site.address,
            viewport={"width": width, "height": height},
            java_script_enabled=javascript,
            locale="en-GB",
            timezone_id="Europe/London",
            accept_downloads=True,
        )
        context.set_default_timeout(PATIENCE)
        hosts = served_site.address, served_site.content_origin
        watches.append(Watch(context, *hosts, examine=javascript and watched))
        if person:
            context.add_cookies([session_of(person, served_site.address)])
        return context.new_page()

    yield visit

    complaints = [complaint for watch in watches for complaint in watch.finish()]
    assert not complaints, "\n".join(["What went wrong on the pages passed:", *complaints])


@pytest.fixture
def post_room(served_site):
    """Start a mail server, and a worker that sends to it."""
    with MailServer() as server:
        served_site.worker(
            "--interval",
            "0.2",
            EMAIL_URL=f"smtp://127.0.0.1:{server.port}",
            LMS_MAIL_DELIVERY_BACKEND="lms.mail.smtp.SmtpBackend",
        )
        yield server


def session_of(person, address):
    """Make the cookie of somebody who has just signed in: staff with their second factor."""
    from allauth.account.internal.flows.login import record_authentication
    from allauth.mfa.totp.internal.auth import TOTP
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.utils import timezone

    from agencies.own_account.proving import SIGNED_IN_AT

    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[SIGNED_IN_AT] = timezone.now().timestamp()
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    if person.is_staff:
        if not person.authenticator_set.exists():
            TOTP.activate(person, "A" * 32)
        record_authentication(SimpleNamespace(session=session), person, "mfa", type="totp")
    session.save()
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": session.session_key,
        "url": address,
        "httpOnly": True,
    }
