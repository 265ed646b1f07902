"""Settle what both accounts have of jobs, addresses, links and findings, before the rest moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.db.models import Q
from django.utils import timezone

from agencies import accounts
from agencies.models import Post, TwoPeople
from lms import links
from lms.models import ActionLink
from lms.registries.job_followers import tell_confirmed
from lms.registries.merging import Settler

if TYPE_CHECKING:
    from agencies.merging.moving import Moving


class Addresses(Settler):
    """Addresses: all that are verified stay so, and the kept account's own stays the main one.

    A kept account without an address takes over the other's main one.
    """

    name = "account.EmailAddress"
    order = 10

    def before(self, moving: Moving) -> None:
        mine = {each.email: each for each in EmailAddress.objects.filter(user=moving.kept)}
        theirs = list(EmailAddress.objects.filter(user=moving.other).order_by("pk"))
        if moving.kept.email:
            moving.change(EmailAddress, [each.pk for each in theirs], primary=False)
        for each in theirs:
            if same := mine.get(each.email):
                moving.take_out(EmailAddress, each.pk)
                if each.verified and not same.verified:
                    moving.change(EmailAddress, [same.pk], verified=True)


class Findings(Settler):
    """Findings that two accounts are two people's: of these two it ends, of others it moves."""

    name = "agencies.TwoPeople"
    order = 20

    def before(self, moving: Moving) -> None:
        kept, other = moving.kept.pk, moving.other.pk
        for found in TwoPeople.objects.filter(Q(older=other) | Q(newer=other)):
            third = found.newer_id if found.older_id == other else found.older_id
            if third == kept:
                moving.say(
                    "They were recorded as two people’s accounts. That is taken back by merging."
                )
            older, newer = sorted((third, kept))
            is_there = TwoPeople.objects.filter(older=older, newer=newer).exists()
            if third == kept or is_there:
                moving.take_out(TwoPeople, found.pk)
            else:
                moving.change(TwoPeople, [found.pk], older_id=older, newer_id=newer)


class Jobs(Settler):
    """Jobs: of two open ones at an agency one stays; leading an agency does not move."""

    name = "agencies.Post"
    order = 30

    def before(self, moving: Moving) -> None:
        self._lead_no_more(moving)
        self._manage_nobody_of_their_own(moving)
        self._end_doubles(moving)

    def after(self, moving: Moving) -> None:
        """Go on with what waited for a job that the other account's job has confirmed."""
        for job in moving.confirmed:
            job.refresh_from_db()
            tell_confirmed(job, moving.by)

    def _lead_no_more(self, moving: Moving) -> None:
        led = Post.objects.filter(person=moving.other, is_lead=True).select_related("agency")
        for job in led.order_by("pk"):
            if job.is_open:
                moving.say(
                    f"They led {job.agency} with the account that is closed. That does not move: "
                    "make them its lead again afterwards, under Jobs, if they still are."
                )
            moving.change(Post, [job.pk], is_lead=False)

    def _manage_nobody_of_their_own(self, moving: Moving) -> None:
        """Take off a line manager who would be the person themself."""
        both = (moving.kept.pk, moving.other.pk)
        emails = EmailAddress.objects.filter(user__in=both).values("email")
        theirs = Post.objects.filter(person__in=both)
        for job in theirs.filter(Q(line_manager__in=both) | Q(line_manager_email__in=emails)):
            nobody = {"line_manager_id": None, "line_manager_email": ""}
            moving.change(Post, [job.pk], line_manager_confirmed_at=None, **nobody)
            moving.say(
                f"As {job.title}, one account is the line manager of the other. The line manager "
                "is taken off that job, as nobody is their own."
            )

    def _end_doubles(self, moving: Moving) -> None:
        mine = {job.agency_id: job for job in Post.objects.open().filter(person=moving.kept)}
        theirs = Post.objects.open().filter(person=moving.other, agency__in=mine)
        for job in theirs.select_related("agency").order_by("pk"):
            same = mine[job.agency_id]
            stays, ends = (same, job) if same.is_confirmed or not job.is_confirmed else (job, same)
            last_day = max(ends.starts_on, timezone.localdate())
            moving.change(Post, [ends.pk], ends_on=last_day)
            moving.say(
                f"Both have a job at {job.agency}: {stays.title} stays, and {ends.title} "
                f"{'ends today' if ends.is_confirmed else 'is not confirmed'}."
            )
            if stays.is_confirmed and not ends.is_confirmed:
                moving.confirmed.append(stays)


class Links(Settler):
    """Links of emails about an account: those that sign in end, others move."""

    name = "lms.ActionLink"
    order = 90
    numbers = ("about_id",)

    def before(self, moving: Moving) -> None:
        links.revoke(moving.other, accounts.SIGN_IN_LINK)
        about = {"about_type": moving.other._meta.label_lower, "about_id": str(moving.other.pk)}
        its = ActionLink.objects.filter(**about).values_list("pk", flat=True)
        moving.change(ActionLink, list(its), about_id=str(moving.kept.pk))


SETTLERS = [Addresses(), Findings(), Jobs(), Links()]
