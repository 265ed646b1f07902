"""Configure the `lms` app: spreadsheet exports, email validation and SQLite's limits."""

import gc
import re
import sqlite3

from django.apps import AppConfig
from django.conf import settings
from django.core.validators import validate_email
from django.db.backends.signals import connection_created

from lms.settings.renamed import refuse_old_settings

# The unquoted local part of an address (RFC 5322, 3.2.3).
UNQUOTED = re.compile(
    r"[-!#$%&'*+/=?^_`{}|~0-9A-Z]+(\.[-!#$%&'*+/=?^_`{}|~0-9A-Z]+)*\Z", re.IGNORECASE
)


class LmsConfig(AppConfig):
    name = "lms"
    verbose_name = "System"

    def ready(self):
        refuse_old_settings(settings)
        from lms.privacy import general, own, third_party
        from lms.privacy.record_types import record_types
        from lms.privacy.rules import privacy_rules
        from lms.spreadsheets import listings
        from lms.web import rich_text

        listings.install()
        rich_text.parse_apart()
        record_types.register(*general.KEPT_IN_GENERAL, *general.ERASED_IN_TIME)
        privacy_rules.register(*own.RULES, *third_party.rules())
        # In every form, refuse quoted local parts ("a,b"@example.org): no mail goes out to them.
        validate_email.user_regex = UNQUOTED
        connection_created.connect(take_as_many_parameters_as_sqlite_does)
        # What is loaded by now stays: the collector, switched off while loading, leaves it alone.
        gc.freeze()
        gc.enable()


def take_as_many_parameters_as_sqlite_does(connection, **kwargs):
    """Raise Django 5.2's limit of 999 parameters to SQLite's own, as Django 6.0 does (#36143)."""
    if connection.vendor == "sqlite":
        limit = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
        connection.features.max_query_params = limit
