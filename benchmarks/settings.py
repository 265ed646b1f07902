"""The site of the tests, and beside it a bare view to measure it against."""

from lms.settings.test import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"
