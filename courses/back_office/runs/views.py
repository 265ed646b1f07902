"""Back-office views that add or change a run, and let everybody concerned know."""

from django.shortcuts import redirect
from django.urls import reverse
from wagtail.admin import messages
from wagtail.admin.ui.components import MediaContainer
from wagtail.admin.views import generic

from agencies.back_office.listing import as_day
from agencies.back_office.overtaken import OvertakenMixin
from courses.back_office.email_check import EmailCheckMixin
from courses.back_office.runs.forms import reserves_formset, sessions_formset
from courses.models import Run
from courses.scheduling import planning, scheduling


class SessionsMixin:
    """Mixin for a form of a run with its sessions and reserves."""

    extra = 1
    produced_error_message = None
    error_message = "This date could not be saved: see below."

    @property
    def sessions(self):
        if not hasattr(self, "_sessions"):
            data = self.request.POST if self.request.method == "POST" else None
            formset = sessions_formset(self.extra)
            self._sessions = formset(data, instance=self.run, prefix="sessions")
        return self._sessions

    @property
    def reserves(self):
        if not hasattr(self, "_reserves"):
            data = self.request.POST if self.request.method == "POST" else None
            self._reserves = reserves_formset(self.run, data)
        return self._reserves

    @property
    def run(self):
        return getattr(self, "object", None) or Run()

    def is_valid(self, form):
        parts = [self.sessions.is_valid(), super().is_valid(form), self.reserves.is_valid()]
        fits = all(parts) and self.reserves.fits(form.cleaned_data["places"])
        if not fits:
            self.produced_error_message = self.get_error_message()
        return fits

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except scheduling.SchedulingRefused as refused:
            form.add_error(
                refused.about if refused.about in form.fields else "places", str(refused)
            )
            return self.form_invalid(form)

    def get_context_data(self, **kwargs):
        return super().get_context_data(sessions=self.sessions, reserves=self.reserves, **kwargs)

    @property
    def entered(self):
        """Details of a run as entered, without its course, for the verbs of scheduling."""
        names = (*planning.DETAILS, "trainers")
        return {
            "by": self.request.user,
            "sessions": self.sessions.planned,
            "reserves": self.reserves.requested,
            **{name: self.form.cleaned_data[name] for name in names},
        }

    def get_success_url(self):
        return reverse("run:inspect", args=[self.object.pk])

    def get_success_buttons(self):
        return []


class RunCreateView(SessionsMixin, generic.CreateView):
    extra = 3
    page_title = "Add a course date"
    submit_button_label = "Add this date"
    success_message = "The date is added, and can be booked as soon as booking opens."

    def save_instance(self):
        return scheduling.add(self.form.cleaned_data["course"], **self.entered)


class RunEditView(OvertakenMixin, SessionsMixin, EmailCheckMixin, generic.EditView):
    page_title = "Change"
    offers_quiet = True
    success_message = "The date is changed."

    def dispatch(self, request, *args, **kwargs):
        run = Run.objects.filter(pk=kwargs["pk"]).first()
        if run and self.user_has_permission("change") and (run.cancelled_at or run.closed_at):
            why = "is cancelled" if run.cancelled_at else "has a register that is signed off"
            messages.error(
                request,
                f"This date {why}, so it cannot be changed. Repeat it if you need another like it.",
            )
            return redirect("run:inspect", run.pk)
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self):
        return Run.objects.select_related("course")

    def fresh_formsets(self, extra):
        sessions = sessions_formset(self.extra)(instance=self.run, prefix="sessions")
        sessions.extra = self.extra + extra.get("sessions", 0)
        reserves = reserves_formset(self.run, None)
        reserves.extra += extra.get("reserves", 0)
        return {"sessions": sessions, "reserves": reserves}

    def shown_formsets(self):
        return {"sessions": self.sessions, "reserves": self.reserves}

    def use_formsets(self, formsets):
        self._sessions, self._reserves = formsets["sessions"], formsets["reserves"]

    def get_page_subtitle(self):
        starts = as_day(self.object.starts_at) or "times not settled"
        return f"{self.object.course.title}, {starts}"

    def get_history_url(self):
        """Return no address: the run's own page has its timeline."""

    def get_usage_url(self):
        """Return no address: nothing but its bookings refers to a run."""

    def get_side_panels(self):
        return MediaContainer([])

    def save_instance(self):
        return scheduling.change(self.object, **self.entered, **self.without_email)
