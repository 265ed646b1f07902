"""Store the email domains that people of many organisations have."""

from django.db import models

from lms.operational import OperationalModel


class SharedDomain(OperationalModel):
    """Email domain that people of many organisations have, such as nhs.net or gmail.com.

    An address there shows who somebody is, never where they work.
    """

    name = models.CharField(
        "domain", max_length=120, unique=True, help_text="Without the @, such as nhs.net."
    )

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name
