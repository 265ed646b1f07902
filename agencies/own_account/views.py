"""Pages of one's own account: proving who one is, and changing addresses."""

from functools import wraps

from allauth.account import views as allauths
from allauth.account.adapter import get_adapter
from allauth.account.forms import ConfirmLoginCodeForm
from allauth.account.internal import flows
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies.own_account import devices, kept_text, sessions
from agencies.own_account.models import OpenSession
from agencies.own_account.proving import CodeProcess


def in_one_transaction(view):
    """Change what a POST changes, its history and its emails together; a GET takes no lock."""

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with transaction.atomic():
            return view(request, *args, **kwargs)

    return wrapped


addresses = in_one_transaction(allauths.email)
confirm_address = in_one_transaction(allauths.email_verification_sent)


def own_path(request, name="next"):
    """Return the path on this site that the request names; empty for anything else."""
    path = request.POST.get(name) or request.GET.get(name) or ""
    return path if path.startswith("/") and url_has_allowed_host_and_scheme(path, None) else ""


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def prove(request):
    """Email a code when asked to, and take it; people with an authenticator app use that."""
    methods = get_adapter().get_reauthentication_methods(request.user)
    if methods[0]["url"] != request.path:
        return redirect(f"{methods[0]['url']}?{request.GET.urlencode()}")
    if request.method == "POST" and "send" in request.POST:
        return send_code(request)
    process = CodeProcess.resume(request)
    form = process and ConfirmLoginCodeForm(request.POST or None, code=process.code)
    if process and request.method == "POST":
        if limited := ratelimit.consume_or_429(request, action="reauthenticate", user=request.user):
            return limited
        if form.is_valid():
            process.finish()
            return flows.reauthentication.resume_request(request) or redirect("account_email")
        if not process.refuse():
            messages.error(request, "That was the third wrong code. Ask for a new one.")
            return redirect(request.get_full_path())
    page = {"form": form, "next": own_path(request)}
    return render(request, "agencies/prove.html", page)


def send_code(request):
    """Email a code, as often as the sign-in page does."""
    key = devices.counted_as(request, request.user.email)
    if ratelimit.consume(request, action=devices.CODES, key=key):
        CodeProcess.begin(request)
    else:
        messages.error(request, "We’ve sent you several codes. Wait a minute, then try again.")
    return redirect(request.get_full_path())


@login_required
@require_safe
def file_ready(request):
    """Offer the file that was asked for before the person proved who they are."""
    path = own_path(request, "of")
    if not path:
        raise Http404
    return render(request, "agencies/file_ready.html", {"path": path})


@login_required
@require_safe
def open_sessions(request):
    """List where the person is signed in, this session first."""
    theirs = list(OpenSession.objects.visible_to(request.user))
    theirs.sort(key=lambda each: each.session_id != request.session.session_key)
    page = {"sessions": theirs, "this": request.session.session_key}
    return render(request, "agencies/sessions.html", page)


@login_required
@require_POST
def end_session(request, pk):
    session = get_object_or_404(OpenSession.objects.visible_to(request.user), pk=pk)
    sessions.end(session, by=request.user)
    messages.success(request, "That session is ended.")
    return redirect("agencies:sessions")


@login_required
@require_POST
def end_other_sessions(request):
    ended = sessions.end_others(request.session.session_key, by=request.user)
    said = "1 other session is ended." if ended == 1 else f"{ended} other sessions are ended."
    messages.success(request, said)
    return redirect("agencies:sessions")


@login_required
@require_POST
def forget_kept_text(request):
    """Delete what this browser sent after its session had ended, and show the form without it."""
    if key := request.COOKIES.get(kept_text.COOKIE):
        kept_text.forget(key=key)
    messages.success(request, "We’ve deleted what you typed before you were signed out.")
    return redirect(own_path(request) or "record:my_learning")


@require_http_methods(["GET", "HEAD", "POST"])
def session_left(request):
    """Say for how many seconds this session is good; a POST says that somebody is there."""
    if not request.user.is_authenticated:
        return JsonResponse({"seconds": 0})
    if request.method == "POST" and not sessions.note_use(request, at_once=True):
        logout(request)
        return JsonResponse({"seconds": 0})
    return JsonResponse({"seconds": sessions.seconds_left(request.session)})
