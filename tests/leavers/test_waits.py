"""Walk everything that can wait for a person, and find who has it once that person is gone.

`CASES` has every registered kind of wait; one that is missing there fails. Each case makes the
thing and its person, and says how that person goes and who must have it then: at once, by the verb
of their going, and by night for a going that no verb saw.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from agencies import accounts, joining, partners
from agencies.access import COMMITTEE_CHAIRS, POLICY_LEADS, PROTOCOL_EDITORS
from agencies.models import Board, Person, Post
from courses.booking import booking
from courses.models import Booking, DeliveryRequest, Run
from courses.scheduling import trainers
from lms.models import ActionLink, Mail
from lms.registries import leavers
from protocols.cascade import dissemination
from protocols.models import Approval
from tests.factories import (
    AgencyFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
    RunFactory,
    TrainerFactory,
)
from tests.protocols.test_approving import approve_step, drafted, protocol_for

pytestmark = pytest.mark.django_db


@dataclass
class Case:
    """Person for whom something waits, and what is so once they have gone."""

    person: Person
    is_passed_on: Callable[[], bool]


def written(kind, to):
    return Mail.objects.filter(template=kind, to=getattr(to, "email", to)).exists()


def office():
    return Board.load().email


def deciding(asked):
    """Return the addresses that hold a link which decides about the request now."""
    links = ActionLink.objects.filter(
        purpose="approval", about_id=str(asked.pk), used_at=None, expires_at__gt=timezone.now()
    )
    return set(links.values_list("sent_to", flat=True))


def request(**post):
    run = RunFactory(places=2, asks_approval=True)
    post = PostFactory(**post)
    return booking.request_place(run, post.person, by=post.person)


def manager_with_lead():
    agency = AgencyFactory()
    manager = PostFactory(agency=agency).person
    lead = PostFactory(agency=agency, is_lead=True).person
    asked = request(
        agency=agency, line_manager=manager, line_manager_email=manager.email,
        line_manager_confirmed_at=timezone.now(),
    )  # fmt: skip
    assert deciding(asked) == {manager.email}
    return Case(manager, lambda: deciding(asked) == {lead.email})


def lead_with_another():
    agency = AgencyFactory()
    first = PostFactory(agency=agency, is_lead=True).person
    asked = request(agency=agency)
    second = PostFactory(agency=agency, is_lead=True).person
    assert deciding(asked) == {first.email}
    return Case(first, lambda: deciding(asked) == {second.email})


def lead_alone():
    lead = PostFactory(is_lead=True)
    asked = request(agency=lead.agency)

    def passed_on():
        asked.refresh_from_db()
        return asked.approver_email == office() and written("approval_asked", office())

    return Case(lead.person, passed_on)


def place():
    run = RunFactory(places=1, freed_places="at_once")
    person, waiting = PostFactory().person, PostFactory().person
    held = booking.request_place(run, person, by=person)
    waits = booking.request_place(run, waiting, by=waiting)

    def given_back():
        states = dict(Booking.objects.values_list("pk", "state"))
        return (states[held.pk], states[waits.pk]) == ("withdrawn", "confirmed")

    return Case(person, given_back)


def delivery():
    trainer = TrainerFactory().person
    [asked] = trainers.ask(RunFactory(), [trainer], by="TEST")

    def told():
        state = DeliveryRequest.objects.get(pk=asked.pk).state
        return state == "no" and written("delivery_answered", office())

    return Case(trainer, told)


def date_to_deliver():
    trainer, run = TrainerFactory().person, RunFactory()
    run.trainers.add(trainer)
    return Case(
        trainer,
        lambda: not run.trainers.exists() and written("trainer_has_left", office()),
    )


def job_with_another_lead():
    lead = PostFactory(is_lead=True)
    asks = PersonFactory()
    joining.join(asks, lead.agency, title="Nurse", role_group=None, by=asks)
    other = PostFactory(agency=lead.agency, is_lead=True).person
    return Case(lead.person, lambda: written("job_waiting", other))


def job_without_another_lead():
    lead = PostFactory(is_lead=True)
    asks = PersonFactory()
    joining.join(asks, lead.agency, title="Nurse", role_group=None, by=asks)
    return Case(lead.person, lambda: written("job_waiting", office()))


def manager(agency):
    """Let somebody whose job is confirmed name a manager whom nobody knows."""
    post = PostFactory(agency=agency)
    joining.name_line_manager(post, "boss@elsewhere.example.org", by=post.person)
    return post


def manager_with_another_lead():
    lead = PostFactory(is_lead=True)
    manager(lead.agency)
    other = PostFactory(agency=lead.agency, is_lead=True).person
    assert written("manager_waiting", lead.person)
    return Case(lead.person, lambda: written("manager_waiting", other))


def manager_without_another_lead():
    lead = PostFactory(is_lead=True)
    manager(lead.agency)
    return Case(lead.person, lambda: written("manager_waiting", office()))


def own_job_to_confirm():
    asks = PostFactory().person
    waiting = joining.join(asks, AgencyFactory(), title="Nurse", role_group=None, by=asks)
    return Case(asks, lambda: not Post.objects.get(pk=waiting.pk).is_waiting)


def board():
    groups = {"author": PROTOCOL_EDITORS, "policy": POLICY_LEADS, "chair": COMMITTEE_CHAIRS}
    return {name: PersonFactory(is_staff=True, groups=[group]) for name, group in groups.items()}


def draft_with_another_lead():
    lead, people = PostFactory(is_lead=True), board()
    page = drafted(protocol_for(lead.agency), people["author"])
    approve_step(page, people["policy"])
    other = PostFactory(agency=lead.agency, is_lead=True).person
    return Case(lead.person, lambda: written("draft_to_approve", other))


def draft_without_another_lead():
    lead, people = PostFactory(is_lead=True), board()
    page = drafted(protocol_for(lead.agency), people["author"])
    approve_step(page, people["policy"])
    return Case(
        lead.person,
        lambda: written("draft_stuck", people["author"]) and written("draft_stuck", office()),
    )


def draft_of_the_chair():
    lead, people = PostFactory(is_lead=True), board()
    page = drafted(protocol_for(lead.agency), people["author"])
    approve_step(page, people["policy"])
    asked = Approval.objects.of_agencies().waiting().get()
    from protocols.approval import approval

    approval.approve(asked, by=lead.person)
    return Case(people["chair"], lambda: written("draft_stuck", people["author"]))


def cascade():
    lead = PostFactory(is_lead=True)
    edition = ProtocolPageFactory().edition_in_force
    deadline = timezone.localdate() + dt.timedelta(days=20)
    dissemination.send(edition, [lead.agency], by=PersonFactory(), message="", deadline=deadline)
    other = PostFactory(agency=lead.agency, is_lead=True).person
    return Case(lead.person, lambda: written("protocol_sent", other))


def place_before_the_job():
    run = RunFactory(places=1, freed_places="at_once")
    asks = PostFactory(confirmed_at=None, agency=PostFactory(is_lead=True).agency).person
    held = booking.request_place(run, asks, by=asks)
    waiting = PostFactory().person
    waits = booking.request_place(run, waiting, by=waiting)

    def given_back():
        states = dict(Booking.objects.values_list("pk", "state"))
        return (states[held.pk], states[waits.pk]) == ("withdrawn", "confirmed")

    return Case(asks, given_back)


def place_before_the_job_with_another_lead():
    lead, asks = PostFactory(is_lead=True), PersonFactory()
    joining.join(asks, lead.agency, title="Nurse", role_group=None, by=asks)
    booking.request_place(RunFactory(), asks, by=asks)
    other = PostFactory(agency=lead.agency, is_lead=True).person
    about_the_place = Mail.objects.filter(to=other.email, text__contains="asked for a place")
    return Case(lead.person, about_the_place.exists)


CASES = {
    "requests_to_managers": [manager_with_lead],
    "requests_to_leads": [lead_with_another, lead_alone],
    "bookings_of_closed_accounts": [place, place_before_the_job],
    "deliveries_asked": [delivery],
    "dates_to_deliver": [date_to_deliver],
    "jobs_to_confirm": [
        job_with_another_lead,
        job_without_another_lead,
        place_before_the_job_with_another_lead,
    ],
    "managers_to_confirm": [manager_with_another_lead, manager_without_another_lead],
    "jobs_of_closed_accounts": [own_job_to_confirm],
    "drafts_of_agencies": [draft_with_another_lead, draft_without_another_lead],
    "drafts_of_board_steps": [draft_of_the_chair],
    "cascades": [cascade],
}
# Waits for the person themself, and for who comes rather than goes: they have tests of their own.
OWN = {"bookings_of_old_jobs", "drafts_of_new_members"}
ALL = [pytest.param(make, id=f"{name}-{make.__name__}") for name in CASES for make in CASES[name]]


def test_every_kind_of_wait_is_tried():
    assert {*CASES, *OWN} == {wait.name for wait in leavers.waits}


@pytest.mark.parametrize("make", ALL)
def test_a_closed_account_hands_on_at_once_what_waits_for_it(make):
    case, administrator = make(), PersonFactory(is_superuser=True, is_staff=True)
    assert not case.is_passed_on()
    case.person.is_active = False
    accounts.save(case.person, groups=None, by=administrator)
    assert case.is_passed_on()
    mails = Mail.objects.count()
    assert leavers.pass_on() == 0
    assert Mail.objects.count() == mails


@pytest.mark.parametrize("make", ALL)
def test_what_a_going_that_nobody_saw_left_behind_is_handed_on_by_night(make):
    case = make()
    Person.objects.filter(pk=case.person.pk).update(is_active=False)
    leavers.pass_on()
    assert case.is_passed_on()
    assert leavers.pass_on() == 0


OF_LEADS = [make for name in CASES for make in CASES[name] if "lead" in make.__name__]


@pytest.mark.parametrize("make", [*OF_LEADS, cascade])
def test_who_loses_the_role_hands_on_at_once(make):
    case, administrator = make(), PersonFactory(is_superuser=True, is_staff=True)
    if make is manager_with_lead:
        joining.leave(case.person.posts.get(), on=yesterday(case), by=administrator)
    else:
        joining.appoint_lead(case.person.posts.get(), is_lead=False, by=administrator)
    assert case.is_passed_on()


def yesterday(case):
    day = timezone.localdate() - dt.timedelta(days=1)
    case.person.posts.update(starts_on=day)
    return day


def test_who_changes_jobs_is_asked_once_for_which_job_each_booking_is():
    post = PostFactory(starts_on=timezone.localdate() - dt.timedelta(days=9))
    made = booking.request_place(RunFactory(), post.person, by=post.person)
    joining.leave(post, on=timezone.localdate() - dt.timedelta(days=1), by=post.person)
    leavers.pass_on()
    [mail] = Mail.objects.filter(template="booking_of_old_job")
    assert mail.to == post.person.email
    assert f"/my/bookings/{made.pk}/job/" in mail.text


def test_a_new_lead_is_asked_at_once_what_waits_where_there_was_none():
    case = draft_without_another_lead()
    administrator = PersonFactory(is_superuser=True, is_staff=True)
    agency = case.person.posts.get().agency
    Person.objects.filter(pk=case.person.pk).update(is_active=False)
    leavers.pass_on()
    new = PostFactory(agency=agency)
    joining.appoint_lead(new, is_lead=True, by=administrator)
    assert written("draft_to_approve", new.person)


def test_an_agency_that_is_merged_hands_on_at_once_what_waits_for_nobody_there():
    lead = PostFactory(is_lead=True)
    old = AgencyFactory()
    asks = PersonFactory()
    joining.join(asks, old, title="Nurse", role_group=None, by=asks)
    manager(old)
    for kind in ("job_waiting", "manager_waiting"):
        assert written(kind, office()) and not written(kind, lead.person)
    administrator = PersonFactory(is_superuser=True, is_staff=True)
    today = timezone.localdate()
    partners.change(old, merged_into=lead.agency, merged_on=today, by=administrator)
    for kind in ("job_waiting", "manager_waiting"):
        assert written(kind, lead.person)
    assert leavers.pass_on() == 0


def test_who_may_confirm_a_manager_is_told_once_a_day_and_who_decided_is_not():
    lead = PostFactory(is_lead=True)
    post = manager(lead.agency)
    joining.name_line_manager(post, "other@elsewhere.example.org", by=post.person)
    told = Mail.objects.filter(template="manager_waiting")
    assert [mail.to for mail in told] == [lead.person.email]
    assert "boss@elsewhere.example.org" in told.get().text
    # The lead confirms a job while its person names another manager: the lead has just looked.
    waiting = PostFactory(
        agency=lead.agency, confirmed_at=None, line_manager_email="x@elsewhere.example.org"
    )
    joining.confirm(waiting, by=lead.person, manager_read="y@elsewhere.example.org")
    assert told.count() == 1
    joining.confirm_line_manager(post, "other@elsewhere.example.org", by=lead.person)
    Person.objects.filter(pk=lead.person.pk).update(is_active=False)
    leavers.pass_on()
    assert not Mail.objects.about(post).filter(to=office()).exists()


def chairs():
    return Group.objects.get(name=COMMITTEE_CHAIRS)


def waits_for_the_chair(people):
    page = drafted(ProtocolPageFactory(), people["author"])
    approve_step(page, people["policy"])


def given_the_role(people):
    person = PersonFactory(is_staff=True)
    accounts.save(person, groups=[chairs()], by=people["administrator"])
    return person


def made_with_the_role(people):
    person = Person(name="New Chair", email="chair@example.org", is_staff=True)
    return accounts.save(person, groups=[chairs()], by=people["administrator"])


def let_in_again(people):
    person = PersonFactory(is_staff=True, is_active=False, groups=[COMMITTEE_CHAIRS])
    person.is_active = True
    return accounts.save(person, groups=None, by=people["administrator"])


@pytest.mark.parametrize("comes", [given_the_role, made_with_the_role, let_in_again])
def test_a_new_chair_is_told_once_of_each_draft_that_waits(comes):
    people = board() | {"administrator": PersonFactory(is_superuser=True, is_staff=True)}
    for _ in range(2):
        waits_for_the_chair(people)
    new = comes(people)
    told = Mail.objects.filter(template="draft_waits")
    assert [mail.to for mail in told] == [new.email, new.email]
    accounts.save(new, groups=[chairs()], by=people["administrator"])
    assert leavers.pass_on() == 0
    assert told.count() == 2
    # Wagtail tells them of what comes to the step from now on.
    waits_for_the_chair(people)
    leavers.pass_on()
    assert told.count() == 2


def test_who_had_the_role_already_is_not_told_again():
    people = board() | {"administrator": PersonFactory(is_superuser=True, is_staff=True)}
    waits_for_the_chair(people)
    both = [chairs(), Group.objects.get(name=POLICY_LEADS)]
    accounts.save(people["chair"], groups=both, by=people["administrator"])
    assert not Mail.objects.filter(template="draft_waits").exists()


def test_the_office_reads_which_places_a_closed_account_gave_back(client, office):
    case = place()
    person = case.person
    data = {"name": person.name, "email": person.email, "telephone": "", "is_staff": ""}
    page = client.post(reverse("wagtailusers_users:edit", args=[person.pk]), data, follow=True)
    assert case.is_passed_on(), page.content.decode()[:500]
    assert "1 booking ended" in page.content.decode()
    assert Run.objects.get().taken == 1
