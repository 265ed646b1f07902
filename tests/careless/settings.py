"""The site of the tests, but two buttons lead to views that take no care."""

from lms.settings.test import *  # noqa: F403

ROOT_URLCONF = "tests.careless.urls"
