"""Say what of jobs can wait for an agency's leads, and who has it once they are gone.

A line manager to be confirmed waits on the lead's page too, and on *This week* where nobody leads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db.models import Exists, OuterRef

from agencies import joining, mergers
from agencies.models import Board, Post
from lms import jobs
from lms.models import Mail
from lms.registries.leavers import Wait

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from agencies.models import PostQuerySet


class ToConfirm(Wait):
    """Part of a job that the agency's leads, or the office where nobody leads, are to confirm."""

    next = "The agency's present leads, else the training office"
    template: ClassVar[str]

    def waiting(self) -> QuerySet[Post]:
        raise NotImplementedError

    def mails_asking(self) -> QuerySet[Mail]:
        """Return the mails that asked about a job of the outer query."""
        about = jobs.id_in_text(Post, OuterRef("pk"))
        about_type = Post._meta.label_lower
        return Mail.objects.filter(template=self.template, about_type=about_type, about_id=about)

    def stranded(self) -> QuerySet[Post]:
        """Return jobs of which no present lead, and without a lead not the office, heard.

        Who asked for the job is no lead of theirs.
        """
        told = self.mails_asking()
        at = mergers.today(OuterRef("agency"))
        leads = Post.objects.of_leads().alias(at=mergers.today("agency"))
        leads = leads.filter(at=at).exclude(person=OuterRef("person"))
        its = mergers.today(OuterRef(OuterRef("agency")))
        lead_told = Post.objects.of_leads().alias(at=mergers.today("agency")).filter(at=its)
        lead_told = lead_told.filter(person__email=OuterRef("to"))
        nobody_told = ~Exists(told.filter(Exists(lead_told)))
        office_told = Exists(told.filter(to=Board.load().email))
        waiting = self.waiting().filter(person__is_active=True)
        waiting = waiting.filter(nobody_told).exclude(~Exists(leads) & office_told)
        return waiting.select_related("person", "agency")


class JobsToConfirm(ToConfirm):
    name = "jobs_to_confirm"
    order = 60
    what = "A job that an agency's leads were asked to confirm"
    template = "job_waiting"

    def waiting(self) -> QuerySet[Post]:
        return Post.objects.waiting_for_confirmation()

    def pass_on(self, post: Post) -> None:
        joining.tell_who_confirms(post)


class ManagersToConfirm(ToConfirm):
    name = "managers_to_confirm"
    order = 62
    what = "A line manager whom an agency's leads were asked to confirm"
    template = "manager_waiting"

    def waiting(self) -> QuerySet[Post]:
        """Return jobs about whose manager somebody was asked: others wait on the lead's page."""
        return Post.objects.current().with_manager_to_confirm().filter(Exists(self.mails_asking()))

    def pass_on(self, post: Post) -> None:
        joining.ask_about_manager(post)


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
    posts = not_led()
    waiting = posts.waiting_for_confirmation() | posts.current().with_manager_to_confirm()
    return waiting.select_related("person", "agency").order_by("starts_on", "pk")


def not_led() -> PostQuerySet:
    """Return jobs of people with an account whose agency no other person leads."""
    leads = Post.objects.of_leads().alias(at=mergers.today("agency"))
    leads = leads.filter(at=mergers.today(OuterRef("agency"))).exclude(person=OuterRef("person"))
    return Post.objects.filter(person__is_active=True).filter(~Exists(leads))


WAITS = [JobsToConfirm(), ManagersToConfirm(), JobsOfClosedAccounts()]
