"""Test that a served site follows the clock that a test moves."""

import datetime as dt
import urllib.request
from email.utils import parsedate_to_datetime

import pytest
from django.utils import timezone

from lms.models import NightlyRun
from tests.factories import in_days
from tests.servers import wait_until


def time_of(site):
    """Return the Date header of the web server's response."""
    with urllib.request.urlopen(site.url("/healthz")) as answer:
        return parsedate_to_datetime(answer.headers["Date"])


@pytest.mark.long(reason="a site and a worker are started anew")
def test_the_site_its_worker_and_the_test_have_one_time(served_site, clock):
    served_site.worker("--interval", "0.1")
    for noon in (in_days(40, at="12:00"), in_days(20, at="12:00")):
        clock.move_to(noon)
        assert timezone.now() - noon < dt.timedelta(minutes=1)
        assert abs(time_of(served_site) - noon) < dt.timedelta(minutes=1)
        # The worker starts that day's nightly jobs.
        wait_until(NightlyRun.objects.filter(day=noon.date()).exists)


def test_after_a_test_the_clock_tells_the_real_time_again(served_site):
    assert abs(time_of(served_site) - timezone.now()) < dt.timedelta(minutes=1)
