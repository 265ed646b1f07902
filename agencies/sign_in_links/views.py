"""Page behind a sign-in link: opening it shows whom it signs in, and its button does so."""

from allauth.account.internal.flows.email_verification import verify_email_indirectly
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib.auth import logout
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from agencies.sign_in_links import sign_in_links
from lms import links


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request, token):
    """Show whom the link signs in; only its button, a POST, spends it."""
    link = links.find(sign_in_links.PURPOSE, token)
    person = sign_in_links.owner_of(link)
    refused = sign_in_links.why_refused(link, person)
    if request.method == "POST" and not refused:
        try:
            person = sign_in_links.use(link)
        except links.LinkRefused as why:
            refused = str(why)
        else:
            return links.keep_private(signed_in(request, person, link.sent_to))
    page = {"person": person, "email": link.sent_to, "refused": refused}
    return links.keep_private(render(request, "agencies/sign_in_link.html", page))


def signed_in(request, person, email):
    """Go through the stages of signing in as after the right code, the second factor included."""
    if request.user.is_authenticated and request.user != person:
        logout(request)
    record_authentication(request, person, method="code", email=email)
    verify_email_indirectly(request, person, email)
    return perform_login(request, Login(user=person, email=email))
