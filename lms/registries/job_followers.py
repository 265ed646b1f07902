"""Followers of a job: what waits until somebody confirms where a person works."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from lms.registries.base import Item, Registry


class JobFollower:
    """Kind of thing that waits for a job to be confirmed.

    The verbs of jobs call `confirmed` and `ended` in their transaction, once the job is saved.
    """

    name: ClassVar[str]
    order: ClassVar[int]

    def waiting(self, jobs: Sequence[Any]) -> dict[int, list[Item]]:
        """Return by job (pk) what waits for it, in a fixed number of queries."""
        raise NotImplementedError

    def confirmed(self, job: Any, by: Any) -> list[str]:
        """Go on with what waited for this job; return what became of it in sentences."""
        raise NotImplementedError

    def ended(self, job: Any, by: Any, *, reason: str, told: bool) -> list[str]:
        """End what waited for a job that is refused or withdrawn; return it in sentences.

        `told` says that the caller writes to the person, with these sentences.
        """
        raise NotImplementedError


job_followers = Registry[JobFollower]()


def waiting_for(jobs: Sequence[Any]) -> dict[int, list[Item]]:
    """Return by job (pk) all that waits for it."""
    found: dict[int, list[Item]] = defaultdict(list)
    for follower in job_followers:
        for job, items in follower.waiting(jobs).items():
            found[job] += items
    return dict(found)


def with_what_waits(jobs: Iterable[Any]) -> list[Any]:
    """List the jobs, each with what waits for it in `waits`."""
    found = list(jobs)
    waits = waiting_for(found)
    for job in found:
        job.waits = waits.get(job.pk, [])
    return found


def tell_confirmed(job: Any, by: Any) -> list[str]:
    """Go on with all that waited for this job, and return what became of it in sentences."""
    became = (follower.confirmed(job, by) for follower in job_followers)
    return [sentence for sentences in became for sentence in sentences]


def tell_ended(job: Any, by: Any, *, reason: str = "", told: bool = False) -> list[str]:
    """End all that waited for this job, and return what that was in sentences."""
    ended = (follower.ended(job, by, reason=reason, told=told) for follower in job_followers)
    return [sentence for sentences in ended for sentence in sentences]
