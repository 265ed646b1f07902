"""Decide who may sign in, and where they land."""

from typing import ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core import context as allauth_context
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse

from agencies import access
from agencies.own_account import devices, proving
from lms.web import rate_limits
from lms.web.client_address import client_address

SECOND_FACTOR = "allauth.mfa"
TOO_MANY_EMAILS = (
    "We’ve already sent several emails to this address, so we have not sent another. Use the"
    " code in the newest one, look in your junk folder, or try again in an hour. If you didn’t ask"
    " for them, somebody else gave your address: use a browser in which you’ve signed in before, or"
    " ask the training office to send you a link that signs you in."
)


class PersonBackend(AuthenticationBackend):
    """Authentication backend that also ends the sessions of those who may no longer sign in."""

    def user_can_authenticate(self, user):
        return access.may_sign_in(user)

    @classmethod
    def _stash_user(cls, user):
        """Answer for a closed account as for a wrong password, not distinctly."""
        return super()._stash_user(None)


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages: ClassVar = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "Enter the newest code that your app shows",
        "cannot_delete_authenticator": "Your role needs the app, so you can’t stop using it",
        "unverified_email": (
            "One of your email addresses is not confirmed. Confirm it, or remove it, before you set"
            " up the app"
        ),
    }


class AccountAdapter(DefaultAccountAdapter):
    error_messages: ClassVar = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": (
            "We’ve just sent codes to this address. Use the newest one, or wait a minute and ask"
            " again"
        ),
        "duplicate_email": "You’ve added this address already. Enter another",
        "email_taken": "This address is already registered with another account. Enter another",
        "cannot_remove_primary_email": "Make another address your main one before you remove this",
        "rate_limited": "You’ve asked for many codes in a short time. Wait a minute and ask again.",
        "account_inactive": "This account is closed",
        "incorrect_code": "Enter the code from our newest email to you",
        "max_email_addresses": "You can have %d addresses. Remove one before you add another",
    }

    def get_client_ip(self, request):
        """Return the address that limits count; allauth fails the page where it cannot tell."""
        return client_address(request)

    def clean_email(self, email):
        email = email.strip().lower()
        if not email.isascii():
            raise ValidationError("Enter an email address in unaccented English letters.")
        return email

    def save_user(self, request, user, form, commit=True):
        user.name = form.cleaned_data["name"]
        return super().save_user(request, user, form, commit)

    def render_mail(self, template_prefix, email, context, headers=None):
        """Put the code into the subject that is sent: the outbox keeps, and shows, one without."""
        message = super().render_mail(template_prefix, email, context, headers)
        if code := context.get("code"):
            words = message.subject[:1].lower() + message.subject[1:]
            message.extra_headers["Subject"] = f"{code} is {words}"
        return message

    def send_mail(self, template_prefix, email, context):
        """Send an email that somebody's typing an address causes, as often as its owner can bear.

        Counted alike for addresses that we know and others, so that the answer tells nothing. Where
        the owner has signed in before they count by themself, so that strangers keep nobody out.
        """
        request = allauth_context.request
        rates = settings.LMS_ACCOUNT_EMAIL_RATE
        if request and not rate_limits.may(
            request, "account_email", rates, key=devices.counted_as(request, email)
        ):
            raise ImmediateHttpResponse(rate_limits.refused(request, TOO_MANY_EMAILS))
        super().send_mail(template_prefix, email, context)

    def pre_login(self, request, user, **kwargs):
        if not access.may_sign_in(user):
            return redirect("account_login")
        return super().pre_login(request, user, **kwargs)

    def is_safe_url(self, url):
        """Treat an address that cannot be read like another site's."""
        try:
            return super().is_safe_url(url)
        except ValueError:
            return False

    def get_login_redirect_url(self, request):
        """Return the admin for staff, joining for those without a job, My learning for the rest."""
        person = request.user
        if access.may_enter_back_office(person):
            return reverse("wagtailadmin_home")
        if not person.posts.filter(ends_on=None).exists():
            return reverse("agencies:welcome")
        return super().get_login_redirect_url(request)

    def get_reauthentication_methods(self, user):
        """Offer the authenticator app to those who have one, an emailed code to the rest."""
        methods = super().get_reauthentication_methods(user)
        with_app = [method for method in methods if method["id"] != "reauthenticate"]
        by_code = {"id": "code", "description": "", "url": reverse("agencies:prove")}
        return with_app or ([by_code] if user.is_authenticated else [])

    def is_reauthentication_required(self, *, app, **kwargs):
        """Ask for the proof here: allauth asks only those who have a password or an app."""
        request = allauth_context.request
        if proving.is_due(request, after_sign_in=app != SECOND_FACTOR):
            raise ReauthenticationRequired
        return False

    def add_message(self, request, level, message_template=None, *args, **kwargs):
        """Suppress the greeting at sign-in: the page itself shows who is signed in."""
        if message_template != "account/messages/logged_in.txt":
            super().add_message(request, level, message_template, *args, **kwargs)


def no_password(request):
    """Refuse allauth's password pages: a code comes by email each time."""
    raise Http404


def to_sign_in(request):
    """Redirect the Wagtail admin's sign-in page to the site's own."""
    query = request.GET.urlencode()
    return redirect(reverse("account_login") + (f"?{query}" if query else ""))
