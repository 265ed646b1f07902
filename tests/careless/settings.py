"""The site of the tests, but its booking button leads to a view that takes no care."""

from lms.settings.test import *  # noqa: F403

ROOT_URLCONF = "tests.careless.urls"
