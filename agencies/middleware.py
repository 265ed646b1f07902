"""Require a second factor of staff, and clear the device's storage at sign-out."""

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from agencies import access

BACK_OFFICE = "/cms/"
ALWAYS_OPEN = ("/cms/login/", "/cms/logout/")
SIGNING_OUT = ("/accounts/logout/", "/cms/logout/")


class SecondFactorMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.turned_away(request) or self.get_response(request)

    def turned_away(self, request):
        """Return a redirect for those not admitted to the back office; None for the rest."""
        path = request.path
        if not path.startswith(BACK_OFFICE) or path.startswith(ALWAYS_OPEN):
            return None
        # Otherwise Wagtail and our sign-in page would redirect them to each other for ever.
        if request.user.is_authenticated and not access.may_enter_back_office(request.user):
            raise PermissionDenied
        if request.user.is_anonymous or not settings.LMS_SECOND_FACTOR_REQUIRED:
            return None
        if not is_mfa_enabled(request.user, [Authenticator.Type.TOTP]):
            return redirect("mfa_activate_totp")
        if not used_second_factor(request):
            return redirect(reverse("mfa_reauthenticate") + "?" + urlencode({"next": path}))
        return None


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
