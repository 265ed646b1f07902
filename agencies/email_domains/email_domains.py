"""Share email domains: what is shared proves nobody's job from then on, and ends none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

import history
from agencies.models import Domain, SharedDomain
from lms.refused import Refused

if TYPE_CHECKING:
    from agencies.models import Person

    By = Person | str


class DomainRefused(Refused):
    """Refusal whose message is for the office."""


def tidy(name: str) -> str:
    """Return a domain as it is kept: in small letters, without the @. Raises DomainRefused."""
    name = name.strip().lower().removeprefix("@")
    if "." not in name or not name.replace("-", "").replace(".", "").isalnum():
        raise DomainRefused("Enter a domain, such as portsmouth.example.org")
    return name


@transaction.atomic
def share(name: str, *, by: By) -> SharedDomain:
    """Add a domain to the shared ones: agencies that have it are only suggested from now on.

    Jobs that it has confirmed stay as they are, and are listed for the leads and the office.
    Idempotent. Raises DomainRefused.
    """
    shared, is_new = SharedDomain.objects.get_or_create(name=tidy(name))
    Domain.objects.filter(name=shared.name).update(proves_job=False)
    if is_new:
        history.record("domain.shared", shared, by=by, now={"domain": shared.name})
    return shared
