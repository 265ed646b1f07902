"""Test sentences about states, each at the edge where it was once untrue."""

import datetime as dt
import re

import pytest
from bs4 import BeautifulSoup
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from wagtail.admin.viewsets import viewsets

from agencies.back_office.recorded import OfficeViewSet
from agencies.models import Board
from certificates.models import State
from courses.completion import run_certificates
from courses.models import Evaluation
from lms.mail import templates
from lms.models import Mail
from record.training_record import content
from tests.factories import (
    AgencyFactory,
    BookingFactory,
    CertificateFactory,
    CompletionFactory,
    EvaluationFactory,
    FeeFactory,
    PersonFactory,
    PostFactory,
    RunFactory,
    VenueFactory,
    in_days,
)

pytestmark = pytest.mark.django_db


def words(answer):
    return " ".join(BeautifulSoup(answer.content, "html.parser").get_text(" ").split())


@pytest.mark.parametrize("state", ["confirmed", "waiting", "withdrawn", "lapsed"])
def test_only_a_request_has_a_place_that_is_kept_until_a_moment(client, office, state):
    made = BookingFactory(state=state, held_until=in_days(5))
    assert "Place kept until" not in words(client.get(f"/cms/booking/inspect/{made.pk}/"))
    asked = BookingFactory(state="requested", holds_place=True, held_until=in_days(5))
    assert "Place kept until" in words(client.get(f"/cms/booking/inspect/{asked.pk}/"))


def test_no_list_of_the_office_counts_uses_of_which_wagtail_knows_nothing():
    reverse("wagtailadmin_home")  # finds every viewset
    ours = [each for each in viewsets.viewsets if isinstance(each, OfficeViewSet)]
    assert len(ours) > 15
    for viewset in ours:
        with pytest.raises(NoReverseMatch):
            reverse(viewset.get_url_name("usage"), args=[1])


def test_a_venue_in_use_is_not_used_0_times(client, office):
    venue = VenueFactory()
    RunFactory(venue=venue)
    page = words(client.get(f"/cms/venue/edit/{venue.pk}/"))
    assert "Used 0" not in page and "eferenced 0" not in page


def test_nobody_is_in_the_queue_of_a_date_that_is_over(client):
    run = RunFactory(starts_at=in_days(-3))
    waits = BookingFactory(run=run, state="waiting")
    client.force_login(waits.person)
    page = words(client.get(reverse("courses:booking", args=[waits.pk])))
    assert "in the queue" not in page and "You are on the waiting list" not in page
    assert "There was no place for you on this date" in page


@pytest.mark.parametrize(("days", "state"), [(1, "valid"), (0, "valid"), (-1, "refresh_due")])
def test_a_refresh_day_has_not_passed_on_the_day_itself(days, state):
    day = timezone.localdate() + dt.timedelta(days=days)
    certificate = CertificateFactory(refresh_on=day)
    assert certificate.state == State(state)
    assert content.Entry(None, certificate, day).is_due == (state == "refresh_due")


def test_what_became_of_certificates_is_counted_and_never_promised():
    run = RunFactory(starts_at=in_days(-3), closed_at=in_days(-2))
    assert run_certificates.in_words(run_certificates.completions_of(run)) == ""
    booking = BookingFactory(run=run)
    CompletionFactory(booking=booking, person=booking.person, course=run.course)
    assert "1 being made now" in run_certificates.in_words(run_certificates.completions_of(run))
    run.course.evaluation_first = True
    run.course.save()
    EvaluationFactory(booking=booking, kind=Evaluation.Kind.END)
    assert run_certificates.in_words(run_certificates.completions_of(run))


def test_who_is_signed_in_is_not_told_to_sign_in(client):
    from tests.factories import CoursePageFactory

    page = CoursePageFactory(course__charges_fee=True)
    FeeFactory()
    assert "Sign in to see if yours does" in words(client.get(page.url))
    client.force_login(PersonFactory())
    assert "Sign in to see" not in words(client.get(page.url))


@pytest.mark.parametrize("has_lead", [True, False])
def test_who_is_asked_to_confirm_a_job_is_who_has_the_email(client, has_lead):
    agency = AgencyFactory(name="Harbour School")
    if has_lead:
        PostFactory(agency=agency, is_lead=True)
    client.force_login(PersonFactory())
    answer = client.post("/welcome/", {"agency": agency.pk, "title": "Nurse"}, follow=True)
    asked = "Harbour School" if has_lead else "the training office"
    assert f"We've asked {asked} to confirm" in words(answer).replace("’", "'")
    assert (Mail.objects.get(template="job_waiting").to == Board.load().email) != has_lead


# Words of an email that are true only if it is sent at once, or that say who else has it.
HASTY = re.compile(r"\b(today|tomorrow|just been|just now|a moment ago)\b", re.IGNORECASE)


@pytest.mark.parametrize("kind", sorted(templates.kinds()))
def test_an_email_says_what_is_so_however_late_it_is_sent(kind):
    """Refuse words such as 'today': with the mail server down, an email may wait for days."""
    ours = templates.ours(kind)
    assert not HASTY.search(f"{ours.subject}\n{ours.text}")
