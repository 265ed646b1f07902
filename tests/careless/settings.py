"""The site of the tests, but two buttons lead to views that take no care."""

from multiprocessing import get_context

from lms.settings.test import *  # noqa: F403

ROOT_URLCONF = "tests.careless.urls"
# Made before gunicorn forks, so that its two processes of four threads each have it in common.
CARELESS_GATE = get_context("fork").Barrier(4, timeout=180)
