"""End sessions in time, and ask who somebody is before they take a spreadsheet away."""

from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth import BACKEND_SESSION_KEY, logout
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django_htmx.http import HttpResponseClientRedirect

import history
from agencies.own_account import proving, sessions
from lms.spreadsheets.writing import CSV, XLSX

# Header of htmx requests that nobody's key or press has caused.
POLLS = "X-Polls"
SHEETS = tuple(kind.partition(";")[0] for kind in (CSV, XLSX))


BACK_OFFICE = "/cms/"
TO_PROVE = ("/accounts/", "/cms/login/")
OVER = {
    sessions.IDLE: "You were signed out because you had not used the site for a while. "
    "Sign in to go on.",
    sessions.TOO_LONG: "You were signed out because you signed in many hours ago. "
    "Sign in again to go on.",
}


class SessionMiddleware:
    """Sign out whose session is over, and note that the others use theirs."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.session_seconds = None
        if is_signed_in(request):
            if why := sessions.why_over(request):
                self.sign_out(request, why)
            elif is_use(request) and not sessions.note_use(request):
                logout(request)  # It was ended elsewhere since this request began.
            else:
                request.session_seconds = sessions.seconds_left(request.session)
                request.idle_time = sessions.idle_time()
        return self.get_response(request)

    def sign_out(self, request, why):
        sessions.note_end(request.user, why)
        logout(request)
        if not is_by_script(request):
            messages.info(request, OVER[why])


def is_use(request):
    """Return whether somebody did something: pings, saves and previews by script do not count.

    Outside the back office a script sends what somebody has tapped, and reads by itself. A page
    that asks again and again says so by the header POLLS.
    """
    if not is_by_script(request):
        return True
    return request.method == "POST" and not request.path.startswith(BACK_OFFICE)


def is_by_script(request):
    """Return whether a script made this request by itself; htmx asks when somebody types."""
    if getattr(request, "htmx", False):
        return POLLS in request.headers
    of_fetch = request.headers.get("Sec-Fetch-Dest") == "empty"
    wants_data = request.headers.get("Accept", "").startswith("application/json")
    return of_fetch or wants_data or request.path.startswith(f"{BACK_OFFICE}editing-sessions/")


class NoStoreMiddleware:
    """Keep browsers from storing what they show to somebody who is signed in.

    After signing out, Back would show it to whoever is next at the computer.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        cached_on_purpose = "max-age" in response.headers.get("Cache-Control", "")
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if (is_page or not cached_on_purpose) and is_signed_in(request):
            patch_cache_control(response, private=True, no_store=True)
        return response


class FragmentMiddleware:
    """Send the whole page to where somebody must sign in or prove who they are.

    The browser follows a redirect by itself, and htmx would put that page into a part of this one.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        to = response.headers.get("Location", "")
        if request.htmx and to.startswith(TO_PROVE):
            return HttpResponseClientRedirect(to)
        return response


def is_signed_in(request):
    """Return whether somebody is signed in; who only visits is asked nothing of the database."""
    return BACKEND_SESSION_KEY in request.session and request.user.is_authenticated


class ExportMiddleware:
    """Give a spreadsheet only to who proved within the hour who they are."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if not is_export(response) or not request.user.is_authenticated:
            return response
        if proving.is_due(request, after_sign_in=False):
            return to_proof(request)
        note_taken(request, response)
        return response


def note_taken(request, response):
    """Record that somebody took a file about people away."""
    route = request.resolver_match.route if request.resolver_match else ""
    now = {"route": route, "kind": response["Content-Type"].partition(";")[0]}
    history.record("person.took_file", request.user, by=request.user, now=now)


def is_export(response):
    """Return whether this answer is a spreadsheet; uploads that are given back are none."""
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    is_attached = "attachment" in response.headers.get("Content-Disposition", "")
    return response.status_code == 200 and kind in SHEETS and is_attached


def to_proof(request):
    """Redirect to the proof of who somebody is, which leads on to the file that this address is."""
    ready = f"{reverse('agencies:file_ready')}?{urlencode({'of': request.get_full_path()})}"
    method = get_adapter().get_reauthentication_methods(request.user)[0]
    return redirect(f"{method['url']}?{urlencode({'next': ready})}")
