"""Is this member of staff who they say they are, and what is left on a device that signs out?"""

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
        """What somebody gets instead of the back office; nothing when they may pass."""
        path = request.path
        if not path.startswith(BACK_OFFICE) or path.startswith(ALWAYS_OPEN):
            return None
        # Wagtail would send them to sign in, where those signed in are sent back: for ever.
        if request.user.is_authenticated and not access.may_enter_back_office(request.user):
            raise PermissionDenied
        if request.user.is_anonymous or not settings.SECOND_FACTOR_REQUIRED:
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
    """Who signs out leaves nothing on the device: no marks that wait, no pages that were kept."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.method == "POST" and request.path in SIGNING_OUT:
            response.headers["Clear-Site-Data"] = '"storage"'
        return response
