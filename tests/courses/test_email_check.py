"""Test the page that shows, before a save, how many people get which email."""

import pytest

from courses.models import Run
from courses.notices import notices
from courses.scheduling import trainers
from history.models import Event
from lms.models import Mail
from tests.courses.test_back_office import unchanged, words
from tests.factories import BookingFactory, PersonFactory, RunFactory, VenueFactory

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


def test_a_venue_with_coming_dates_shows_first_who_gets_an_email(client, office, run):
    page = f"/cms/venue/edit/{run.venue_id}/"
    fields = {"name": run.venue.name, "address": "New address", "travel": "", "access": ""}
    shown = words(client.post(page, fields))
    assert "Save and email 4 people" in shown and "New address" in shown
    assert not Mail.objects.exists() and Run.objects.get().compare_from is None
    assert client.post(page, fields | {"emails": "send"}).status_code == 302
    assert Run.objects.get().compare_from is not None
