import re

from django.apps import AppConfig
from django.core.validators import validate_email

# What stands before the @, without quotation marks (RFC 5322, 3.2.3).
UNQUOTED = re.compile(
    r"[-!#$%&'*+/=?^_`{}|~0-9A-Z]+(\.[-!#$%&'*+/=?^_`{}|~0-9A-Z]+)*\Z", re.IGNORECASE
)


class LmsConfig(AppConfig):
    name = "lms"
    verbose_name = "System"

    def ready(self):
        from lms import listings

        listings.install()
        # In every form: nobody has an address such as "a,b"@example.org, which no mail goes out to.
        validate_email.user_regex = UNQUOTED
