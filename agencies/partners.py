"""Add and change the board's partner agencies, with their email domains.

`domains` are those that only the agency's people have, which prove that somebody works there;
`suggesting` those that others have too, which only suggest the agency.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

import history
from agencies import mergers
from agencies.free_text import printed
from agencies.models import Agency, Domain, Sector, SharedDomain
from lms.refused import Refused
from lms.registries import leavers

if TYPE_CHECKING:
    from agencies.models import Person

    By = Person | str


class PartnerRefused(Refused):
    """Change of an agency that is refused; the message is for the office."""


def add(name: str, sector: Sector, *, by: By, **details: Any) -> Agency:
    """Add an agency with its domains. Raises PartnerRefused."""
    return change(Agency(), name=name, sector=sector, by=by, **details)


def change(
    agency: Agency,
    *,
    domains: Collection[str] | None = None,
    suggesting: Collection[str] = (),
    by: By,
    **details: Any,
) -> Agency:
    """Change these fields of an agency; `domains` and `suggesting` replace those that it has.

    Raises PartnerRefused or MergerRefused, and then nothing has changed.
    """
    with transaction.atomic():
        is_new = agency.pk is None
        into = details.get("merged_into")
        if into and _merged_into(agency) != into.pk:
            mergers.lock_and_refuse(agency, into)
        if not is_new:
            agency = Agency.objects.select_for_update(of=["self"]).get(pk=agency.pk)
        was = {} if is_new else _facts(agency)
        for sentence in why_wrong(agency, details).values():
            raise PartnerRefused(sentence)
        for name, value in details.items():
            setattr(agency, name, value)
        agency.save()
        if domains is not None:
            _keep_domains(agency, set(domains), set(suggesting))
        now = _facts(agency)
        if now != was:
            action = "agency.added" if is_new else "agency.changed"
            history.record(action, agency, by=by, was=was, now=now)
        if now["merged_into"] != was.get("merged_into"):
            leavers.pass_on()
    return agency


def why_wrong(agency: Agency, details: Mapping[str, Any]) -> dict[str, str]:
    """Map each of these fields that cannot be so to the sentence that says why."""
    wrong = {}
    name = details.get("name", "")
    if name and name != agency.name and (why := printed.why_unprintable(name)):
        wrong["name"] = why
    into, on, parent = (details.get(name) for name in ("merged_into", "merged_on", "parent"))
    if into and _merged_into(agency) != into.pk:
        try:
            mergers.refuse(agency, into)
        except mergers.MergerRefused as refused:
            wrong["merged_into"] = str(refused)
    if bool(into) != bool(on):
        wrong["merged_on"] = "Give both the other agency and the day, or neither."
    if parent and agency.pk and agency.pk in _with_parents(parent):
        wrong["parent"] = f"{parent} already belongs to this agency. Choose another."
    return wrong


def _merged_into(agency: Agency) -> int | None:
    """Return the id that is stored: a form has changed the instance already."""
    stored = Agency.objects.filter(pk=agency.pk).values_list("merged_into", flat=True)
    return stored.first()


def _with_parents(agency: Agency | None) -> set[int]:
    """Return the agency with all agencies above it."""
    found: set[int] = set()
    while agency and agency.pk not in found:
        found.add(agency.pk)
        agency = agency.parent
    return found


def why_no_proof(name: str) -> str:
    """Say why this domain cannot prove where somebody works; empty if it can."""
    if not SharedDomain.objects.filter(name=name).exists():
        return ""
    return (
        f"People of many organisations have addresses at {name}, so it cannot confirm who works "
        f"here. Untick \u2018{Domain._meta.get_field('proves_job').verbose_name.capitalize()}\u2019"
    )


def _keep_domains(agency: Agency, proving: set[str], suggesting: set[str]) -> None:
    for name in sorted(proving):
        if why := why_no_proof(name):
            raise PartnerRefused(f"{why}.")
    elsewhere = Domain.objects.exclude(agency=agency)
    wrong = Q(name__in=proving) | Q(name__in=suggesting, proves_job=True)
    if taken := elsewhere.filter(wrong).first():
        raise PartnerRefused(f"{taken} is the domain of {taken.agency}. Remove it there first.")
    agency.domains.exclude(name__in=proving | suggesting).delete()
    for proves, names in ((True, proving), (False, suggesting - proving)):
        agency.domains.filter(name__in=names).update(proves_job=proves)
        new = names - set(agency.domains.values_list("name", flat=True))
        Domain.objects.bulk_create(
            Domain(agency=agency, name=name, proves_job=proves) for name in sorted(new)
        )


def _facts(agency: Agency) -> dict[str, object]:
    return {
        "name": agency.name,
        "sector": agency.sector_id,
        "parent": agency.parent_id,
        "merged_into": agency.merged_into_id,
        "merged_on": agency.merged_on.isoformat() if agency.merged_on else None,
        "domains": sorted(agency.domains.values_list("name", flat=True)),
        "suggesting": sorted(
            agency.domains.filter(proves_job=False).values_list("name", flat=True)
        ),
    }
