"""Who may sign in, and where do they land?"""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse

from agencies import access


class PersonBackend(AuthenticationBackend):
    """Ends the sessions, too, of those who may no longer sign in."""

    def user_can_authenticate(self, user):
        return access.may_sign_in(user)

    @classmethod
    def _stash_user(cls, user):
        """A closed account gets the answer of a wrong password, not one of its own."""
        return super()._stash_user(None)


class AccountAdapter(DefaultAccountAdapter):
    def clean_email(self, email):
        email = email.strip().lower()
        if not email.isascii():
            raise ValidationError("Enter an e-mail address in unaccented English letters.")
        return email

    def save_user(self, request, user, form, commit=True):
        user.name = form.cleaned_data["name"]
        return super().save_user(request, user, form, commit)

    def pre_login(self, request, user, **kwargs):
        if not access.may_sign_in(user):
            return redirect("account_login")
        return super().pre_login(request, user, **kwargs)

    def get_login_redirect_url(self, request):
        """Staff to the back office; who has no job yet to joining; the rest to My learning."""
        person = request.user
        if access.may_enter_back_office(person):
            return reverse("wagtailadmin_home")
        if not person.posts.filter(ends_on=None).exists():
            return reverse("agencies:welcome")
        return super().get_login_redirect_url(request)

    def add_message(self, request, level, message_template=None, *args, **kwargs):
        """No greeting on each visit: the page itself shows who is signed in."""
        if message_template != "account/messages/logged_in.txt":
            super().add_message(request, level, message_template, *args, **kwargs)


def no_password(request):
    """Nobody has a password to set, change or forget: a code comes by e-mail each time."""
    raise Http404


def to_sign_in(request):
    """The back office has no entrance of its own."""
    query = request.GET.urlencode()
    return redirect(reverse("account_login") + (f"?{query}" if query else ""))
