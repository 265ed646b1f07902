"""Say what of drafts and cascades can wait for a person, and who has it once they are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from wagtail.models import TaskState

from agencies import mergers
from agencies.models import Post
from lms import jobs
from lms.models import Mail
from lms.registries.leavers import Wait
from protocols.approval import newcomers, stuck
from protocols.cascade import notices
from protocols.models import Approval, BoardStep, Dissemination, Edition

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet


class DraftsOfAgencies(Wait):
    name = "drafts_of_agencies"
    order = 70
    what = "A draft that an agency was asked to approve"
    next = "The agency's present leads, else who submitted the draft and the board"

    def stranded(self) -> QuerySet[Approval]:
        """Return requests of which nobody who may answer heard; without anybody, if not told."""
        told = mails_about(Approval)
        mine = OuterRef
        at = mergers.today(mine("agency"))
        able = Post.objects.current().filter(person__is_active=True)
        able = able.alias(at=mergers.today("agency"))
        somebody = able.filter(Q(is_lead=True) | Q(person=mine("person")), at=at)
        its = mergers.today(mine(mine("agency")))
        heard = able.filter(
            Q(is_lead=True) | Q(person=mine(mine("person"))), at=its, person__email=mine("to")
        )
        asked = told.filter(template__in=["draft_to_approve", "draft_chased"])
        waiting = (
            Approval.objects.of_agencies().waiting().filter(~Exists(asked.filter(Exists(heard))))
        )
        said = Exists(told.filter(template="draft_stuck"))
        waiting = waiting.exclude(~Exists(somebody) & said)
        return waiting.select_related("page", "agency", "person", "revision")

    def pass_on(self, approval: Approval) -> None:
        stuck.pass_on(approval)


class DraftsOfBoardSteps(Wait):
    name = "drafts_of_board_steps"
    order = 80
    what = "A draft that a step of the board, such as the committee's chair, is to approve"
    next = "Who submitted the draft and the board: they record the decision, or give the role"

    def stranded(self) -> QuerySet[TaskState]:
        """Return steps under way whose groups have nobody to answer, if the board was not told."""
        steps = BoardStep.objects.exclude(groups__in=stuck.groups_with_people())
        waiting = TaskState.objects.filter(
            status=TaskState.STATUS_IN_PROGRESS,
            workflow_state__status="in_progress",
            task__in=steps.values("pk"),
        )
        told = mails_about(TaskState).filter(template="draft_stuck")
        return waiting.exclude(Exists(told)).select_related("task", "workflow_state")

    def pass_on(self, waiting: TaskState) -> None:
        stuck.tell_of_step(waiting)


class DraftsOfNewMembers(Wait):
    name = "drafts_of_new_members"
    order = 85
    what = "A draft at a step of the board whose role somebody has been given since it began"
    next = "Whoever has got the role is told, once about each draft"

    def stranded(self) -> QuerySet[TaskState]:
        waiting = TaskState.objects.filter(pk__in=list(newcomers.untold()))
        return waiting.select_related("task", "workflow_state")

    def pass_on(self, waiting: TaskState) -> None:
        newcomers.tell(waiting)


class Cascades(Wait):
    name = "cascades"
    order = 90
    what = "A version that an agency is to pass on and confirm"
    next = "The agency's present leads, else its parent's; else it says 'Nobody to ask'"

    def stranded(self) -> QuerySet[Dissemination]:
        """Return those whose present readers have had no mail about the version."""
        asked = Dissemination.objects.asked_still().filter(edition__withdrawn_at=None)
        asked = list(asked.only("agency", "contact", "edition"))
        readers = notices.who_sees_to(asked)
        editions = {str(one.edition_id) for one in asked}
        mails = Mail.objects.filter(
            template__in=["protocol_sent", "protocol_chased"],
            about_type=Edition._meta.label_lower,
            about_id__in=editions,
        )
        heard = set(mails.values_list("about_id", "to")) if asked else set()
        stranded = [
            one.pk
            for one in asked
            if readers[one.pk]
            and not any((str(one.edition_id), to.email) in heard for to in readers[one.pk])
        ]
        found = Dissemination.objects.filter(pk__in=stranded[: jobs.A_BATCH])
        return found.select_related("edition", "agency")

    def pass_on(self, sent: Dissemination) -> None:
        notices.notify_readers([sent], "protocol_sent")


def mails_about(model: type[Model]) -> QuerySet[Mail]:
    """Return the mails about an object of the outer query."""
    about = jobs.id_in_text(model, OuterRef("pk"))
    return Mail.objects.filter(about_type=model._meta.label_lower, about_id=about)


WAITS = [DraftsOfAgencies(), DraftsOfBoardSteps(), DraftsOfNewMembers(), Cascades()]
