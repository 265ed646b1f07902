"""End the sessions of people with power over others in time; let everybody end their own.

Staff, trainers and leads are signed out some hours after they signed in, and after some time in
which they used nothing; see LMS_SESSION_HOURS and LMS_SESSION_IDLE_MINUTES. Others keep Django's
14 days. When a session was last used is written at most once in 5 minutes.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from allauth.account import app_settings
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import OperationalError, transaction

import history
from agencies import access
from agencies.own_account.models import OpenSession, OpenSessionQuerySet
from agencies.own_account.proving import SIGNED_IN_AT
from lms.formatting import duration

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase
    from django.http import HttpRequest

    from agencies.models import Person

logger = logging.getLogger(__name__)
USED_AT, IS_SHORT = "used_at", "is_short"
WRITTEN_EVERY = 5 * 60  # seconds
IDLE, TOO_LONG = "idle", "too long"
# Rules that say whether somebody has power over others; upper rooms add theirs.
POWERS: list[Callable[[Person], bool]] = [lambda person: person.is_staff, access.is_agency_lead]
BROWSERS = {
    "Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet", "FxiOS": "Firefox",
    "Firefox": "Firefox", "CriOS": "Chrome", "Chrome": "Chrome", "Safari": "Safari",
}  # fmt: skip
SYSTEMS = {
    "iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows",
    "CrOS": "Chromebook", "Macintosh": "Mac", "Linux": "Linux",
}  # fmt: skip


def has_power(person: Person) -> bool:
    """Return whether the person works for the board, leads an agency or keeps registers."""
    return any(power(person) for power in POWERS)


def device_in_words(agent: str) -> str:
    """Name browser and system, such as "Chrome on Windows", and no more of the device."""
    known = [
        next((said for sign, said in signs.items() if re.search(rf"\b{sign}\b", agent)), "")
        for signs in (BROWSERS, SYSTEMS)
    ]
    return " on ".join(filter(None, known)) or "Unknown device"


def note_sign_in(sender, request, user, **kwargs) -> None:
    """Begin to watch a session; connected to Django's signal."""
    request.session[IS_SHORT] = has_power(user)
    _write_use(request, user, time.time())


def why_over(request: HttpRequest) -> str:
    """Return why this session is over, "" if it is not.

    One from before sessions were watched is watched from its next use on.
    """
    session, now = request.session, time.time()
    if SIGNED_IN_AT not in session:
        return ""
    idle_for = now - session.get(USED_AT, session[SIGNED_IN_AT])
    is_short = (
        session.get(IS_SHORT)
        if idle_for < WRITTEN_EVERY
        else has_power(cast("Person", request.user))
    )
    if not is_short:
        return ""
    if now - session.get(SIGNED_IN_AT, 0) >= settings.LMS_SESSION_HOURS * 3600:
        return TOO_LONG
    return IDLE if idle_for >= _idle_seconds() else ""


def seconds_left(session: SessionBase) -> int | None:
    """Return for how many seconds the session is good if it is used no more; None: for days."""
    if not session.get(IS_SHORT):
        return None
    until_over = session.get(SIGNED_IN_AT, 0) + settings.LMS_SESSION_HOURS * 3600
    until_idle = session.get(USED_AT, 0) + _idle_seconds()
    return max(0, round(min(until_over, until_idle) - time.time()))


def idle_time() -> str:
    """Return in words after which time without use somebody is signed out."""
    return duration(settings.LMS_SESSION_IDLE_MINUTES)


def _idle_seconds() -> int:
    minutes: int = settings.LMS_SESSION_IDLE_MINUTES
    return minutes * 60


def note_use(request: HttpRequest, *, at_once: bool = False) -> bool:
    """Write that the session is used, at most once in 5 minutes unless `at_once`.

    The session does not last longer for it. A page that is only read is shown without, where the
    database is busy. Returns False if the session was ended meanwhile.
    """
    now, session, person = time.time(), request.session, cast("Person", request.user)
    if not at_once and 0 <= now - session.get(USED_AT, 0) < WRITTEN_EVERY:
        return True
    session[IS_SHORT] = has_power(person)
    # A session from before sessions were watched proves nothing.
    began = session.setdefault(SIGNED_IN_AT, now - app_settings.REAUTHENTICATION_TIMEOUT)
    session.set_expiry(max(1, round(began + settings.SESSION_COOKIE_AGE - now)))
    try:
        with transaction.atomic():
            sessions = Session.objects.select_for_update()
            if not sessions.filter(pk=session.session_key).exists():
                return False
            _write_use(request, person, now)
    except OperationalError:
        logger.warning("Could not write that a session is used")
    return True


def _write_use(request: HttpRequest, person: Person, now: float) -> None:
    session = request.session
    session[USED_AT] = now
    if not session.session_key:
        session.save()
    used = {
        "person": person,
        "device": device_in_words(request.headers.get("User-Agent", "")),
        "last_used_at": dt.datetime.fromtimestamp(now, tz=dt.UTC),
    }
    began = dt.datetime.fromtimestamp(session[SIGNED_IN_AT], tz=dt.UTC)
    OpenSession.objects.update_or_create(
        session_id=session.session_key,
        defaults=used,
        create_defaults=used | {"signed_in_at": began},
    )


def note_end(person: Person, why: str) -> None:
    """Record that a session ended by itself."""
    history.record("person.session_over", person, by="SESSIONS", now={"why": why})


def end(session: OpenSession, *, by: Person) -> None:
    """End one of the person's own sessions."""
    _end(OpenSession.objects.filter(pk=session.pk), by)


def end_others(but: str | None, *, by: Person) -> int:
    """End all of the person's sessions but the one of this key; return how many."""
    return _end(OpenSession.objects.exclude(session_id=but), by)


@transaction.atomic
def _end(chosen: OpenSessionQuerySet, by: Person) -> int:
    theirs = chosen.visible_to(by).select_for_update(of=["self"])
    keys = list(theirs.values_list("session_id", flat=True))
    Session.objects.filter(pk__in=keys).delete()
    history.record_each("person.session_ended", [(by, {}, {}) for _ in keys], by=by)
    return len(keys)
