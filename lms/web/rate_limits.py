"""Limit how often somebody asks: each person for themself, an address on the internet generously.

A training room, a hospital or a town hall has one address, so that an address alone says little
about who asks. Rates are written as allauth writes them: "60/m/user,600/m/ip" is 60 a minute for a
person who is signed in, and 600 for all others of one address.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from allauth.core.internal import ratelimit
from django.conf import settings
from django.core.cache import caches
from django.shortcuts import render

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

# Process-local: a search writes nothing to the database, and a full disk refuses none.
MEMORY = "memory"
FILE_ENDINGS = (".csv", ".xlsx", ".json", ".pdf")
# Mailboxes that take no notice of dots in front of the @.
WITHOUT_DOTS = ("gmail.com", "googlemail.com")


def may(request: HttpRequest, what: str, rates: str, *, key: str | None = None) -> bool:
    """Count one more of this kind; return False if the limit is reached.

    Who is signed in counts by themself. `key` is what "/key" rates count by, an email address.
    """
    counted = {what: _for(request, rates)}
    limit = {"app": "lms", "action": what, "key": key}
    if ratelimit.consume(request, **limit, config=counted, limit_get=True):
        return True
    # It refuses too while it waits in vain for a count that another press of theirs, or somebody
    # else of their address, is writing, or that was killed while writing: no reason to speak of too
    # many. Email to an address that a stranger typed does not go out uncounted.
    if request.user.is_anonymous and key is not None:
        return False
    return not any(
        _is_used_up(request, rate, limit) for rate in ratelimit.parse_rates(counted[what])
    )


def _is_used_up(request: HttpRequest, rate: ratelimit.Rate, limit: dict[str, str | None]) -> bool:
    moments = caches["default"].get(ratelimit.get_cache_key(request, **limit, rate=rate), [])
    allowed, _ = ratelimit.apply_rate(moments, time.time(), rate, dry_run=True)
    return not allowed


def _for(request: HttpRequest, rates: str) -> str:
    """Return the rates that count for this caller: a person's own, or those of their address."""
    left_out = "/ip" if request.user.is_authenticated and "/user" in rates else "/user"
    parts = [part.strip() for part in rates.split(",")]
    return ",".join(part for part in parts if not part.endswith(left_out))


def mailbox_of(email: str) -> str:
    """Return the mailbox of an email address, to count by: some+thing@ and some@ are one."""
    name, _, domain = email.strip().lower().rpartition("@")
    name = name.partition("+")[0] or name
    return f"{name.replace('.', '') if domain in WITHOUT_DOTS else name}@{domain}"


def may_in_memory(request: HttpRequest, what: str, rates: str) -> bool:
    """Count as `may` does, in this process alone and by whole minutes or hours."""
    memory, allowed = caches[MEMORY], True
    for rate in ratelimit.parse_rates(_for(request, rates)):
        who = request.user.pk if rate.per == "user" else ratelimit.get_ip(request)
        key = f"{what}:{rate}:{who}:{time.time() // rate.duration}"
        memory.add(key, 0, rate.duration)
        allowed &= memory.incr(key) <= rate.amount
    return allowed


def refused(request: HttpRequest, sentence: str) -> HttpResponse:
    """Render the page that says that there were too many, and what to do."""
    return render(request, "too_many.html", {"sentence": sentence}, status=429)


class RateLimitMiddleware:
    """Limit searches, exports, and the presses that book or cancel a place, on whatever page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: object) -> HttpResponse | None:
        if is_search(request) and not may_in_memory(request, "search", settings.LMS_SEARCH_RATE):
            return refused(
                request, "You’ve searched many times in a short time. Try again in a minute."
            )
        if is_export(request) and not may(request, "export", settings.LMS_EXPORT_RATE):
            return refused(
                request, "You’ve downloaded many files in a short time. Try again in an hour."
            )
        if is_booking(request) and not may(request, "booking", settings.LMS_BOOKING_RATE):
            return refused(
                request,
                "You’ve booked or cancelled many places in a short time, so this was not saved. "
                "Try again in an hour, or ask the training office.",
            )
        return None


def is_search(request: HttpRequest) -> bool:
    """Return whether words are sought; in the back office each key that is pressed asks."""
    return bool(request.GET.get("q", "").strip()) and not request.path.startswith("/cms/")


def is_export(request: HttpRequest) -> bool:
    """Return whether a file of people or lists is made for who is signed in."""
    if request.user.is_anonymous:
        return False
    return bool(request.GET.get("export")) or request.path.endswith(FILE_ENDINGS)


def is_booking(request: HttpRequest) -> bool:
    """Return whether this press books or cancels; of a page of steps only the step that does."""
    match = request.resolver_match
    if request.method != "POST" or match is None:
        return False
    step = getattr(match.func, "confirmed_by", None)
    is_that_step = step is None or step in request.POST
    return is_that_step and match.view_name in settings.LMS_BOOKING_VIEWS
