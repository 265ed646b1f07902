"""Create, find, redeem and revoke emailed links that allow one action without signing in.

A link shows its page when opened and acts only when a button there is pressed, because mail
scanners follow links. The token is only in the mail; the database stores its hash.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db.models import Model
from django.http import Http404
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from lms.gathering import insert
from lms.logs import hidden as hidden
from lms.models import ActionLink


class LinkRefused(Exception):
    """Reason why a link no longer works, as a sentence for the person who opened it."""


def create(purpose: str, about: Model, *, sent_to: str, until: datetime) -> str:
    """Create a link for this purpose and object, valid until `until`; return its token."""
    token = secrets.token_urlsafe(24)
    insert(
        ActionLink(
            token_hash=_hash(token),
            purpose=purpose,
            about_type=about._meta.label_lower,
            about_id=str(about.pk),
            sent_to=sent_to,
            expires_at=until,
        )
    )
    return token


def address(path: str) -> str:
    """Return the absolute URL of a path of this site, for a mail."""
    return f"{settings.SITE_URL}{path}"


def find(purpose: str, token: str) -> ActionLink:
    """Return the link with this token, used or not. Raises Http404 if there is none."""
    found = ActionLink.objects.filter(purpose=purpose, token_hash=_hash(token)).first()
    if found is None:
        raise Http404
    return found


def redeem(link: ActionLink) -> None:
    """Mark the link as used, in the transaction of its action.

    Raises LinkRefused when it is used or expired. One UPDATE decides between concurrent requests.
    """
    now = timezone.now()
    unused = ActionLink.objects.filter(pk=link.pk, used_at=None, expires_at__gt=now)
    if not unused.update(used_at=now):
        raise LinkRefused(why_refused(ActionLink.objects.get(pk=link.pk)))


def why_refused(link: ActionLink) -> str:
    """Return why the link no longer works, or an empty string while it does."""
    if link.used_at:
        used = timezone.localtime(link.used_at)
        return f"This link was used on {used:%-d %B %Y at %H:%M}. It works once."
    if link.expires_at <= timezone.now():
        ended = timezone.localtime(link.expires_at)
        return f"This link was good until {ended:%-d %B %Y at %H:%M}."
    return ""


def revoke(about: Model, *purposes: str) -> None:
    """Revoke unused links for these purposes about this object."""
    revoke_many([about], *purposes)


def revoke_many(things: Sequence[Model], *purposes: str) -> None:
    """Revoke unused links for these purposes about many objects of one model."""
    expire_each_at(things, *purposes, moment=timezone.now())


def expire(link: ActionLink) -> None:
    """Expire a link now."""
    now = timezone.now()
    ActionLink.objects.filter(pk=link.pk, expires_at__gt=now).update(expires_at=now)


def expire_each_at(things: Sequence[Model], *purposes: str, moment: datetime) -> None:
    """Expire unused links for these purposes about objects of one model by `moment`."""
    if not things:
        return
    ActionLink.objects.filter(
        about_type=things[0]._meta.label_lower,
        about_id__in=[str(thing.pk) for thing in things],
        purpose__in=purposes,
        used_at=None,
        expires_at__gt=moment,
    ).update(expires_at=moment)


def keep_private(response):
    """Forbid caching a page behind a link and sending its URL to other sites as a referrer."""
    # With "no-referrer" a browser sends the page's own form with "Origin: null", which the CSRF
    # check refuses.
    response["Referrer-Policy"] = "same-origin"
    add_never_cache_headers(response)
    return response


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
