"""Refuse names of settings of earlier releases, and say today's."""

import os
from collections.abc import Mapping

from django.core.exceptions import ImproperlyConfigured

# Old environment variable, and setting of the same name where there is one: today's name.
ENVIRONMENT = {
    "ALERTS_ASKED": "LMS_ALERT_SIGNUP_RATE",
    "BOARD_MARK": "LMS_BOARD_LOGO",
    "BOARD_NAME": "LMS_BOARD_NAME",
    "CERTIFICATE_CHECKS": "LMS_CERTIFICATE_VERIFY_RATE",
    "DEMONSTRATION_LOGINS": "LMS_DEMONSTRATION_LOGINS",
    "MAIL_DELIVERY_BACKEND": "LMS_MAIL_DELIVERY_BACKEND",
    "SECOND_FACTOR_ISSUER": "LMS_SECOND_FACTOR_ISSUER",
    "SECOND_FACTOR_REQUIRED": "LMS_SECOND_FACTOR_REQUIRED",
    "TEST_CLOCK_FILE": "LMS_TEST_CLOCK_FILE",
    "TRUSTED_PROXIES": "LMS_TRUSTED_PROXIES",
}
# Old Django setting: today's name.
SETTINGS = ENVIRONMENT | {
    "BOARD_MODEL": "LMS_BOARD_MODEL",
    "CERTIFICATE_ASSETS": "LMS_PRINTING_ASSETS",
    "CERTIFICATE_FONTS": "LMS_PRINTING_FONTS",
    "DEVELOPMENT": "LMS_DEVELOPMENT",
    "EVERY_MINUTE": "LMS_PERIODIC_JOBS",
    "NIGHTLY": "LMS_NIGHTLY_JOBS",
}


def refuse_old_variables() -> None:
    """Raise ImproperlyConfigured if the environment sets an old name."""
    _refuse(ENVIRONMENT, [name for name in ENVIRONMENT if name in os.environ], "environment")


def refuse_old_settings(settings: object) -> None:
    """Raise ImproperlyConfigured if the settings module sets an old name."""
    _refuse(SETTINGS, [name for name in SETTINGS if hasattr(settings, name)], "settings")


def _refuse(renamed: Mapping[str, str], found: list[str], where: str) -> None:
    if found:
        names = ", ".join(f"{name} is now {renamed[name]}" for name in found)
        raise ImproperlyConfigured(f"Rename in the {where}: {names}.")
