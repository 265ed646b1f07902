"""Confirm-then-act views of what the office can do about one booking."""

from django.utils.functional import cached_property
from wagtail.admin.utils import get_valid_next_url_from_request

from agencies.back_office.confirm_action import AskView
from agencies.back_office.listing import as_day
from courses.back_office.bookings.action_forms import (
    ColleagueForm,
    RefuseForm,
    TurnForm,
)
from courses.booking import approval, booking, changing_job, waiting_list
from courses.booking.forms.booking import CancelForOthersForm
from courses.booking.forms.job import JobForm
from courses.rules import cancellation, charging
from lms.formatting import pounds


class BookingAskView(AskView):
    """Base view that returns to where it was opened: the booking, its run, the telephone screen."""

    header_icon = "clipboard-list"

    def get_queryset(self):
        return super().get_queryset().select_related("person", "agency", "run__course")

    def get_success_url(self):
        return get_valid_next_url_from_request(self.request) or super().get_success_url()

    @property
    def whose(self):
        return f"{self.object.person.name}, {self.object.run.course.title}, " + (
            as_day(self.object.run.starts_at) or "times not settled"
        )

    def get_breadcrumbs_items(self):
        *before, made, last = super().get_breadcrumbs_items()
        return [*before, made | {"label": self.whose}, last]


class WithdrawView(BookingAskView):
    button = "Cancel this booking"
    form_class = CancelForOthersForm

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"booking": self.object}

    def question(self):
        made = self.object
        charge = f" {cancellation.free_now(made)}"
        if amount := cancellation.charge(made):
            charge = f" It is late, so {made.agency} is charged {pounds(amount)}."
        return (
            f"{self.whose}. The person gets an email, and a place that becomes free goes to the "
            f"first who waits.{charge}"
        )

    def perform(self, reason):
        self.ended = booking.withdraw(self.object, by=self.request.user, reason=reason)

    def success_message(self):
        cost = cancellation.cost_after(self.ended, who="Nobody", whose=self.ended.agency.name)
        return f"{self.object.person.name}'s booking is cancelled. {cost}"


class ApproveView(BookingAskView):
    button = "Approve this request"

    def question(self):
        asked = self.object.approver_email or "nobody yet"
        done = approval.done_before(self.object)
        return f"{self.whose}. {done} Asked to decide: {asked}. Their link does nothing any more."

    def perform(self):
        self.made = booking.approve(self.object, by=self.request.user)

    def success_message(self):
        return f"{self.made.person.name}: {self.made.get_state_display().lower()}."


class RefuseView(BookingAskView):
    button = "Refuse this request"
    form_class = RefuseForm

    def question(self):
        return f"{self.whose}. The person is written to with the reason."

    def perform(self, reason):
        booking.refuse(self.object, by=self.request.user, reason=reason)

    def success_message(self):
        return f"{self.object.person.name}'s request is refused, and they are told why."


class AcceptView(BookingAskView):
    button = "Accept the offer for them"

    def question(self):
        charge = ""
        if amount := charging.late_charge(self.object):
            charge = f" Giving it up later costs {self.object.agency} {pounds(amount)}: say so."
        return f"{self.whose}. They have the place, and an email that says so.{charge}"

    def perform(self):
        booking.accept_offer(self.object, by=self.request.user)

    def success_message(self):
        return f"{self.object.person.name} has the place."


class DeclineView(BookingAskView):
    button = "Decline the offer for them"

    def question(self):
        return f"{self.whose}. The place is offered to the next, and they are off the waiting list."

    def perform(self):
        booking.decline_offer(self.object, by=self.request.user)

    def success_message(self):
        return f"{self.object.person.name}'s offer is declined."


class GiveView(BookingAskView):
    button = "Give the place to a colleague"
    form_class = ColleagueForm

    def question(self):
        return (
            f"{self.whose}. Somebody else who works at {self.object.agency} has the place instead. "
            "Both are written to, and nobody is charged."
        )

    def perform(self, colleague):
        self.theirs = booking.substitute(self.object, colleague, by=self.request.user)

    def success_message(self):
        return f"The place is {self.theirs.person.name}'s now."


class JobView(BookingAskView):
    button = "Change the job of this booking"
    form_class = JobForm

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"choices": self.choices, "run": self.object.run}

    @cached_property
    def choices(self):
        return changing_job.choices(self.object)

    def is_possible(self):
        return any(not each.refused for each in self.choices)

    def question(self):
        said = f"{self.whose}. It counts for {self.object.agency} now. "
        if not self.choices:
            return f"{said}The person has no other confirmed job: add it under Jobs first."
        return said + " ".join(
            f"If it is for {each.post.agency}: {each.refused or ' '.join(each.follows)}"
            for each in self.choices
        )

    def perform(self, post, cost_code=""):
        self.made = changing_job.change_job(
            self.object, post, by=self.request.user, cost_code=cost_code
        )

    def success_message(self):
        return f"The booking counts for {self.made.agency} from now on. {self.made.person.how_told}"


class TurnView(BookingAskView):
    button = "Move in the waiting list"
    form_class = TurnForm

    def question(self):
        return f"{self.whose}. The others keep their order. That you did this is recorded."

    def perform(self, position):
        waiting_list.move(self.object, position, by=self.request.user)

    def success_message(self):
        return f"{self.object.person.name} is moved in the waiting list."


ACTIONS = {
    "cancel": WithdrawView,
    "approve": ApproveView,
    "refuse": RefuseView,
    "accept": AcceptView,
    "decline": DeclineView,
    "give": GiveView,
    "job": JobView,
    "turn": TurnView,
}
