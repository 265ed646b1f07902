"""Resolve agencies to those they are today, through any number of mergers."""

from __future__ import annotations

from agencies.models import Agency


def agencies_today() -> dict[int, Agency]:
    """Map the id of every agency to the agency it is today: itself unless merged.

    Uses one query, however deep the mergers. A cycle of mergers, which the forms refuse, ends where
    it began.
    """
    agencies = {agency.pk: agency for agency in Agency.objects.order_by()}
    return {pk: _today(agency, agencies) for pk, agency in agencies.items()}


def _today(agency: Agency, agencies: dict[int, Agency]) -> Agency:
    passed: set[int] = set()
    while agency.merged_into_id and agency.pk not in passed:
        passed.add(agency.pk)
        agency = agencies[agency.merged_into_id]
    return agency
