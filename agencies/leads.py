"""Decide who answers for each agency: mails to many agencies at once ask here.

The same rule as `PersonQuerySet.leading` (asked of one agency) and `access.agencies_led_by` (asked
of a person): the leads of the agency and of all that it was merged into.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from agencies.mergers import Lineages
from agencies.models import Person, Post


class LeadsByAgency:
    """Leads among the holders of these current jobs, which are fetched with their person."""

    def __init__(self, posts: Iterable[Post], lineages: Lineages) -> None:
        self._lineages = lineages
        self._leads: dict[int, list[Person]] = defaultdict(list)
        for post in posts:
            if post.is_lead:
                self._leads[post.agency_id].append(post.person)

    def __getitem__(self, agency: int) -> list[Person]:
        """List who answers for the agency of this id, each person once."""
        found = (self._leads.get(each, []) for each in self._lineages.of(agency))
        return list(dict.fromkeys(person for people in found for person in people))
