"""Settings of the control site: those of the tests, but two buttons lead to views without locks."""

from multiprocessing import get_context

from lms.settings.test import *  # noqa: F403

ROOT_URLCONF = "tests.careless.urls"
# Created before gunicorn forks, so that its two processes of four threads share it.
CARELESS_GATE = get_context("fork").Barrier(4, timeout=180)
