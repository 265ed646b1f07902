"""Share e-mail domains: what is shared proves nobody's job from then on, and ends none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import DomainNameValidator
from django.db import transaction

import history
from agencies.models import Domain, SharedDomain
from lms.refused import Refused

if TYPE_CHECKING:
    from agencies.models import Person

    By = Person | str


_is_domain = DomainNameValidator(accept_idna=False)


class DomainRefused(Refused):
    """Refusal whose message is for the office."""


def tidy(name: str) -> str:
    """Return a domain as addresses end in it: in small letters, without the @ and a last dot.

    One with accents is kept as it is sent ("xn--"), as addresses are. Raises DomainRefused.
    """
    name = name.strip().removeprefix("@").removesuffix(".")
    try:
        name = name.encode("idna").decode().lower()
        _is_domain(name)
    except (UnicodeError, ValidationError):
        raise DomainRefused("Enter a domain, such as portsmouth.example.org") from None
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
