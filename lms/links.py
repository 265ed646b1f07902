"""Who may do one thing without signing in, because we wrote to them?

A link shows its page when it is opened and acts only when a button on it is pressed: programs that
read mail follow links. The token is in the mail alone; what is stored is its hash.
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
from lms.models import Link


class LinkRefused(Exception):
    """Why this link does nothing any more: a sentence for the person who opened it."""


def create(purpose: str, about: Model, *, sent_to: str, until: datetime) -> str:
    """Make a link for this purpose and this thing, good until then; return its token."""
    token = secrets.token_urlsafe(24)
    insert(
        Link(
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
    """The whole address of a path of ours, for a mail."""
    return f"{settings.SITE_URL}{path}"


def find(purpose: str, token: str) -> Link:
    """The link of this token, used or not; what was never sent does not exist (Http404)."""
    found = Link.objects.filter(purpose=purpose, token_hash=_hash(token)).first()
    if found is None:
        raise Http404
    return found


def redeem(link: Link) -> None:
    """The link is used, and never again; in the transaction of what it did.

    Raises LinkRefused when it was used or its time is over. One UPDATE decides between two.
    """
    now = timezone.now()
    unused = Link.objects.filter(pk=link.pk, used_at=None, expires_at__gt=now)
    if not unused.update(used_at=now):
        raise LinkRefused(why_refused(Link.objects.get(pk=link.pk)))


def why_refused(link: Link) -> str:
    """Empty while the link can be used."""
    if link.used_at:
        used = timezone.localtime(link.used_at)
        return f"This link was used on {used:%-d %B %Y at %H:%M}. It works once."
    if link.expires_at <= timezone.now():
        ended = timezone.localtime(link.expires_at)
        return f"This link was good until {ended:%-d %B %Y at %H:%M}."
    return ""


def revoke(about: Model, *purposes: str) -> None:
    """What was sent about this thing, for these purposes, does nothing from now on."""
    revoke_many([about], *purposes)


def revoke_many(things: Sequence[Model], *purposes: str) -> None:
    """The same for many things of one model."""
    end_each_by(things, *purposes, moment=timezone.now())


def end(link: Link) -> None:
    """It does nothing from now on."""
    now = timezone.now()
    Link.objects.filter(pk=link.pk, expires_at__gt=now).update(expires_at=now)


def end_each_by(things: Sequence[Model], *purposes: str, moment: datetime) -> None:
    """End what was sent about these things (of one model), for these purposes, by that moment."""
    if not things:
        return
    Link.objects.filter(
        about_type=things[0]._meta.label_lower,
        about_id__in=[str(thing.pk) for thing in things],
        purpose__in=purposes,
        used_at=None,
        expires_at__gt=moment,
    ).update(expires_at=moment)


def keep_private(response):
    """A page behind a link is kept nowhere, and no other site learns its address."""
    # With "no-referrer" a browser would send the page's own form from nowhere ("Origin: null"), and
    # the check against forged forms would refuse it.
    response["Referrer-Policy"] = "same-origin"
    add_never_cache_headers(response)
    return response


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
