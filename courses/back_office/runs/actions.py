"""Confirm-then-act views of what the office can do about a run and those on it."""

from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin

from agencies.back_office.confirm_action import AskView, ReasonForm
from agencies.back_office.listing import as_day
from courses.attendance import register
from courses.back_office.bookings.action_forms import MessageForm, RepeatForm
from courses.back_office.bookings.forms import AddRegardlessForm, PlaceForm
from courses.back_office.email_check import EmailCheckMixin
from courses.back_office.runs.approvals import approve_each
from courses.back_office.runs.certificates import ArchiveView, CertificatesView, PrintFileView
from courses.booking import booking
from courses.models import Booking, Run
from courses.scheduling import broadcast, minimum_numbers, repeating, scheduling, telling
from lms.formatting import many
from lms.web.ticked import ticked


class RunAskView(AskView):
    header_icon = "date"

    def get_queryset(self):
        return Run.objects.registers_of(self.request.user).select_related("course", "venue")

    def get_success_url(self):
        return get_valid_next_url_from_request(self.request) or super().get_success_url()

    @property
    def name_of_date(self):
        return f"{self.object.course.title}, {as_day(self.object.starts_at) or 'times not settled'}"

    def get_breadcrumbs_items(self):
        *before, date, last = super().get_breadcrumbs_items()
        return [*before, date | {"label": self.name_of_date}, last]


class CancelRunView(EmailCheckMixin, RunAskView):
    """Cancel a date: asks why, shows the emails with that reason, and then cancels."""

    button = does = "Cancel this date"
    form_class = ReasonForm

    def save_for_now(self):
        self.perform(**self.form.cleaned_data)

    def question(self):
        live = Booking.objects.live().filter(run=self.object)
        managers = live.confirmed().exclude(manager_email="").values("manager_email")
        return (
            f"{self.name_of_date}. These people get an email with your reason, and the date leaves "
            f"their calendars: {live.count()} booked or waiting, "
            f"{many(managers.distinct().count(), 'manager')} in copy, "
            f"{many(self.object.trainers.count(), 'trainer')}. Nobody is charged. This cannot be "
            "undone."
        )

    def perform(self, reason):
        scheduling.cancel(self.object, by=self.request.user, reason=reason)

    def success_message(self):
        return (
            "The date is cancelled. Everybody who was booked, was waiting or was to deliver it "
            "gets an email."
        )


class TellView(RunAskView):
    """Send the emails about a change that were held back."""

    button = "Email them now"

    def is_possible(self):
        return self.object.held_at is not None

    def question(self):
        if self.object.held_at is None:
            return "No email about this date is held back."
        people = telling.concerned(self.object).people
        return (
            f"{self.name_of_date}: the emails have been held since {as_day(self.object.held_at)} "
            f"because: {self.object.held_because} {people} to tell now; managers get copies."
        )

    def perform(self):
        self.told = telling.release(self.object, by=self.request.user)

    def success_message(self):
        return f"Emailed: {self.told}."


class GoAheadView(RunAskView):
    button = "It runs"

    def question(self):
        run = self.object
        return (
            f"{self.name_of_date}: {run.taken} booked, {run.minimum} needed. It takes place all "
            "the same, and leaves the list of dates to decide about. Nobody is written to, since "
            "nothing changes for them."
        )

    def perform(self):
        minimum_numbers.go_ahead(self.object, by=self.request.user)

    def success_message(self):
        return "It runs. That is recorded."


class ReleaseAbsencesView(RunAskView):
    button = "Write to those who did not come"

    def question(self):
        names = ", ".join(b.person.name for b in register.not_told_of_absence(self.object))
        if not names:
            return "There is nobody to write to."
        return f"These people sent no apologies; each, and the manager they named, is told: {names}"

    def perform(self):
        self.told = register.release_absence_notices(self.object, by=self.request.user)

    def success_message(self):
        return f"Written to: {len(self.told)}."


class BookSomebodyView(RunAskView):
    button = "Book a place for somebody"
    form_class = PlaceForm

    def question(self):
        return (
            f"{self.name_of_date}. When the date is full, or their agency has its share of it, "
            "the person joins the waiting list. An email tells them which."
        )

    def perform(self, email, **answers):
        self.made = booking.request_place(self.object, email, by=self.request.user, **answers)

    def success_message(self):
        return f"{self.made.person.name}: {self.made.get_state_display().lower()}."


class AddRegardlessView(RunAskView):
    button = "Add somebody over the limit"
    form_class = AddRegardlessForm

    def question(self):
        return (
            f"{self.name_of_date}. The person has a place at once, whatever the rules say: before "
            "those who wait, over the places, the share of their agency or what the course asks "
            "for. When the date is full it has one place more, until that is given up again."
        )

    def perform(self, email, **answers):
        self.made = booking.add_regardless(self.object, email, by=self.request.user, **answers)

    def success_message(self):
        return f"{self.made.person.name} has a place. {self.made.person.how_told}"


class WriteToEverybodyView(RunAskView):
    button = "Write to everybody"
    form_class = MessageForm

    def question(self):
        live = Booking.objects.live().filter(run=self.object)
        places = live.confirmed().count()
        return (
            f"{self.name_of_date}: {places} with a place, {live.count() - places} who wait. Each "
            "has an email of their own, which begins with their name and ends with course, times "
            "and place."
        )

    def perform(self, **words):
        self.told = broadcast.send_to_participants(self.object, by=self.request.user, **words)

    def success_message(self):
        return f"Written to: {len(self.told)}. They are in the list of emails."


class RepeatView(RunAskView):
    button = "Repeat this date"
    form_class = RepeatForm

    def question(self):
        return (
            f"{self.name_of_date}. On each day that you give there is the same once more, at the "
            "same times of day: course, place, link, joining instructions, places, minimum and "
            "shares. The booking window and the days on which reserves are released move along. "
            "Nobody is booked, and no trainer is named yet."
        )

    def perform(self, days):
        self.made = repeating.repeat(self.object, days, by=self.request.user)

    def success_message(self):
        days = ", ".join(as_day(run.starts_at) for run in self.made)
        online = " Look whether the link to join is still right." if self.object.link else ""
        return f"Added: {days}.{online}"


class ApproveManyView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """Approval of all requests ticked on a run's page, with the outcome of each by name."""

    model = None
    index_url_name = inspect_url_name = None
    permission_required = "change"
    page_title = "Approved together"
    header_icon = "date"
    template_name = "courses/back_office/approved.html"
    http_method_names = ["post"]

    def get_breadcrumbs_items(self):
        dates = {"url": reverse("run:index"), "label": "Course dates"}
        return [*self.breadcrumbs_items, dates, {"url": "", "label": self.page_title}]

    def post(self, request, pk):
        runs = Run.objects.registers_of(request.user).select_related("course")
        run = get_object_or_404(runs, pk=pk)
        asked = Booking.objects.visible_to(request.user).filter(
            run=run, pk__in=ticked(request.POST.getlist("bookings"))
        )
        asked = asked.select_related("run", "person")
        asked = asked.order_by("-holds_place", "-priority", "queued_at", "pk")
        if not asked:
            messages.error(request, "Tick whose request to approve.")
            return redirect("run:inspect", run.pk)
        outcomes = approve_each(asked, by=request.user)
        return self.render_to_response(self.get_context_data(run=run, outcomes=outcomes))


ACTIONS = {
    "cancel": CancelRunView,
    "ahead": GoAheadView,
    "tell": TellView,
    "absences": ReleaseAbsencesView,
    "book": BookSomebodyView,
    "add": AddRegardlessView,
    "write": WriteToEverybodyView,
    "repeat": RepeatView,
    "approve": ApproveManyView,
    "certificates": CertificatesView,
    "certificates_print": PrintFileView,
    "certificates_zip": ArchiveView,
}
