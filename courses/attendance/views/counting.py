"""View to count a person as complete, with a reason, and to take that back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from courses.attendance import counting
from courses.attendance.forms.counting import ReasonForm
from courses.attendance.marking import RegisterRefused
from courses.models import Run
from courses.rules import completion_rule


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def count_complete(request, run_id, booking_id):
    """Show how much somebody missed, and ask why it counts; or why it does so no longer."""
    runs = Run.objects.registers_of(request.user).select_related("course", "venue")
    run = get_object_or_404(runs.prefetch_related("sessions"), pk=run_id)
    line = counting.line_of(run, booking_id)
    if line is None:
        raise Http404
    form = ReasonForm(request.POST if request.method == "POST" else None)
    takes_back = "take_back" in request.POST if form.is_bound else line.is_counted
    if form.is_valid():
        verb = counting.take_back if takes_back else counting.count_as_complete
        try:
            verb(line.booking, by=request.user, reason=form.cleaned_data["reason"])
        except RegisterRefused as refused:
            form.add_error("reason", str(refused))
        else:
            messages.success(request, _in_words(line.booking.person.name, takes_back))
            return redirect("courses:register" if run.closed_at else "courses:sign_off", run.pk)
    page = {
        "run": run,
        "line": line,
        "form": form,
        "takes_back": takes_back,
        "why_not": "" if line.is_counted else counting.why_not(run, line),
        "taught": completion_rule.minutes_taught(line.sessions),
    }
    return render(request, "courses/register_count.html", page)


def _in_words(name, takes_back):
    if takes_back:
        return f"{name} does not count as having completed the course any more."
    return f"{name} counts as having completed the course."
