"""Test adding people who attend without a booking."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from agencies.access import TRAINING_ADMINISTRATORS
from agencies.models import Person, Post
from courses.attendance import register
from courses.attendance.marking import Attendance, RegisterRefused
from courses.booking import booking, nightly_checks
from courses.models import Booking, Completion
from history.models import Event
from lms.models import Mail
from tests.factories import (
    AgencyFactory,
    BookingFactory,
    DomainFactory,
    PersonFactory,
    PostFactory,
    RunFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer():
    return PersonFactory(name="Tess Trainer")


@pytest.fixture
def run(trainer):
    """Create a full run in progress."""
    starts_at = timezone.now() - dt.timedelta(hours=1)
    run = RunFactory(starts_at=starts_at, places=1, trainers=[trainer])
    BookingFactory(run=run, person__name="Ann")
    return run


def counted(run):
    run.refresh_from_db()
    return run.taken, run.extra, nightly_checks.runs_miscounted()


def test_who_is_known_has_a_place_over_the_limit_for_their_newest_job(run, trainer):
    PostFactory(person=(person := PersonFactory()), agency__name="Old job")
    newest = PostFactory(person=person, agency__name="New job", starts_on=timezone.localdate())
    EmailAddress.objects.create(user=person, email="mary@home.example.org", verified=True)
    added = register.walk_in(run, "mary@home.example.org", by=trainer)
    assert (added.person, added.agency, added.role_group, added.state) == (
        person,
        newest.agency,
        newest.role_group,
        "confirmed",
    )
    assert added.override_reason == "Came unbooked"
    assert counted(run) == (2, 1, [])
    assert Event.objects.about(added).filter(action="register.walk_in").exists()
    # Idempotent: the same booking, and no second mail.
    assert register.walk_in(run, person.email, by=trainer) == added
    assert list(Mail.objects.values_list("template", "to")) == [("came_unbooked", person.email)]
    assert counted(run) == (2, 1, [])


def test_an_address_that_nobody_has_proven_belongs_to_nobody(run, trainer):
    person = PostFactory().person
    EmailAddress.objects.create(user=person, email="claimed@example.org", verified=False)
    added = register.walk_in(
        run, "claimed@example.org", "Real Owner", agency=AgencyFactory(), by=trainer
    )
    assert added.person != person


def test_who_is_not_known_has_an_account_and_says_themself_where_they_work(run, trainer):
    agency = AgencyFactory()
    added = register.walk_in(run, "new@example.org", "Nora New", agency=agency, by=trainer)
    assert (added.person.name, added.person.email, added.agency) == (
        "Nora New",
        "new@example.org",
        agency,
    )
    assert not added.person.has_usable_password()
    assert not Post.objects.filter(person=added.person).exists()
    [mail] = Mail.objects.all()
    assert (mail.template, mail.to) == ("came_unbooked", "new@example.org")
    assert "Tess Trainer has added you" in mail.text
    assert "Sign in with this address, new@example.org" in mail.text


def test_who_waits_for_a_place_or_is_offered_one_keeps_that_booking(run, trainer):
    for state in ("waiting", "offered", "requested"):
        other = RunFactory(starts_at=run.starts_at, places=1, trainers=[trainer])
        waits = BookingFactory(run=other, person=PostFactory().person, state=state)
        assert register.walk_in(other, waits.person.email, by=trainer) == waits
        waits.refresh_from_db()
        assert (waits.state, waits.holds_place) == ("confirmed", True)
        assert counted(other) == (1, 0, [])


def test_who_had_cancelled_and_came_all_the_same_has_a_new_place(run, trainer):
    gone = BookingFactory(run=run, person=PostFactory().person, state="withdrawn")
    added = register.walk_in(run, gone.person.email, by=trainer)
    assert added != gone
    assert counted(run) == (2, 1, [])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"is_active": False}, "Nobody can be added at this address"),
        ({}, "say for which agency"),
    ],
)
def test_who_cannot_be_added_is_refused_and_nothing_changes(run, trainer, change, sentence):
    person = PersonFactory(**change)
    with pytest.raises(RegisterRefused, match=sentence):
        register.walk_in(run, person.email, by=trainer)
    with pytest.raises(RegisterRefused, match="give their full name"):
        register.walk_in(run, "nobody@example.org", " ", by=trainer)
    with pytest.raises(RegisterRefused, match="say for which agency"):
        register.walk_in(run, "nobody@example.org", "No Body", by=trainer)
    assert counted(run) == (1, 0, [])
    assert not Person.objects.filter(email="nobody@example.org").exists()
    assert Mail.objects.count() == 0


def test_from_half_an_hour_before_until_signing_off_and_then_by_the_office(
    run, trainer, time_machine
):
    one, two = PostFactory().person, PostFactory().person
    time_machine.move_to(run.starts_at - dt.timedelta(minutes=30, seconds=1), tick=False)
    with pytest.raises(RegisterRefused, match="can be added from"):
        register.walk_in(run, one.email, by=trainer)
    time_machine.move_to(run.starts_at - dt.timedelta(minutes=30), tick=False)
    register.walk_in(run, one.email, by=trainer)
    time_machine.move_to(run.ends_at, tick=False)
    register.close(run, by=trainer)
    with pytest.raises(RegisterRefused, match="signed off"):
        register.walk_in(run, two.email, by=trainer)
    office = PersonFactory(groups=[TRAINING_ADMINISTRATORS])
    assert register.walk_in(run, two.email, by=office).person == two
    run.cancelled_at = timezone.now()
    run.save()
    with pytest.raises(RegisterRefused, match="cancelled"):
        register.walk_in(run, PostFactory().person.email, by=office)


def test_who_came_unbooked_is_marked_at_once_and_completes(run, trainer):
    added = register.walk_in(run, "n@example.org", "Nora", agency=AgencyFactory(), by=trainer)
    register.mark(run.sessions.get(), {added.pk: Attendance("present")}, by=trainer)
    register.close(run, by=trainer)
    assert Completion.objects.get().person.name == "Nora"


def test_places_that_the_office_gives_are_as_before(run):
    office, person = PersonFactory(groups=[TRAINING_ADMINISTRATORS]), PostFactory().person
    run = RunFactory(places=0)
    added = booking.add_regardless(run, person, by=office, reason="Must come")
    assert (added.state, added.override_reason, counted(run)) == (
        "confirmed",
        "Must come",
        (1, 1, []),
    )


def address(run):
    return f"/register/{run.pk}/walk-in/"


def words(response):
    return " ".join(response.content.decode().split())


def test_the_page_shows_whom_it_found_before_it_adds_them(client, trainer, run):
    person = PostFactory(person__name="Mary Seacole", agency__name="City Midwifery").person
    client.force_login(trainer)
    assert "/walk-in/" in client.get(f"/register/{run.pk}/").content.decode()
    found = client.post(address(run), {"email": f" {person.email.upper()} "})
    assert "This is <strong>Mary Seacole</strong> of City Midwifery." in words(found)
    assert Booking.objects.filter(run=run).count() == 1
    page = client.post(address(run), {"email": person.email, "sure": "yes"}, follow=True)
    assert "Mary Seacole is on the register. Mark them now." in words(page)
    added = Booking.objects.get(run=run, person=person)
    assert page.redirect_chain[0][0] == f"/register/{run.pk}/#person-{added.pk}"


def test_the_page_asks_for_the_name_and_agency_of_whom_it_does_not_know(client, trainer, run):
    agency = DomainFactory(name="solent.example.org").agency
    client.force_login(trainer)
    asked = client.post(address(run), {"email": "new@solent.example.org"})
    assert "There is a problem" not in words(asked)
    assert f'<option value="{agency.pk}" selected>' in words(asked)
    assert "Their full name" in words(asked)
    assert "Where they work" in words(asked)
    assert "(optional)" not in words(asked)
    unfilled = {"email": "new@solent.example.org", "name": "", "agency": "", "sure": "y"}
    wrong = client.post(address(run), unfilled)
    assert "Enter their full name." in words(wrong)
    assert "Choose where they work." in words(wrong)
    assert "(optional)" not in words(wrong)
    nonsense = {"email": "no", "name": "<b>", "agency": "x", "sure": "y"}
    assert "Enter an email address like" in words(client.post(address(run), nonsense))
    sent = {"email": "new@solent.example.org", "name": " Nora  New ", "sure": "y"}
    client.post(address(run), sent | {"agency": agency.pk})
    added = Booking.objects.get(run=run, person__email="new@solent.example.org")
    assert (added.person.name, added.agency) == ("Nora New", agency)


def test_before_the_day_the_page_says_from_when(client, trainer):
    run = RunFactory(trainers=[trainer])
    client.force_login(trainer)
    assert "can be added from" in words(client.get(address(run)))
    person = PostFactory().person
    refused = client.post(address(run), {"email": person.email, "sure": "yes"})
    assert "can be added from" in words(refused)
    assert Booking.objects.count() == 0
