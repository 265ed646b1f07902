"""JSON views that receive marks from devices, and the service worker of the register."""

import datetime as dt
import json
from pathlib import Path
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.staticfiles import finders
from django.http import Http404, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.attendance import offline
from courses.attendance.marking import Attendance, RegisterRefused
from courses.attendance.offline import OfflineMark
from courses.models import Run, SentMark

MOST = 500
LARGEST = 2**63 - 1


@never_cache
@require_safe
def worker(request):
    """Serve the service worker from /register/, which is its scope. It contains no data."""
    path = finders.find("build/register-worker.js")
    if path is None:
        raise Http404
    return HttpResponse(Path(path).read_bytes(), content_type="text/javascript; charset=utf-8")


@never_cache
@require_http_methods(["GET", "POST"])
def sent(request, run_id):
    """Return who is signed in and their CSRF token (GET), or the outcome of each mark (POST)."""
    if not request.user.is_authenticated:
        return JsonResponse({"person": None}, status=200 if request.method == "GET" else 401)
    if request.method == "GET":
        get_object_or_404(Run.objects.registers_of(request.user), pk=run_id)
        return JsonResponse({"person": request.user.pk, "token": get_token(request)})
    try:
        marks = marks_of(request.body)
    except (KeyError, OverflowError, RecursionError, TypeError, ValueError):
        return HttpResponseBadRequest()
    try:
        answers = offline.receive(Run(pk=run_id), marks, by=request.user)
    except Run.DoesNotExist:
        raise Http404 from None
    told = {str(pk): {"state": one.state, "sentence": one.sentence} for pk, one in answers.items()}
    return JsonResponse({"marks": told})


@login_required
@require_POST
def choose(request, run_id, sent_id):
    runs = Run.objects.registers_of(request.user)
    in_conflict = SentMark.objects.select_related("session__run")
    one = get_object_or_404(in_conflict, pk=sent_id, session__run__in=runs.filter(pk=run_id))
    try:
        offline.choose(one, take=request.POST.get("take") == "yes", by=request.user)
    except RegisterRefused as refused:
        messages.error(request, str(refused))
    return redirect("courses:register_session", run_id, one.session_id)


def marks_of(body):
    """Parse the marks in a request's body. Raises what Python does at malformed input."""
    marks = json.loads(body)["marks"]
    if not isinstance(marks, list) or len(marks) > MOST:
        raise ValueError("Not a list of marks, or too many.")
    return [mark_of(one) for one in marks]


def mark_of(one):
    return OfflineMark(
        id=UUID(text(one["id"], 36)),
        session=number(one["session"]),
        booking=number(one["booking"]),
        attendance=Attendance(text(one["kind"], 12), number(one["minutes"], 9999)),
        saw=text(one["saw"], 20),
        marked_at=moment(one["marked_at"]),
        with_rest=one.get("with_rest") is True,
    )


def number(given, most=LARGEST):
    if type(given) is not int or not 0 <= given <= most:
        raise ValueError("Not a number that there can be.")
    return given


def text(given, most):
    if not isinstance(given, str) or len(given) > most or "\0" in given:
        raise ValueError("Not a text that there can be.")
    return given


def moment(given):
    at = dt.datetime.fromisoformat(given)
    if at.tzinfo is None:
        raise ValueError("A moment needs its time zone.")
    return at.astimezone(dt.UTC)
