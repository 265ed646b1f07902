"""Views that print the register on paper, and type in what was written on it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods, require_safe

from courses.attendance import register, register_sheet
from courses.attendance.forms.bulk_entry import BulkEntryForm
from courses.attendance.forms.register import saved_in_part
from courses.attendance.register import RegisterRefused
from courses.models import Mark, Run
from courses.rules import completion_rule


@login_required
@require_safe
def printed(request, run_id):
    run = _run_or_404(request, run_id)
    if run.cancelled_at or not run.sessions.all():
        raise Http404
    response = HttpResponse(register_sheet.register(run), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="register-{run.pk}.pdf"'
    patch_cache_control(response, private=True, no_store=True)
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def type_in(request, run_id, session_id):
    """Type in the marks of a session, one letter per person; Enter saves and goes on."""
    run = _run_or_404(request, run_id)
    session = get_object_or_404(run.sessions, pk=session_id)
    if run.closed_at or run.cancelled_at:
        return redirect("courses:register", run.pk)
    form = BulkEntryForm(session, completion_rule.attendance_lines(run), request.POST or None)
    if form.is_bound:
        form = _type(request, session, form)
        if form is None:
            return _typed(request, run, session)
    page = {"run": run, "session": session, "form": form, "rows": form.rows}
    return render(request, "courses/register_type.html", page)


def _type(request, session, form):
    """Save the lines that are right; return the form for the others, or None if there are none."""
    form.is_valid()
    try:
        marked = register.mark_each(session, form.seen, expected=form.expected(), by=request.user)
    except RegisterRefused as refused:
        form.add_error(None, str(refused))
        return form
    if form.is_valid() and not marked.refused:
        return None
    again = BulkEntryForm(session, completion_rule.attendance_lines(session.run), request.POST)
    again.refuse(marked.refused)
    again.saved_in_part = saved_in_part(marked.changed)
    return again


def _typed(request, run, session):
    if "goes_on" in request.POST:
        return redirect("courses:register_type", run.pk, session.pk)
    marked = Mark.objects.filter(session=session, booking__state="confirmed").count()
    messages.success(request, f"Saved. {marked} {'is' if marked == 1 else 'are'} marked.")
    return redirect("courses:register_session", run.pk, session.pk)


def _run_or_404(request, run_id):
    runs = Run.objects.registers_of(request.user).select_related("course", "venue")
    return get_object_or_404(runs.prefetch_related("sessions", "trainers"), pk=run_id)
