"""Test the page that shows, before a save, how many people get which email."""

import pytest

from courses.models import Course, Run
from courses.notices import notices
from courses.scheduling import telling, trainers
from history.models import Event
from lms.models import Mail
from lms.web.overtaken import FIELD
from tests.courses.test_back_office import unchanged, words
from tests.factories import BookingFactory, PersonFactory, RunFactory, VenueFactory
from tests.filling import filled_form

pytestmark = pytest.mark.django_db
PAGE = "/cms/run/edit/{}/"


@pytest.fixture
def run(office):
    run = RunFactory(venue=VenueFactory())
    for name in ("Amina", "Graham"):
        made = BookingFactory(run=run, person__name=name, manager_email="boss@example.org")
        notices.confirmed(made)
    trainers.put_on(run, PersonFactory(email="tess@example.org"), by=office)
    Mail.objects.all().delete()
    return run


def fields_of(run, emails="", **more):
    fields = unchanged(run, trainers="tess@example.org", **more)
    return fields | {"emails": emails}


def save(client, run, emails="", **more):
    return client.post(PAGE.format(run.pk), fields_of(run, emails, **more))


def test_a_save_that_sends_email_shows_first_who_gets_it_and_writes_nothing(client, office, run):
    before = Run.objects.values().get(), Event.objects.count()
    page = words(save(client, run, joining_instructions="Bring <lunch>."))
    assert "4 people get an email" in page and "Save and email 4 people" in page
    assert "A date has changed: 3" in page and "A date has changed: its trainers: 1" in page
    assert "boss@example.org" in page and "tess@example.org" in page
    assert "Bring &lt;lunch&gt;." in page and "session-1.ics" in page
    assert 'name="joining_instructions" value="Bring &lt;lunch&gt;."' in page
    assert (Run.objects.values().get(), Event.objects.count()) == before
    assert not Mail.objects.exists()


def test_pressed_it_is_saved_and_they_have_what_was_shown(client, office, run):
    answer = save(client, run, "send", joining_instructions="Bring lunch.")
    assert answer.status_code == 302
    assert sorted(mail.to for mail in Mail.objects.all())[-1] == "tess@example.org"
    assert Mail.objects.count() == 3


def test_a_save_that_sends_nothing_is_saved_at_once(client, office, run):
    assert save(client, run, minimum=3).status_code == 302
    assert (Run.objects.get().minimum, Mail.objects.count()) == (3, 0)


def test_go_back_and_nothing_typed_is_lost(client, office, run):
    page = words(save(client, run, "back", joining_instructions="Bring lunch."))
    assert "Bring lunch.</textarea>" in page and "error-message" not in page
    assert Run.objects.get().joining_instructions == ""


def test_a_small_correction_is_offered_and_emails_nobody(client, office, run):
    shown = words(save(client, run, joining_instructions="Bring lunch."))
    assert "Correction only, no email" in shown
    assert save(client, run, "correct", joining_instructions="Bring lunch.").status_code == 302
    assert (Run.objects.get().joining_instructions, Mail.objects.count()) == ("Bring lunch.", 0)
    assert "Correction only" not in words(save(client, run, venue=VenueFactory().pk))


@pytest.mark.parametrize("change", ["venue", "trainers"])
def test_more_than_a_correction_is_refused_as_one(client, office, run, change):
    value = {"venue": VenueFactory().pk, "trainers": ""}[change]
    page = words(client.post(PAGE.format(run.pk), fields_of(run, "correct") | {change: value}))
    assert "more than a correction" in page
    assert Run.objects.get().trainers.exists() and not Mail.objects.exists()


def test_emails_are_held_for_a_reason_and_the_date_says_not_told_until_they_go(client, office, run):
    fields = fields_of(run, "hold", joining_instructions="Bring lunch.")
    assert "Say why the emails are held back" in words(client.post(PAGE.format(run.pk), fields))
    assert Run.objects.get().held_at is None
    client.post(PAGE.format(run.pk), fields | {"held_because": "Lunch is not ordered yet."})
    page = words(client.get(f"/cms/run/inspect/{run.pk}/"))
    assert "Not told" in page and "Lunch is not ordered yet." in page
    assert "Not told" in words(client.get("/cms/run/"))
    assert not Mail.objects.exists()
    assert "3 to tell now" in words(client.get(f"/cms/run/tell/{run.pk}/"))
    client.post(f"/cms/run/tell/{run.pk}/")
    assert Mail.objects.count() == 3
    assert "Not told" not in words(client.get(f"/cms/run/inspect/{run.pk}/"))
    told = words(client.get(f"/cms/run/tell/{run.pk}/"))
    assert "No email about this date is held back." in told and "Go back" in told
    assert '<button class="button" type="submit">' not in told


def test_a_venue_with_coming_dates_shows_first_who_gets_an_email(client, office, run):
    page = f"/cms/venue/edit/{run.venue_id}/"
    fields = {"name": run.venue.name, "address": "New address", "travel": "", "access": ""}
    shown = words(client.post(page, fields))
    assert "Save and email 4 people" in shown and "New address" in shown
    assert not Mail.objects.exists() and Run.objects.get().compare_from is None
    assert client.post(page, fields | {"emails": "send"}).status_code == 302
    assert Run.objects.get().compare_from is not None


def venue_fields(run, **more):
    venue = run.venue
    fields = {name: getattr(venue, name) for name in ("name", "address", "travel", "access")}
    return fields | more


def save_venue(client, run, **fields):
    return client.post(f"/cms/venue/edit/{run.venue_id}/", venue_fields(run, **fields))


@pytest.fixture
def second(run):
    """Return another date at the same venue, with somebody booked."""
    run = RunFactory(venue=run.venue)
    notices.confirmed(BookingFactory(run=run))
    Mail.objects.all().delete()
    return run


def test_a_venue_says_on_how_many_dates_and_offers_a_correction(client, office, run, second):
    shown = words(save_venue(client, run, travel="Bus 7."))
    assert "5 people get an email about 2 dates" in shown and "Correction only, no email" in shown
    assert "Correction only" not in words(save_venue(client, run, address="9 High Street"))
    assert Run.objects.filter(compare_from=None).count() == 2


def test_a_small_correction_of_a_venue_emails_nobody_then_or_later(client, office, run, second):
    assert save_venue(client, run, travel="Bus 7.", emails="correct").status_code == 302
    assert Run.objects.first().venue.travel == "Bus 7."
    telling.tell_again()
    telling.compare()
    telling.tell_again()
    assert not Mail.objects.exists()
    for date in (run, second):
        assert Event.objects.about(date).filter(action="run.corrected_without_email").exists()


def test_another_address_is_no_correction_of_a_venue(client, office, run):
    page = words(save_venue(client, run, address="9 High Street", emails="correct"))
    assert "more than a correction" in page
    assert Run.objects.get().venue.address != "9 High Street"


def test_a_correction_of_a_venue_swallows_nothing_that_waits_to_be_told(client, office, run):
    save_venue(client, run, travel="Bus 7.", emails="send")
    run.venue.refresh_from_db()
    assert save_venue(client, run, access="Ring twice.", emails="correct").status_code == 302
    telling.tell_again()
    assert {mail.template for mail in Mail.objects.all()} == {"run_moved", "trainer_date_changed"}
    assert all("Bus 7." in mail.text for mail in Mail.objects.filter(template="run_moved"))


def test_emails_of_a_venue_are_held_on_each_date(client, office, run, second):
    without = words(save_venue(client, run, address="9 High Street", emails="hold"))
    assert "Say why the emails are held back" in without
    why = "The lease is not signed."
    answer = save_venue(client, run, address="9 High Street", emails="hold", held_because=why)
    assert answer.status_code == 302
    telling.tell_again()
    assert not Mail.objects.exists()
    for date in (run, second):
        assert "Not told" in words(client.get(f"/cms/run/inspect/{date.pk}/"))
        client.post(f"/cms/run/tell/{date.pk}/")
    assert all("9 High Street" in mail.text for mail in Mail.objects.filter(template="run_moved"))
    assert Mail.objects.count() == 4


def test_a_new_name_of_a_course_shows_first_who_gets_an_email(client, office, run):
    """Send the form of the course as the page shows it, with another title."""
    page, course = f"/cms/course/edit/{run.course_id}/", run.course
    fields = filled_form(client.get(page).content, having=FIELD) | {"title": "Neglect and poverty"}
    shown = words(client.post(page, fields))
    assert "4 people get an email about 1 date" in shown and "Correction only, no email" in shown
    assert f"the name of the course (it was ‘{course.title}’)" in shown
    assert Course.objects.get(pk=course.pk).title == course.title
    assert client.post(page, fields | {"emails": "correct"}).status_code == 302
    assert Course.objects.get(pk=course.pk).title == "Neglect and poverty"
    telling.compare()
    telling.tell_again()
    assert not Mail.objects.exists()


def test_before_a_date_is_cancelled_each_email_can_be_read_with_the_reason(client, office, run):
    page = f"/cms/run/cancel/{run.pk}/"
    shown = words(client.post(page, {"reason": "The hall is flooded."}))
    assert "Cancel this date and email 4 people" in shown and "Nothing is done yet" in shown
    assert "The hall is flooded." in shown and "tess@example.org" in shown
    assert Run.objects.get().cancelled_at is None and not Mail.objects.exists()
    back = words(client.post(page, {"reason": "The hall is flooded.", "emails": "back"}))
    assert 'value="The hall is flooded."' in back
    sent = {"reason": "The hall is flooded.", "emails": "send"}
    assert client.post(page, sent).status_code == 302
    assert Run.objects.get().cancelled_at and Mail.objects.count() == 3


def test_a_date_that_nobody_was_told_of_is_cancelled_at_once(client, office):
    run = RunFactory()
    assert client.post(f"/cms/run/cancel/{run.pk}/", {"reason": "Snow."}).status_code == 302
    assert Run.objects.get().cancelled_at
