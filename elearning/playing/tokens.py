"""Tokens by which the content host knows an attempt: it reads no cookie."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.core import signing
from django.utils import timezone

SALT = "elearning.playing"
LASTS = dt.timedelta(hours=12)


@dataclass(frozen=True)
class Play:
    """Part (pk of PackageItem) of an attempt (pk) that its token lets somebody play.

    `folder` holds the package's files.
    """

    attempt: int
    item: int
    folder: str
    token: str


def make_token(attempt: int, item: int, folder: str) -> str:
    """Sign the right to play this part of this attempt (pks) from this folder of packages."""
    until = int((timezone.now() + LASTS).timestamp())
    return signing.dumps([attempt, item, folder, until], salt=SALT).replace(":", "~")


def read_token(token: str) -> Play | None:
    """Return what a token allows; None if it is altered or its time is over. Asks no database."""
    try:
        attempt, item, folder, until = signing.loads(token.replace("~", ":"), salt=SALT)
    except (signing.BadSignature, ValueError):
        return None
    is_over = dt.datetime.fromtimestamp(until, dt.UTC) <= timezone.now()
    return None if is_over else Play(attempt, item, folder, token)
