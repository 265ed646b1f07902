"""Test that tries are remembered while many others try."""

import datetime as dt

import pytest
import time_machine
from allauth.core.internal.ratelimit import consume
from django.core.cache import cache, caches
from django.core.management import call_command
from django.utils import timezone

from lms.settings import base
from lms.storage.counting_cache import CountingCache, forget_expired

pytestmark = pytest.mark.django_db

ATTACKER, OTHERS = "10.0.0.1", 5_000


def is_let_try(rf, address):
    request = rf.post("/accounts/login/", REMOTE_ADDR=address)
    limits = {"login_failed": "10/h/ip"}
    return consume(request, app="tests", action="login_failed", config=limits) is not None


def test_nine_tries_are_remembered_after_5000_other_addresses(rf, settings):
    settings.CACHES = base.CACHES
    call_command("createcachetable", verbosity=0)
    assert all(is_let_try(rf, ATTACKER) for _ in range(9))
    for number in range(OTHERS):
        address = f"10.{number // 250 + 1}.{number % 250}.7"
        cache.set(f"allauth:rl:tests:login_failed:10/3600/ip:ip:{address}", [1.0], 3600)
    assert isinstance(caches["default"], CountingCache)
    assert is_let_try(rf, ATTACKER)
    assert not is_let_try(rf, ATTACKER)
    assert is_let_try(rf, "10.0.0.2")


def test_what_is_over_is_deleted_by_night_and_nothing_else(settings):
    settings.CACHES = base.CACHES
    call_command("createcachetable", verbosity=0)
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        cache.set_many({f"over-{number}": 1 for number in range(5)}, 60)
        cache.set("of-a-day", 1, 24 * 3600)
        clock.shift(dt.timedelta(hours=1))
        assert (forget_expired(), forget_expired()) == (5, 0)
        assert cache.get("of-a-day") == 1
