"""Views of the trainer's register: mark by session, sign off, correct."""

import datetime as dt
from contextlib import suppress

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies import access
from courses.attendance import marking, register
from courses.attendance.forms.register import (
    CorrectionForm,
    NoAddressForm,
    RegisterForm,
    WalkInForm,
    saved_in_part,
)
from courses.attendance.marking import RegisterChanged, RegisterRefused
from courses.completion import run_certificates
from courses.evaluation import evaluation
from courses.models import Mark, Run, SentMark, Session
from courses.rules import completion_rule
from lms import formatting

SIGNED_OFF_LATELY = dt.timedelta(days=28)
MOST_IN_A_LIST = 30
MINUTES_OFFERED = (5, 10, 15, 30)
# How often a correction is tried while others save at the same moment.
TRIES = 3


@login_required
@require_safe
def registers(request):
    runs = Run.objects.registers_of(request.user).not_cancelled().select_related("course", "venue")
    return render(request, "courses/registers.html", {"lists": _by_urgency(runs)})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def take(request, run_id, session_id=None):
    run = _run_or_404(request, run_id)
    sessions = list(run.sessions.all())
    if run.cancelled_at or not sessions:
        return render(request, "courses/register_none.html", {"run": run})
    session = _chosen(sessions, session_id)
    if request.method == "POST":
        return _save(request, run, session)
    if run.closed_at:
        return _signed_off(request, run)
    form = RegisterForm(session, completion_rule.attendance_lines(run))
    return _register_page(request, run, session, form)


@login_required
@require_POST
def undo(request, run_id, session_id):
    run = _run_or_404(request, run_id)
    session = _chosen(list(run.sessions.all()), session_id)
    try:
        undone = register.undo_all_present(session, by=request.user)
    except RegisterRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _undone_in_words(undone))
    return redirect("courses:register_session", run.pk, session.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def walk_in(request, run_id):
    run = _run_or_404(request, run_id)
    form = WalkInForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and form.is_settled:
        try:
            added = register.walk_in(run, by=request.user, **form.cleaned_data)
        except RegisterRefused as refused:
            form.add_error(None, str(refused))
        else:
            return _to_mark(request, run, added)
    why_not = register.why_no_walk_in(run, request.user)
    page = {"run": run, "form": form, "why_not": why_not}
    return render(request, "courses/register_walk_in.html", page)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def walk_in_without_address(request, run_id):
    """Add somebody without an email address, once it is said who of the same name they are not."""
    run = _run_or_404(request, run_id)
    people = register.who_may_be(run, request.user)
    form = NoAddressForm(request.POST if request.method == "POST" else None, people=people)
    if form.is_valid():
        try:
            added = register.walk_in(run, "", by=request.user, **form.for_walk_in)
        except RegisterRefused as refused:
            form.add_error(None, str(refused))
        else:
            return _to_mark(request, run, added)
    why_not = register.why_no_walk_in(run, request.user)
    page = {"run": run, "form": form, "why_not": why_not}
    return render(request, "courses/register_no_address.html", page)


def _to_mark(request, run, added):
    messages.success(request, f"{added.person.name} is on the register. Mark them now.")
    page = "courses:correct" if run.closed_at else "courses:register"
    return redirect(reverse(page, args=[run.pk]) + f"#person-{added.pk}")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_off(request, run_id):
    run = _run_or_404(request, run_id)
    problem, ends_at = "", register.runs_until(run)
    if request.method == "POST" and (ends_at is None or "sure" in request.POST):
        try:
            register.close(run, by=request.user)
        except RegisterRefused as refused:
            problem = str(refused)
        else:
            return redirect("courses:register", run.pk)
    elif run.closed_at or run.cancelled_at:
        return redirect("courses:register", run.pk)
    lines = completion_rule.attendance_lines(run)
    page = {
        "run": run,
        "problem": problem,
        "opens_at": _signing_opens_at(run),
        "ends": formatting.clock_time(ends_at) if ends_at else "",
        "asks_how_it_was": evaluation.asks_at_the_end(run.course),
        **_foreseen(lines),
    }
    return render(request, "courses/register_sign_off.html", page)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request, run_id, session_id=None):
    run = _run_or_404(request, run_id)
    if not run.closed_at or run.cancelled_at:
        return redirect("courses:register", run.pk)
    sessions = list(run.sessions.all())
    session = _chosen(sessions, session_id or sessions[0].pk)
    lines = completion_rule.attendance_lines(run)
    form = CorrectionForm(session, lines, request.POST if request.method == "POST" else None)
    # A line with an error keeps no other back; without a reason nothing is corrected.
    if form.is_valid() or (form.is_bound and "reason" not in form.errors):
        try:
            changed, form = _corrected(request, session, form)
        except RegisterRefused as refused:
            form.add_error(None, str(refused))
        else:
            if form.is_valid():
                messages.success(request, _corrected_in_words(changed))
                return redirect("courses:register", run.pk)
            lines = completion_rule.attendance_lines(run)
            form = CorrectionForm(session, lines, request.POST)
            form.saved_in_part = saved_in_part(changed)
    page = {
        "run": run,
        "session": session,
        "tabs": _tabs(lines, run, session),
        "form": form,
        "rows": form.rows,
        "kinds": Mark.Kind.choices,
        "minutes_offered": _minutes_offered(session),
        "is_office": access.is_training_administrator(request.user),
    }
    return render(request, "courses/register_correct.html", page)


def _corrected(request, session, form):
    """Correct the register; return how many marks changed, and the form that says what was met.

    Whom somebody else has marked since the register was read, both marks are shown of, for the
    trainer to choose; they keep no other back.
    """
    for _ in range(TRIES):
        with suppress(RegisterChanged):
            return register.correct(
                session,
                form.altered(),
                expected=form.expected,
                by=request.user,
                reason=form.cleaned_data["reason"],
            ), form
        lines = completion_rule.attendance_lines(session.run)
        form = CorrectionForm(session, lines, request.POST)
        form.full_clean()
    raise RegisterRefused("The register is changing at this moment. Save again in a minute.")


@login_required
@require_POST
def release(request, run_id):
    run = _run_or_404(request, run_id)
    if not access.is_training_administrator(request.user):
        raise Http404
    try:
        told = register.release_absence_notices(run, by=request.user)
    except RegisterRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _mails_in_words(len(told)))
    return redirect("courses:register", run.pk)


def _run_or_404(request, run_id):
    runs = Run.objects.registers_of(request.user).select_related("course", "venue")
    return get_object_or_404(runs.prefetch_related("sessions"), pk=run_id)


def _chosen(sessions, session_id):
    """Return the session asked for; else the one going on or coming next; else the last."""
    if session_id is None:
        return next((s for s in sessions if s.ends_at > timezone.now()), sessions[-1])
    for session in sessions:
        if session.pk == session_id:
            return session
    raise Http404


def _save(request, run, session):
    """Save the marks of all whose lines are right; show the page again for the others."""
    form = RegisterForm(session, completion_rule.attendance_lines(run), request.POST)
    form.is_valid()
    try:
        marked = register.mark_each(
            session, form.altered(), expected=form.expected, rest=form.rest(), by=request.user
        )
    except RegisterRefused as refused:
        form.add_error(None, str(refused))
        return _register_page(request, run, session, form)
    if form.is_valid() and not marked.refused:
        return _saved(request, run, session, form)
    again = RegisterForm(session, completion_rule.attendance_lines(run), request.POST)
    again.is_valid()
    again.refuse(marked.refused)
    again.saved_in_part = saved_in_part(marked.changed)
    return _register_page(request, run, session, again)


def _saved(request, run, session, form):
    if "sign_off" in request.POST:
        return redirect("courses:sign_off", run.pk)
    at = timezone.localtime()
    said = f"Saved {at:%H:%M}. {form.present()} of {len(form.lines)} present."
    messages.success(request, said)
    # Keep the search for a name after saving.
    again = reverse("courses:register_session", args=[run.pk, session.pk])
    sought = _sought(request)
    return redirect(f"{again}?{urlencode({'q': sought})}" if sought else again)


def _register_page(request, run, session, form):
    lines = list(form.lines.values())
    opens_at = session.starts_at - marking.OPENS_BEFORE
    rows, sought = form.rows, _sought(request)
    kept = "kept" in request.GET
    shown = [row for row in rows if _is_sought(row.line.booking, sought)]
    page = {
        "run": run,
        "session": session,
        "tabs": _tabs(lines, run, session),
        "form": form,
        "rows": rows,
        "shown": shown,
        "others": _counted([row for row in rows if row not in shown]),
        "sought": sought,
        "kinds": Mark.Kind.choices,
        "minutes_offered": _minutes_offered(session),
        **_counted(rows),
        "conflicts": _conflicts(run, lines),
        "may_walk_in": not register.why_no_walk_in(run, request.user),
        "at_once": len(register.marked_at_once(session)),
        "opens_at": opens_at if timezone.now() < opens_at else None,
        "signing_opens_at": _signing_opens_at(run),
        "opens_words": f"{timezone.localtime(opens_at):%-d %B %Y at %H:%M}",
        "is_today": any(_is_today(one) for one in run.sessions.all()),
        # Devices cache the page for use offline, so what people need is left off that copy.
        "is_kept": kept,
        "needs": [line.booking for line in lines if line.booking.access_needs and not kept],
    }
    return render(request, "courses/register.html", page)


def _minutes_offered(session):
    return [minutes for minutes in MINUTES_OFFERED if minutes <= session.minutes]


def _counted(rows):
    return {
        "all": len(rows),
        "present": sum(row.kind in Mark.CAME for row in rows),
        "unmarked": sum(not row.kind for row in rows),
    }


def _is_today(session):
    return (
        timezone.localdate(session.starts_at)
        <= timezone.localdate()
        <= timezone.localdate(session.ends_at)
    )


def _conflicts(run, lines):
    """Return the marks in conflict that devices sent, each with the mark that is there."""
    there = {line.booking.pk: line.marks for line in lines}
    sent = SentMark.objects.in_conflict().filter(session__run=run)
    return [
        (one, there.get(one.booking_id, {}).get(one.session_id))
        for one in sent.select_related("session", "booking__person", "sent_by")
    ]


def _sought(request):
    return request.GET.get("q", "").strip()[:100]


def _is_sought(booking, sought):
    """Return True if the name or the agency contains each word that is sought."""
    said = f"{booking.person.name} {booking.agency.name}".casefold()
    return all(word in said for word in sought.casefold().split())


def _tabs(lines, run, current):
    return [
        {
            "session": session,
            "number": number,
            "is_current": session == current,
            "marked": sum(session.pk in line.marks for line in lines),
            "present": sum(
                made.kind in Mark.CAME for line in lines if (made := line.marks.get(session.pk))
            ),
            "expected": len(lines),
        }
        for number, session in enumerate(run.sessions.all(), start=1)
    ]


def _signing_opens_at(run):
    """Return when the register may be signed off, if that is still to come; else None."""
    begins = [session.starts_at for session in run.sessions.all()]
    return begins[-1] if begins and begins[-1] > timezone.now() else None


def _foreseen(lines):
    """Preview what becomes of each person when the register is signed off as it is."""
    return {
        "lines": lines,
        "unmarked": [line for line in lines if line.unmarked],
        "complete": [line for line in lines if line.completes],
        "partial": [line for line in lines if line.came and not line.completes],
        "absent": [line for line in lines if not line.came and not line.unmarked],
        "came": [line for line in lines if line.came],
        **_allowance(lines),
    }


def _allowance(lines):
    sessions = lines[0].sessions if lines else []
    return {
        "taught": completion_rule.minutes_taught(sessions),
        "essential": [session for session in sessions if session.is_essential],
        "allowed": completion_rule.minutes_allowed(sessions),
    }


def _signed_off(request, run):
    lines = completion_rule.attendance_lines(run)
    completions = list(run_certificates.completions_of(run))
    completed = {completion.booking_id for completion in completions}
    is_office = access.is_training_administrator(request.user)
    page = {
        "run": run,
        "lines": lines,
        "complete": [line for line in lines if line.booking.pk in completed],
        "partial": [line for line in lines if line.came and line.booking.pk not in completed],
        "apologies": [line for line in lines if not line.came and line.sent_apologies],
        "absent": [line for line in lines if not line.came and not line.sent_apologies],
        "to_tell": register.not_told_of_absence(run) if is_office else [],
        "is_office": is_office,
        "certificates": run_certificates.in_words(completions),
        **_allowance(lines),
    }
    return render(request, "courses/register_signed_off.html", page)


def _by_urgency(runs):
    """Return pairs of a heading and its runs; each run is in one list only."""
    now = timezone.now()
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    on_today = Session.objects.filter(
        run=OuterRef("pk"), starts_at__gte=midnight, starts_at__lt=midnight + dt.timedelta(days=1)
    )
    runs = runs.annotate(is_today=Exists(on_today))
    open_runs = runs.filter(closed_at=None)
    other_days = open_runs.filter(is_today=False)
    lately = runs.filter(closed_at__gt=now - SIGNED_OFF_LATELY)
    return [
        ("Today", open_runs.filter(is_today=True)[:MOST_IN_A_LIST]),
        ("To be signed off", other_days.filter(ends_at__lt=now)[:MOST_IN_A_LIST]),
        ("Coming", other_days.filter(ends_at__gte=now)[:MOST_IN_A_LIST]),
        ("Signed off lately", lately.order_by("-closed_at")[:MOST_IN_A_LIST]),
    ]


def _mails_in_words(told):
    if not told:
        return "There was nobody left to write to."
    return (
        f"{told} {'email is' if told == 1 else 'emails are'} on the way to those who did not come."
    )


def _undone_in_words(undone):
    if not undone:
        return "There was nothing left to take back."
    return f"{undone} {'person is' if undone == 1 else 'people are'} not marked any more."


def _corrected_in_words(changed):
    if not changed:
        return "Nothing was different, so nothing is corrected."
    return f"{changed} {'mark is' if changed == 1 else 'marks are'} corrected."
