"""Test settings, with a bare booking view added for comparison."""

from lms.settings.test import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"
