"""Test sentences about states, each at the edge where it was once untrue."""

import datetime as dt
import re

import pytest
from bs4 import BeautifulSoup
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from wagtail.admin.viewsets import viewsets

from agencies.access import PROTOCOL_EDITORS, TRAINING_ADMINISTRATORS
from agencies.back_office.recorded import OfficeViewSet
from agencies.models import Board
from certificates.back_office import designs
from certificates.models import Certificate, Design, State
from courses.attendance import register
from courses.completion import awarding, run_certificates
from courses.models import Booking, Evaluation
from lms.formatting import moment
from lms.mail import templates
from lms.models import Mail
from protocols.cascade import dissemination, notices
from protocols.editions import editions
from protocols.models import Edition
from protocols.readers import acknowledgements
from record.training_record import content
from tests.factories import (
    AgencyFactory,
    BookingFactory,
    CertificateFactory,
    CompletionFactory,
    CourseFactory,
    CoursePageFactory,
    DisseminationFactory,
    EvaluationFactory,
    FeeFactory,
    MarkFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
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
    assert "on the waiting list" not in page
    assert "There was no place for you on this date" in page


@pytest.mark.parametrize(
    ("facts", "own", "office_reads"),
    [
        ({"state": "waiting"}, "No place became free", "No place became free"),
        ({"state": "requested"}, "Nobody approved your request", "Not approved in time"),
        (
            {"state": "requested", "waits_for_job": True},
            "Nobody confirmed where you work",
            "Job not confirmed in time",
        ),
        ({"state": "offered"}, "You did not accept the place", "Offer not accepted in time"),
    ],
)
@pytest.mark.parametrize("hours", [1, 200])
def test_what_ended_nothing_before_its_date_began_says_why_there_was_no_place(
    client, office, facts, own, office_reads, hours
):
    begun = timezone.now() - dt.timedelta(hours=hours)
    held = {"held_until": begun, "holds_place": True} if facts["state"] == "requested" else {}
    made = BookingFactory(run__starts_at=begun, **facts, **held)
    assert office_reads in words(client.get(f"/cms/telephone/{made.person_id}/"))
    client.force_login(made.person)
    page, mine = words(client.get(f"/my/bookings/{made.pk}/")), words(client.get("/my/"))
    assert own in page and own in mine
    for untrue in (
        "A place is held for you",
        "We have asked for",
        "on the waiting list",
        "Waiting",
    ):
        assert untrue not in page and untrue not in mine


def test_a_clash_names_the_session_that_is_at_the_same_time(client):
    two = [(in_days(day), in_days(day, "12:00")) for day in (10, 20)]
    person = PostFactory().person
    held = BookingFactory(run__sessions=two, person=person)
    wanted = RunFactory(starts_at=in_days(20), course=CoursePageFactory().course)
    client.force_login(person)
    asked = words(client.get(f"/my/bookings/new/{wanted.pk}/"))
    assert f"at the same time ({date_format(in_days(20), 'j F Y')}, 09:30)" in asked
    BookingFactory(run=wanted, person=person)
    other = words(client.get(f"/my/bookings/{Booking.objects.get(run=wanted).pk}/"))
    assert f"at the same time: {moment(in_days(20))}." in other
    assert moment(in_days(10)) not in other
    assert "at the same time" in words(client.get(f"/my/bookings/{held.pk}/"))


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
    run.course.asks_evaluation = True
    run.course.save()
    EvaluationFactory(booking=booking, kind=Evaluation.Kind.END)
    said = run_certificates.in_words(run_certificates.completions_of(run))
    assert said == "Certificates: 1 waits until the person has answered the evaluation."


@pytest.mark.parametrize(
    ("days", "named"), [(-4, "Cedar"), (-3, "Cedar"), (-2, "Ash"), (None, "Cedar")]
)
def test_a_certificate_names_what_the_agency_was_on_its_day(days, named):
    """Merge an agency some days from today, after or before a date that was 3 days ago."""
    merged_on = days and timezone.localdate() + dt.timedelta(days=days)
    beech = AgencyFactory(merged_into=AgencyFactory(name="Cedar"), merged_on=merged_on)
    ash = AgencyFactory(name="Ash", merged_into=beech, merged_on=merged_on)
    run = RunFactory(starts_at=in_days(-3))
    made = MarkFactory(booking__run=run, booking__agency=ash).booking
    register.close(run, by=PersonFactory(groups=[TRAINING_ADMINISTRATORS]))
    certificate = awarding.award_certificate(made.completions.get(), by="TEST")
    assert certificate.agency == named
    assert made.completions.get().agency_name == named


def test_a_merged_agency_is_named_with_what_it_is_part_of_today(client):
    ash = AgencyFactory(name="Ash", merged_into=AgencyFactory(name="Cedar"))
    person = PostFactory(agency=ash, title="Nurse").person
    made = BookingFactory(person=person, agency=ash)
    client.force_login(person)
    both = "Ash (now part of Cedar)"
    assert f"counts for {both}." in words(client.get(f"/my/bookings/{made.pk}/"))
    assert both in words(client.get("/my/jobs/"))
    assert "Nurse, Cedar" in words(client.get("/my/record/"))
    sent = DisseminationFactory(agency=ash)
    dissemination.mail_to_staff(sent, by=person)
    assert "Cedar asks you to read" in Mail.objects.get(to=person.email).text
    PostFactory(agency=ash.merged_into, is_lead=True)
    notices.notify_readers([sent], "protocol_chased")
    assert f"- {both}" in Mail.objects.get(template="protocol_chased").text


ASKED = "please confirm by"


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, ASKED),
        ({"deadline_on": in_days(-2).date()}, "our answer was due by"),
        ({"stopped_at": timezone.now(), "stopped_reason": "Not theirs."}, "Not asked any more"),
        ({"edition__withdrawn_at": timezone.now(), "edition__withdrawn_reason": "Wrong."},
         "Withdrawn"),
    ],
)  # fmt: skip
def test_an_agency_is_asked_to_confirm_only_what_is_still_wanted(client, facts, said):
    lead = PostFactory(is_lead=True)
    of_edition = {name.partition("__")[2]: facts[name] for name in facts if "__" in name}
    own = {name: facts[name] for name in facts if "__" not in name}
    sent = DisseminationFactory(agency=lead.agency, **own)
    Edition.objects.filter(pk=sent.edition_id).update(**of_edition) if of_edition else None
    client.force_login(lead.person)
    for address in ("/agency/protocols/", f"/agency/protocols/{sent.pk}/"):
        page = words(client.get(address))
        assert said in page
        assert (ASKED in page) == (said == ASKED)


def withdrawn(page):
    edition = page.edition_in_force
    editions.withdraw(edition, by="TEST", reason="It was wrong.")
    return edition


def test_no_page_leads_to_a_version_in_force_where_there_is_none(client, settings):
    page = ProtocolPageFactory(slug="unborn")
    edition = withdrawn(page)
    client.force_login(PersonFactory())
    read = words(client.get(f"/my/protocols/{edition.pk}/"))
    assert "No version is in force at present" in read and "Read the one" not in read
    with pytest.raises(acknowledgements.ReadingRefused, match="No version is at present"):
        acknowledgements.acknowledge(edition, by=PersonFactory())
    assert "Next review" not in words(client.get("/protocols/unborn/"))
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client.force_login(PersonFactory(is_staff=True, groups=[PROTOCOL_EDITORS]))
    versions = words(client.get(f"/cms/protocols/{page.pk}/versions/"))
    assert "There is no draft, and no version is in force." in versions


def test_the_holder_is_asked_for_a_new_certificate_only_if_it_is_valid(client):
    last = CertificateFactory()
    old = CertificateFactory(superseded_at=timezone.now(), superseded_by=last)
    assert "Ask its holder for the new one" in words(client.get(old.verify_path))
    Certificate.objects.filter(pk=last.pk).update(revoked_at=timezone.now(), revoked_reason="No.")
    page = words(client.get(old.verify_path))
    assert "Ask its holder" not in page and "That one is not valid either" in page


def test_a_certificate_that_was_deleted_is_not_to_be_made_yet(client):
    completion = CompletionFactory()
    CertificateFactory(holder=completion.person, award=completion.award, erased_at=timezone.now())
    client.force_login(completion.person)
    record = words(client.get("/my/record/"))
    assert "No longer held" in record and "Not made yet" not in record


@pytest.mark.parametrize(
    ("courses", "is_default", "said"),
    [
        (0, False, "No course uses it yet"),
        (1, False, "New certificates of 1 course are made"),
        (2, False, "New certificates of 2 courses are made"),
        (0, True, "every course that names no other design"),
    ],
)
def test_a_saved_design_says_which_courses_use_it(courses, is_default, said):
    design = Design.objects.create(name="Blue", is_default=is_default)
    for _ in range(courses):
        CourseFactory(certificate_design=design)
    assert said in designs.who_uses(design)


def test_who_is_signed_in_is_not_told_to_sign_in(client):
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
