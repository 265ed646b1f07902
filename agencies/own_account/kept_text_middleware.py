"""Keep what is sent without a session, and show it to its person once they have signed in."""

from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.template.loader import render_to_string
from django.urls import reverse

from agencies.middleware import SIGNING_OUT
from agencies.models import Person
from agencies.own_account import kept_text
from agencies.own_account.middleware import BACK_OFFICE, is_by_script, is_signed_in
from lms.web import refilling

# Cookie that says who signed in last in this browser: whose form it is when the session is gone.
PERSON = "last_person"
SALT = "agencies.kept_text"
ACCOUNTS = "/accounts/"
# Wagtail saves pages as drafts while somebody types.
PAGES = "wagtailadmin_pages:"
KEPT = (
    "Nothing has been sent or saved yet. We’ll keep what you typed for an hour: sign in, and "
    "you’ll go back to the form with your text in it."
)
NOT_KEPT = "What you sent has not been saved. Sign in, then send it again."


class KeptTextMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.kept_text = self.found(request)
        response = self.get_response(request)
        if request.method == "POST":
            self.after_post(request, response)
        elif request.kept_text and is_page(response):
            show(request, response)
        self.know_browser(request, response)
        return response

    def found(self, request):
        """Return what is kept for this page, only to the person who typed it."""
        key = request.COOKIES.get(kept_text.COOKIE)
        if request.method != "GET" or not key or is_by_script(request) or not is_signed_in(request):
            return None
        return kept_text.find(request.user, key=key, page=request.path)

    def after_post(self, request, response):
        key = request.COOKIES.get(kept_text.COOKIE)
        if is_signed_in(request):
            # Taken, or shown again with what is wrong.
            if key and response.status_code < 400 and not leads_to_accounts(response):
                kept_text.forget(key=key, action=request.path)
        elif leads_to_sign_in(response) and not is_by_script(request):
            self.keep(request, response, key or kept_text.new_key())

    def keep(self, request, response, key):
        """Keep what was sent, if we know whose it is, and lead back to the page of the form."""
        page = page_of(request)
        lead_back(response, page)
        person = person_of(request)
        values = kept_text.worth_keeping(request.POST) if person and may_keep(request) else {}
        if not values:
            messages.warning(request, NOT_KEPT)
            return
        typed = kept_text.Typed(urlsplit(page).path, request.path, values)
        kept_text.keep(person, typed, key=key)
        remember(response, kept_text.COOKIE, key, kept_text.KEPT_FOR.total_seconds())
        messages.info(request, KEPT)

    def know_browser(self, request, response):
        """Remember who is signed in, until they sign out."""
        if request.method == "POST" and request.path in SIGNING_OUT:
            if key := request.COOKIES.get(kept_text.COOKIE):
                kept_text.forget(key=key)
            for cookie in {PERSON, kept_text.COOKIE} & request.COOKIES.keys():
                response.delete_cookie(cookie, samesite="Lax")
        elif is_signed_in(request):
            said = signing.Signer(salt=SALT).sign(str(request.user.pk))
            if request.COOKIES.get(PERSON) != said:
                remember(response, PERSON, said, settings.SESSION_COOKIE_AGE)


def remember(response, cookie, value, seconds):
    response.set_cookie(
        cookie,
        value,
        max_age=int(seconds),
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def person_of(request):
    """Return who signed in last in this browser; None if nobody has, or they signed out."""
    try:
        pk = signing.Signer(salt=SALT).unsign(request.COOKIES.get(PERSON, ""))
    except signing.BadSignature:
        return None
    return Person.objects.filter(pk=pk, is_active=True).first()


def may_keep(request):
    name = request.resolver_match.view_name if request.resolver_match else ""
    return not (
        request.path.startswith(ACCOUNTS)
        or name.startswith(PAGES)
        or name in settings.LMS_NEVER_KEPT_VIEWS
    )


def page_of(request):
    """Return the address of the page that the form was on; the form's own if that is not known."""
    referrer = urlsplit(request.headers.get("Referer", ""))
    if referrer.netloc != request.get_host() or referrer.path.startswith(ACCOUNTS):
        return request.get_full_path()
    return referrer._replace(scheme="", netloc="", fragment="").geturl()


def leads_to_accounts(response):
    return urlsplit(response.headers.get("Location", "")).path.startswith(ACCOUNTS)


def leads_to_sign_in(response):
    where = urlsplit(response.headers.get("Location", "")).path
    return response.status_code == 302 and where == reverse(settings.LOGIN_URL)


def lead_back(response, page):
    """Let the sign-in page lead to this page: the form's address may take nothing but a form."""
    where = urlsplit(response.headers["Location"])
    query = dict(parse_qsl(where.query)) | {"next": page}
    response.headers["Location"] = where._replace(query=urlencode(query, safe="/")).geturl()


def is_page(response):
    kind = response.headers.get("Content-Type", "")
    return response.status_code == 200 and not response.streaming and kind.startswith("text/html")


def show(request, response):
    """Put the text into its form and say so; what has no place in it is listed, to be copied."""
    typed, page = request.kept_text, response.text
    filled, left = page, []
    if not typed.is_filled:
        found = refilling.refill(page, request.path, typed.action, typed.values)
        filled, left = found or (page, refilling.prose(typed.values))
    look = "office" if request.path.startswith(BACK_OFFICE) else "page"
    context = {"left": left, "look": look, "page": request.get_full_path()}
    notice = render_to_string("components/kept_text.html", context, request)
    response.content = refilling.with_notice(filled, notice)
