"""Settings of served sites whose back office a test enters without a second factor."""

from lms.settings.test import *  # noqa: F403

LMS_SECOND_FACTOR_REQUIRED = False
