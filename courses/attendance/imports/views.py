"""Views that import a meeting's attendance report into the register."""

from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from courses.attendance.imports import marks, matching
from courses.attendance.imports.forms import MatchForm, ReportForm, posted, signed
from courses.attendance.imports.reports import ReportRefused
from courses.models import Run
from lms.refused import Refused


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def bring(request, run_id):
    run = _run_or_404(request, run_id)
    form = ReportForm(run, *([request.POST, request.FILES] if request.method == "POST" else []))
    if not run.cancelled_at and form.is_valid():
        report = _told_apart(run, form.report)
        return _matching_page(request, run, MatchForm(run, report))
    return render(request, "courses/meeting_report.html", {"run": run, "form": form})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def match(request, run_id):
    """Ask who is who; once everybody is matched, preview the marks."""
    run = _run_or_404(request, run_id)
    try:
        form = posted(request, run)
        if not form.is_valid():
            return _matching_page(request, run, form)
        return _preview(request, run, form)
    except ReportRefused as refused:
        return _begin_again(request, run, refused)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mark(request, run_id):
    run = _run_or_404(request, run_id)
    try:
        form = posted(request, run)
        if not form.is_valid():
            return _matching_page(request, run, form)
        reason = request.POST.get("reason", "").strip()
        if run.closed_at and not reason:
            return _preview(request, run, form, problem="Say why the register is corrected.")
        changed = marks.mark_register(
            run,
            form.report,
            form.who(),
            absent=form.cleaned_data["absent"],
            over=request.POST.getlist("over"),
            reason=reason,
            by=request.user,
        )
    except Refused as refused:
        return _begin_again(request, run, refused)
    messages.success(request, _changed_in_words(changed))
    return redirect("courses:register", run.pk)


def _run_or_404(request, run_id):
    runs = Run.objects.registers_of(request.user).select_related("course", "venue")
    return get_object_or_404(runs.prefetch_related("sessions"), pk=run_id)


def _told_apart(run, report):
    booked = matching.Booked(run)
    attendees = matching.told_apart(booked, report.attendees)
    return replace(report, attendees=tuple(attendees))


def _matching_page(request, run, form):
    page = {"run": run, "form": form, "signed": signed(form.report, run, request.user)}
    return render(request, "courses/meeting_match.html", page)


def _preview(request, run, form, problem=""):
    absent = form.cleaned_data["absent"]
    proposals = marks.foresee(run, form.report, form.who(), absent=absent)
    unread = marks.left_unmarked(form.report, form.who(), proposals)
    page = {
        "run": run,
        "form": form,
        "signed": signed(form.report, run, request.user),
        "unread": [(b, unread[b.pk]) for b in form.booked.bookings if b.pk in unread],
        "proposals": proposals,
        "adds_up": any(proposal.adds_up for proposal in proposals),
        "new": sum(proposal.is_new for proposal in proposals),
        "same": sum(proposal.is_same for proposal in proposals),
        "other": sum(proposal.is_other for proposal in proposals),
        "over": request.POST.getlist("over"),
        "problem": problem,
    }
    return render(request, "courses/meeting_preview.html", page)


def _begin_again(request, run, refused):
    if request.method == "POST":
        messages.error(request, str(refused))
    return redirect("courses:meeting_report", run.pk)


def _changed_in_words(changed):
    if not changed:
        return "The register already said all that. Nothing has changed."
    return f"{changed} {'mark' if changed == 1 else 'marks'} made from the report."
