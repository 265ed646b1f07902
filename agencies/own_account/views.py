"""Pages of one's own account: proving who one is, and changing addresses."""

from functools import wraps

from allauth.account import views as allauths
from allauth.account.adapter import get_adapter
from allauth.account.forms import ConfirmLoginCodeForm
from allauth.account.internal import flows
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_safe

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
    if ratelimit.consume(request, action="request_login_code", key=request.user.email):
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
