"""Test the way from 'Book a place' to the booking form for somebody who is new here."""

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.http import urlencode

from courses.models import Booking
from lms.formatting import weekday
from tests.agencies.signing import code_sent_to
from tests.factories import (
    AgencyFactory,
    CoursePageFactory,
    PersonFactory,
    PostFactory,
    RoleGroupFactory,
    RunFactory,
    in_days,
)

pytestmark = pytest.mark.django_db


def said(response):
    return " ".join(response.content.decode().split())


def a_run(title="Supervision", **fields):
    return RunFactory(course=CoursePageFactory(course__title=title).course, **fields)


def form_of(run):
    return f"/my/bookings/new/{run.pk}/"


def to(address, **query):
    return f"{address}?{urlencode(query)}"


@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/signup/"])
def test_the_way_in_says_for_which_course_and_date(client, address):
    run = a_run()
    page = said(client.get(to(address, next=form_of(run))))
    assert "to book Supervision" in page
    assert weekday(timezone.localdate(run.starts_at)) in page
    assert "to book" not in said(client.get(address))


def test_the_pages_of_the_code_say_it_too(client):
    person, run = PostFactory().person, a_run()
    form, words = form_of(run), "To book Supervision, "
    assert words in said(client.get(to("/accounts/login/code/", next=form)))
    sent = client.post("/accounts/login/", {"login": person.email, "next": form}, follow=True)
    assert words in said(sent)
    assert words not in said(client.get(to("/accounts/login/", next=form)))


def test_an_account_can_be_created_by_a_button_that_keeps_the_date(client):
    run = a_run()
    page = said(client.get(to("/accounts/login/", next=form_of(run))))
    signup = f"/accounts/signup/?{urlencode({'next': form_of(run)})}"
    assert f'href="{signup}" class="govuk-button govuk-button--secondary"' in page


def hidden():
    run = a_run("A secret course")
    run.course.page.unpublish()
    return form_of(run)


def not_offered():
    run = a_run("A secret course")
    type(run.course).objects.filter(pk=run.course_id).update(is_offered=False)
    return form_of(run)


def cancelled():
    return form_of(a_run("A secret course", cancelled_at=timezone.now()))


def over():
    return form_of(a_run("A secret course", starts_at=in_days(-2)))


def elsewhere():
    return f"https://evil.example{form_of(a_run('A secret course'))}"


UNSHOWN = [hidden, not_offered, cancelled, over, elsewhere]
NO_DATES = ["/my/bookings/new/4711/", "/my/", "", "/nowhere/", "/my/bookings/new/x/", "\0", "//["]


@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/signup/", "/welcome/"])
@pytest.mark.parametrize("make", UNSHOWN)
def test_nothing_is_said_of_a_date_that_the_catalogue_does_not_show(client, make, address):
    if address == "/welcome/":
        client.force_login(PersonFactory())
    page = client.get(to(address, next=make()))
    assert page.status_code == 200
    assert "A secret course" not in said(page)


@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/signup/", "/welcome/"])
@pytest.mark.parametrize("following", NO_DATES)
def test_any_other_address_leaves_the_pages_as_they_are(client, following, address):
    client.force_login(PersonFactory()) if address == "/welcome/" else None
    page = client.get(to(address, next=following))
    assert page.status_code == 200
    assert " to book " not in said(page).partition("<main")[2].partition("Places are")[0]


FORMS = {
    "free": {},
    "full": {"places": 0},
    "to be approved": {"asks_approval": True},
    "capped": {"agency_cap": 0},
    "reserved to nobody": {"booking_closes_at": None},
}


@pytest.mark.parametrize("facts", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_only_lacks_a_job_is_asked_for_it_and_never_refused(client, facts, method):
    client.force_login(PersonFactory())
    run = a_run(**facts)
    page = getattr(client, method)(form_of(run), follow=True)
    assert page.redirect_chain == [(to("/welcome/", next=form_of(run)), 302)]
    text = said(page)
    assert "Where do you work?" in text
    assert "Step 2 of 3" in text
    assert "cannot" not in text.partition("<main")[2].partition("</main>")[0]
    assert not Booking.objects.exists()


def job(agency, **more):
    return {"agency": agency.pk, "title": "Nurse", "role_group": RoleGroupFactory().pk} | more


@pytest.mark.parametrize("is_known", [True, False], ids=["agency's address", "private address"])
def test_the_job_leads_back_to_the_form_of_the_date(client, is_known):
    run, person, agency = a_run(), PersonFactory(email="joy@beacon.example"), AgencyFactory()
    if is_known:
        agency.domains.create(name="beacon.example")
    client.force_login(person)
    form = said(client.get(to("/welcome/", next=form_of(run))))
    assert f'name="next" value="{form_of(run)}"' in form
    wrong = client.post("/welcome/", {"next": form_of(run)})
    assert f'name="next" value="{form_of(run)}"' in said(wrong)
    answer = client.post("/welcome/", job(agency, next=form_of(run)))
    assert answer["Location"] == form_of(run)
    assert client.get(form_of(run)).status_code == 200


EVIL = [
    "https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example",
    # Neither names of our own routes, which `redirect` would look up, nor what is no path.
    "account_logout", "courses:course", "no-such-name", "http://[",
]  # fmt: skip


@pytest.mark.parametrize("address", EVIL)
def test_the_job_never_leads_to_another_site(client, address):
    client.force_login(PersonFactory())
    assert address not in said(client.get(to("/welcome/", next=address)))
    answer = client.post("/welcome/", job(AgencyFactory(), next=address))
    assert answer["Location"] == "/my/jobs/"


def test_the_date_survives_the_account_the_code_and_the_job():
    client, run, agency = Client(), a_run(), AgencyFactory()
    form = form_of(run)
    signed_out = client.get(form)
    assert signed_out["Location"] == f"/accounts/login/?next={form}"
    client.get(to("/accounts/signup/", next=form))
    facts = {"name": "Joy Hill", "email": "joy@private.example", "next": form}
    code_page = client.post("/accounts/signup/", facts)["Location"]
    answer = client.post(code_page, {"code": code_sent_to("joy@private.example")})
    assert answer["Location"] == form
    assert client.get(form)["Location"] == to("/welcome/", next=form)
    assert client.post("/welcome/", job(agency, next=form))["Location"] == form
    assert client.get(form).status_code == 200


def test_the_page_of_a_course_leads_who_has_no_job_back_to_it(client):
    client.force_login(PersonFactory())
    run = a_run()
    address = run.course.page.get_url()
    page = said(client.get(address))
    assert f'href="/welcome/?next={address}">Say where you work</a>' in page
    assert "Book a place" in page


def test_who_has_a_job_never_sees_the_step(client):
    client.force_login(PostFactory().person)
    assert client.get(form_of(a_run())).status_code == 200


def test_the_page_of_the_code_is_in_our_words(client):
    person = PostFactory().person
    signed_up = {"name": "Joy Hill", "email": "joy@private.example"}
    for address, entered in [
        ("/accounts/login/", {"login": person.email}),
        ("/accounts/signup/", signed_up),
    ]:
        page = said(client.post(address, entered, follow=True))
        client.logout()
        assert "Enter your code" in page and "Send a new code" in page
        for theirs in ("Verification Code", "Sign-In", "Request new code", "Confirmation email"):
            assert theirs not in page
