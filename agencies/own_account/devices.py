"""Know again the browser in which somebody signed in, so that strangers cannot keep them out.

Anybody can type anybody's address, and uses up the codes that it may get. A browser in which its
owner has signed in before is counted by itself, by a signed cookie ("device cookie") that proves
nothing else. So is who is signed in, for codes to their own address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.utils.crypto import get_random_string

from lms.web.rate_limits import mailbox_of

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from agencies.models import Person

# Name of the rate of codes to one address in ACCOUNT_RATE_LIMITS.
CODES = "code_to_address"
COOKIE = "signed_in_before"
SALT = "agencies.own_account.devices"
YEAR = 365 * 24 * 60 * 60
# People who are kept in one browser: the newest, where colleagues share a computer.
MOST = 5


def note_sign_in(sender, request, user, **kwargs) -> None:
    """Note for the answer that this browser is the person's; connected to Django's signal."""
    request.signed_in_now = user


class DeviceMiddleware:
    """Give the cookie to a browser in which somebody signs in."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if person := getattr(request, "signed_in_now", None):
            remember(request, response, person)
        return response


def remember(request: HttpRequest, response: HttpResponseBase, person: Person) -> None:
    device, people = _known(request)
    newest = [person.pk, *(pk for pk in people if pk != person.pk)][:MOST]
    response.set_cookie(
        COOKIE,
        signing.dumps([device or get_random_string(22), newest], salt=SALT),
        max_age=YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _known(request: HttpRequest) -> tuple[str, list[int]]:
    """Return the name of this browser and who signed in here, the newest first."""
    try:
        device, people = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=YEAR)
    except (signing.BadSignature, ValueError):
        return "", []
    return device, people


def counted_as(request: HttpRequest, email: str) -> str:
    """Return what a code to this address is counted by: its mailbox, or its owner's browser."""
    device, people = _known(request)
    if request.user.is_authenticated:
        device, people = f"signed in {request.user.pk}", [request.user.pk]
    mailbox = mailbox_of(email)
    owned = EmailAddress.objects.filter(email=email.strip().lower(), verified=True, user__in=people)
    return f"{mailbox} {device}" if people and owned.exists() else mailbox
