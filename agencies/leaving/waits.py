"""Say what of jobs can wait for an agency's leads, and who has it once they are gone.

A line manager to be confirmed waits on the lead's page, and on *This week* where there is no lead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from agencies import joining, mergers
from agencies.models import Board, Post
from lms import jobs
from lms.models import Mail
from lms.registries.leavers import Wait

if TYPE_CHECKING:
    from django.db.models import QuerySet


class JobsToConfirm(Wait):
    name = "jobs_to_confirm"
    order = 60
    what = "A job that an agency's leads were asked to confirm"
    next = "The agency's present leads, else the training office"

    def stranded(self) -> QuerySet[Post]:
        """Return waiting jobs of which no present lead, and without a lead not the office, heard.

        Who asked for the job is no lead of theirs.
        """
        told = Mail.objects.filter(
            template="job_waiting",
            about_type=Post._meta.label_lower,
            about_id=jobs.id_in_text(Post, OuterRef("pk")),
        )
        at = mergers.today(OuterRef("agency"))
        leads = Post.objects.of_leads().alias(at=mergers.today("agency"))
        leads = leads.filter(at=at).exclude(person=OuterRef("person"))
        its = mergers.today(OuterRef(OuterRef("agency")))
        lead_told = Post.objects.of_leads().alias(at=mergers.today("agency")).filter(at=its)
        lead_told = lead_told.filter(person__email=OuterRef("to"))
        nobody_told = ~Exists(told.filter(Exists(lead_told)))
        office_told = Exists(told.filter(to=Board.load().email))
        waiting = Post.objects.waiting_for_confirmation().filter(person__is_active=True)
        waiting = waiting.filter(nobody_told).exclude(~Exists(leads) & office_told)
        return waiting.select_related("person", "agency")

    def pass_on(self, post: Post) -> None:
        joining.tell_who_confirms(post)


class JobsOfClosedAccounts(Wait):
    name = "jobs_of_closed_accounts"
    order = 65
    what = "A job to be confirmed of somebody whose account is closed"
    next = "It ends: nobody has to decide about it"

    def stranded(self) -> QuerySet[Post]:
        waiting = Post.objects.waiting_for_confirmation().filter(person__is_active=False)
        return waiting.select_related("person", "agency")

    def pass_on(self, post: Post) -> None:
        joining.drop(post)


def without_a_lead() -> QuerySet[Post]:
    """Return jobs and managers that wait to be confirmed where no lead could do it."""
    leads = Post.objects.of_leads().alias(at=mergers.today("agency"))
    leads = leads.filter(at=mergers.today(OuterRef("agency"))).exclude(person=OuterRef("person"))
    posts = Post.objects.filter(person__is_active=True).filter(~Exists(leads))
    waiting = posts.waiting_for_confirmation() | posts.current().with_manager_to_confirm()
    return waiting.select_related("person", "agency").order_by("starts_on", "pk")


WAITS = [JobsToConfirm(), JobsOfClosedAccounts()]
