"""Back-office views that add or change a run, and let everybody concerned know."""

from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse
from wagtail.admin import messages
from wagtail.admin.ui.components import MediaContainer
from wagtail.admin.views import generic

import history
from agencies.back_office.listing import as_day
from courses.back_office.runs.forms import reserves_formset, sessions_formset
from courses.models import Run
from courses.scheduling import scheduling

FACTS = ("course", "venue", "link", "joining_instructions", "minimum")
WINDOW = ("booking_opens_at", "booking_closes_at")


class SessionsMixin:
    """Mixin that saves a run with its sessions and reserves, in one transaction, by scheduling."""

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
            form.add_error("places", str(refused))
            return self.form_invalid(form)

    def get_context_data(self, **kwargs):
        return super().get_context_data(sessions=self.sessions, reserves=self.reserves, **kwargs)

    @property
    def shares(self):
        """Places, rules and reserves as entered, for scheduling.share_out."""
        said = self.form.cleaned_data
        return {
            "places": said["places"],
            "rules": {name: said[name] for name in scheduling.RULES},
            "reserves": self.reserves.requested,
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
        said, by = self.form.cleaned_data, self.request.user
        kept = (*FACTS, *WINDOW, "places", *scheduling.RULES)
        run = Run(**{name: said[name] for name in kept})
        run.save(force_insert=True)
        run.trainers.set(said["trainers"])
        self.sessions.instance = run
        self.sessions.save()
        history.record("run.added", run, by=by, now={"course": run.course_id})
        return scheduling.share_out(run, by=by, was={}, **self.shares)


class RunEditView(SessionsMixin, generic.EditView):
    page_title = "Change"
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

    def get_page_subtitle(self):
        starts = as_day(self.object.starts_at) or "times not settled"
        return f"{self.object.course.title}, {starts}"

    def get_history_url(self):
        """Return no address: the run's own page has its timeline."""

    def get_usage_url(self):
        """Return no address: nothing but its bookings refers to a run."""

    def get_side_panels(self):
        return MediaContainer([])

    @transaction.atomic
    def save_instance(self):
        """Write only what was entered: somebody else may be giving out places meanwhile."""
        said, by = self.form.cleaned_data, self.request.user
        run = Run.objects.lock(self.object)
        if run.cancelled_at or run.closed_at:
            raise scheduling.SchedulingRefused(
                "This date has just been cancelled or signed off, so it cannot be changed. Go "
                "back and look at it again."
            )
        was, times = facts(run), scheduling.times_of(run)
        place_changed = (run.venue, run.link) != (said["venue"], said["link"])
        for name in (*FACTS, *WINDOW):
            setattr(run, name, said[name])
        run.save(update_fields=[*FACTS, *WINDOW])
        run.trainers.set(said["trainers"])
        self.sessions.save()
        if now := {name: value for name, value in facts(run).items() if was[name] != value}:
            history.record("run.changed", run, by=by, was={n: was[n] for n in now}, now=now)
        moved = self.sessions.has_changed() or place_changed
        return scheduling.share_out(
            run, by=by, was=times if moved else None, place_changed=place_changed, **self.shares
        )


def facts(run):
    """Return what history keeps of a run: ids, numbers and moments."""
    return {
        "venue": run.venue_id,
        "has_link": bool(run.link),
        "minimum": run.minimum,
        "essential": sorted(run.sessions.filter(is_essential=True).values_list("pk", flat=True)),
        "trainers": sorted(run.trainers.values_list("pk", flat=True)),
        **{name: str(getattr(run, name) or "") for name in WINDOW},
    }
