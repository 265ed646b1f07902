"""Keep for an hour what somebody typed into a form that they sent after their session had ended.

It is shown again to the same person in the same browser, once they have signed in. Files, access
needs, passwords and codes are never kept. A row is encrypted with a key that is in a cookie alone.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from agencies.own_account.models import KeptText
from lms.privacy.rules import Basis, privacy_rules

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import QueryDict

    from agencies.models import Person

COOKIE = "kept_text"
KEPT_FOR = dt.timedelta(hours=1)
MOST_BYTES = 64 * 1024
# Forms of one browser that are kept beside each other.
MOST_FORMS = 5
# Names of fields that are no text of a form, or secrets.
NEVER = re.compile(
    r"^(csrfmiddlewaretoken|code|otp|login)$|(^|[-_])(password\d?|token|secret)$", re.IGNORECASE
)


@dataclass
class Typed:
    """Text that was typed into the form at `action`, which is on the page at `page`.

    `is_filled` says that the page's own view has put it into the form.
    """

    page: str
    action: str
    values: Mapping[str, list[str]]
    is_filled: bool = False


def worth_keeping(sent: QueryDict) -> dict[str, list[str]]:
    """Return the values that may be kept; nothing if they are too long or nobody typed any."""
    never = special_fields()
    values = {
        name: each
        for name, each in sent.lists()
        if not NEVER.search(name) and name.rsplit("-", 1)[-1] not in never
    }
    size = len(json.dumps(values, ensure_ascii=False).encode())
    return values if size <= MOST_BYTES and any(map(any, values.values())) else {}


def special_fields() -> set[str]:
    """Return the fields about people's health and the like, from the registry of personal data."""
    return {
        name for rule in privacy_rules for name, held in rule.held() if held.basis is Basis.SPECIAL
    }


def new_key() -> str:
    """Return a key for a browser's cookie."""
    return secrets.token_urlsafe(32)


@transaction.atomic
def keep(person: Person, typed: Typed, *, key: str) -> None:
    """Keep this text of the person for an hour, in the place of an older one of the same form."""
    for row, older in _opened(KeptText.objects.filter(person=person, browser=_digest(key)), key):
        if (older.page, older.action) == (typed.page, typed.action):
            row.delete()
    text = json.dumps([typed.page, typed.action, typed.values])
    KeptText.objects.create(
        person=person,
        browser=_digest(key),
        sealed=_lock(key).encrypt(text.encode()).decode(),
        expires_at=timezone.now() + KEPT_FOR,
    )
    of_browser = KeptText.objects.filter(browser=_digest(key))
    too_many = list(of_browser.values_list("pk", flat=True)[MOST_FORMS:])
    KeptText.objects.filter(pk__in=too_many).delete()


def find(person: Person, *, key: str, page: str) -> Typed | None:
    """Return what this person typed in this browser on this page; None if nothing is kept."""
    rows = KeptText.objects.visible_to(person).filter(browser=_digest(key))
    return next((typed for _, typed in _opened(rows, key) if typed.page == page), None)


@transaction.atomic
def forget(*, key: str, action: str = "") -> None:
    """Delete what this browser sent to this form, or to any."""
    rows = KeptText.objects.filter(browser=_digest(key))
    for row, typed in _opened(rows, key):
        if action in ("", typed.action):
            row.delete()


def over(now: dt.datetime) -> QuerySet[KeptText]:
    """Return the texts whose hour is over."""
    return KeptText.objects.filter(expires_at__lt=now)


def delete(rows: Iterable[KeptText]) -> None:
    KeptText.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _opened(rows: Iterable[KeptText], key: str) -> Iterable[tuple[KeptText, Typed]]:
    for row in rows:
        try:
            page, action, values = json.loads(_lock(key).decrypt(row.sealed.encode()))
        except InvalidToken:
            continue
        yield row, Typed(page, action, values)


def _lock(key: str) -> Fernet:
    digest = hashlib.sha256(f"kept text {key} {settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def _digest(key: str) -> str:
    return hashlib.sha256(f"browser {key}".encode()).hexdigest()
