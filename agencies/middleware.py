"""Require a second factor of staff, and clear the device's storage at sign-out."""

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY
from django.core.cache import caches
from django.core.exceptions import PermissionDenied
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from agencies import access
from agencies.models import Board
from agencies.own_account import sessions
from lms.web.rate_limits import MEMORY

BACK_OFFICE = "/cms/"
ALWAYS_OPEN = ("/cms/login/", "/cms/logout/")
# Open without a second factor: how one is set up and given, and how somebody signs out.
ACCOUNT_PAGES = (
    "/accounts/",
    "/healthz",
    "/livez",
    "/readyz",
    "/robots.txt",
    "/static/",
    "/my/sessions/",
)
SECONDS_KEPT = 60
SIGNING_OUT = ("/accounts/logout/", "/cms/logout/")


class SecondFactorMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.turned_away(request) or self.get_response(request)

    def turned_away(self, request):
        """Return a redirect for those not admitted to the back office; None for the rest."""
        path = request.path
        if not path.startswith(BACK_OFFICE):
            return self.asked_of_the_powerful(request)
        if path.startswith(ALWAYS_OPEN):
            return None
        # Otherwise Wagtail and our sign-in page would redirect them to each other for ever.
        if request.user.is_authenticated and not access.may_enter_back_office(request.user):
            raise PermissionDenied
        if request.user.is_anonymous or not settings.LMS_SECOND_FACTOR_REQUIRED:
            return None
        return self.to_second_factor(request)

    def asked_of_the_powerful(self, request):
        """Ask trainers, leads and staff too, where the board's settings say so."""
        if request.path.startswith(ACCOUNT_PAGES) or BACKEND_SESSION_KEY not in request.session:
            return None
        if request.user.is_anonymous or not board_asks_second_factor():
            return None
        return self.to_second_factor(request) if sessions.has_power(request.user) else None

    def to_second_factor(self, request):
        """Return a redirect for those who have not used a second factor in this session."""
        if not is_mfa_enabled(request.user, [Authenticator.Type.TOTP]):
            return redirect("mfa_activate_totp")
        if not used_second_factor(request):
            path = {"next": request.get_full_path() if request.method == "GET" else request.path}
            return redirect(reverse("mfa_reauthenticate") + "?" + urlencode(path))
        return None


def board_asks_second_factor():
    """Return the board's setting; each process asks once a minute, not with each request."""
    return caches[MEMORY].get_or_set(
        "asks_second_factor", lambda: Board.load().asks_second_factor, SECONDS_KEPT
    )


@receiver(post_save, sender=Board)
def forget_setting(**kwargs):
    caches[MEMORY].delete("asks_second_factor")


def used_second_factor(request):
    records = get_authentication_records(request, request.user)
    return any(record["method"] == "mfa" for record in records)


class SignOutMiddleware:
    """Clear offline data, such as unsent marks and cached pages, from the device at sign-out."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.method == "POST" and request.path in SIGNING_OUT:
            response.headers["Clear-Site-Data"] = '"storage"'
        return response
