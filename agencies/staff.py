"""List an agency's staff and who joined, moved and left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from agencies.models import Agency, Post
from lms import periods

JOINED, MOVED, LEFT = "Joined", "Moved", "Left"
HEADINGS = [
    "Name", "Email address", "Job title", "Profession", "Agency", "From", "To",
    "Line manager's address", "Confirmed",
]  # fmt: skip


@dataclass(frozen=True)
class Change:
    """A person's joining, leaving, or moving between agencies of the same lead."""

    on: dt.date
    what: str
    post: Post
    from_agency: Agency | None = None


def last_quarter_began() -> dt.date:
    """Return the first day of the previous quarter."""
    quarter = periods.quarter_begins(timezone.localdate())
    return periods.quarter_begins(quarter - dt.timedelta(days=1))


def changes(agencies: Sequence[Agency], *, since: dt.date) -> list[Change]:
    """List changes, newest first. Moves are recognised only among these agencies."""
    recent = Q(starts_on__gte=since) | Q(ends_on__gte=since)
    posts = Post.objects.confirmed().filter(recent, agency__in=agencies).order_by("pk")
    posts = posts.select_related("person", "agency", "role_group")
    today = timezone.localdate()
    left = {p.person_id: p for p in posts if p.ends_on and since <= p.ends_on <= today}
    joined = [p for p in posts if since <= p.starts_on <= today]
    told = []
    for post in joined:
        before = left.get(post.person_id)
        if before and before.pk != post.pk and before.ends_on <= post.starts_on:
            told.append(Change(post.starts_on, MOVED, post, left.pop(post.person_id).agency))
        else:
            told.append(Change(post.starts_on, JOINED, post))
    told += [Change(post.ends_on, LEFT, post) for post in left.values() if post.ends_on]
    return sorted(told, key=lambda change: (change.on, change.post.pk), reverse=True)


def cells(post: Post) -> list[str | dt.date | None]:
    """List a job's values for an export, in the order of HEADINGS."""
    return [
        post.person.name,
        post.person.email,
        post.title,
        post.role_group.name if post.role_group else "",
        post.agency.name,
        post.starts_on,
        post.ends_on,
        post.line_manager_email,
        "Yes" if post.has_known_manager else "" if not post.line_manager_email else "No",
    ]
