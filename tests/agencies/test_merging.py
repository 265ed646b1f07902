"""Test that merging two accounts moves all that one has, and that undoing puts all of it back."""

import datetime as dt
from threading import Barrier

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.contrib.auth.models import Group
from django.db import models
from django.utils import timezone

from agencies import accounts
from agencies.access import BOARD_MEMBERS, TRAINING_ADMINISTRATORS
from agencies.merging import merging, moving
from agencies.models import Board, Merge, MergedRow, Person, Post, TwoPeople
from agencies.privacy.rules import MergedRows
from courses.models import Booking, BookingPolicy, DeliveryRequest, Evidence, Mark, Run, Told
from history.models import Event
from lms.models import ActionLink, Mail
from lms.privacy.rules import Basis, Merging, names, personal, privacy_rules
from lms.refused import Refused
from protocols.models import Approver
from tests.agencies.owning import everything, own_everything
from tests.factories import (
    AgencyFactory,
    BookingFactory,
    ChargeFactory,
    DeliveryRequestFactory,
    EvidenceFactory,
    MarkFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
    RunFactory,
    in_days,
)
from tests.lms.test_postgresql import needs_postgresql
from tests.servers import at_once

pytestmark = pytest.mark.django_db
State = Booking.State


@pytest.fixture
def office(settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    return PersonFactory(is_staff=True, groups=[TRAINING_ADMINISTRATORS])


@pytest.fixture
def pair():
    return PersonFactory(name="Amina Rahman"), PersonFactory(name="A. Rahman")


def named(other):
    """Return which fields that merging moves still name this account."""
    return [
        f"{rule.name}.{key.name}"
        for rule, model, key, _ in moving.keys_that_move()
        if model._base_manager.filter(**{key.name: other.pk}).exists()
    ]


# All that there is


def test_nothing_that_moves_is_without_something_that_moves_it():
    assert moving.faults() == []


NEVER_COMPARED = {
    "history.Event", "lms.Mail", "agencies.Merge", "agencies.MergedRow", "sessions.Session",
    "django_tasks_database.DBTaskResult", "lms.JobFailure",
}  # fmt: skip
# A session or a link of the merged account that ended never works again.
NEW = {"agencies.Person": "password", "lms.ActionLink": "expires_at"}


def compared(rows):
    return {
        label: {
            pk: {name: value for name, value in row.items() if name != NEW.get(label)}
            for pk, row in its.items()
        }
        for label, its in rows.items()
        if label not in NEVER_COMPARED
    }


@pytest.mark.parametrize("both", [False, True], ids=["one has all", "both have all"])
def test_all_that_one_has_moves_and_undoing_puts_all_of_it_back(office, both):
    PersonFactory(name="The oldest")
    kept, other = PersonFactory(), PersonFactory()
    if both:
        own_everything(kept)
    own_everything(other)
    Board.load(), BookingPolicy.load()
    before = everything()
    there = set(named(other))
    assert there >= {f"{rule.name}.{key.name}" for rule, _, key, _ in moving.keys_that_move()}
    made = merging.merge(kept, other, by=office)
    assert named(other) == []
    assert not Told.objects.filter(reader__contains=f"-{other.pk}").exists()
    assert not ActionLink.objects.filter(about_id=str(other.pk)).exists()
    undone = merging.undo(made, by=office)
    assert undone.stays == []
    after = everything()
    assert compared(after) == compared(before)


@pytest.mark.parametrize(
    "field",
    [
        lambda: models.OneToOneField(django_settings.AUTH_USER_MODEL, models.CASCADE),
        lambda: models.BigIntegerField(),
    ],
    ids=["one", "number"],
)
def test_a_planted_field_that_nothing_moves_fails(field):
    body = {
        "__module__": __name__,
        "Meta": type("Meta", (), {"app_label": "courses"}),
        "whom_id" if isinstance(field(), models.BigIntegerField) else "whom": field(),
    }
    [name] = [each for each in body if each.startswith("whom")]
    type("Planted", (models.Model,), body)
    held = {name: names("Who it is", Merging.MOVE)}
    privacy_rules.register(
        personal(
            "courses.Planted", "Planted", whose=name, basis=Basis.PUBLIC_TASK,
            record_type="account", fields=held,
        )
    )  # fmt: skip
    try:
        [fault] = moving.faults()
        assert fault.startswith(f"courses.Planted.{name} ")
    finally:
        privacy_rules.unregister("courses.Planted")
        del apps.all_models["courses"]["planted"]
        apps.clear_cache()


# What becomes of the two accounts


def test_the_other_account_is_closed_and_both_addresses_are_the_kept_ones(office, pair):
    kept, other = pair
    theirs = other.email
    made = merging.merge(kept, other, by=office)
    other.refresh_from_db()
    assert not other.is_active
    assert Person.objects.with_address(theirs).get() == kept
    assert kept.emailaddress_set.filter(email=theirs, verified=True, primary=False).exists()
    told = Mail.objects.filter(template="accounts_merged")
    assert {mail.to for mail in told} == {kept.email, theirs}
    events = Event.objects.filter(action__in=["person.merged", "person.merged_into"])
    assert {event.thing_id for event in events} == {str(kept.pk), str(other.pk)}
    merging.undo(made, by=office)
    other.refresh_from_db()
    assert (other.is_active, other.email) == (True, theirs)
    told = Mail.objects.filter(template="accounts_unmerged")
    assert {mail.to for mail in told} == {kept.email, theirs}
    assert merging.undo(made, by=office).put_back == 0
    assert Event.objects.filter(action="person.unmerged").count() == 2


def test_an_address_of_both_is_kept_once_and_verified_if_one_is(office, pair):
    kept, other = pair
    kept.emailaddress_set.create(email=other.email, verified=False)
    merging.merge(kept, other, by=office)
    assert kept.emailaddress_set.get(email=other.email).verified
    assert kept.emailaddress_set.get(primary=True).email == kept.email


def test_who_was_signed_in_to_the_closed_account_is_signed_out_for_good(client, office, pair):
    kept, other = pair
    client.force_login(other)
    assert client.get("/my/jobs/").status_code == 200
    made = merging.merge(kept, other, by=office)
    assert client.get("/my/jobs/").status_code == 302
    merging.undo(made, by=office)
    assert client.get("/my/jobs/").status_code == 302


def test_no_role_and_no_agency_to_lead_moves(office, pair):
    kept, other = pair
    other.groups.add(Group.objects.get_or_create(name=BOARD_MEMBERS)[0])
    job = PostFactory(person=other, is_lead=True)
    assert merging.roles_left(other) == [BOARD_MEMBERS]
    foreseen = merging.foresee(kept, other, by=office)
    assert any(f"They led {job.agency}" in sentence for sentence in foreseen.sentences)
    merging.merge(kept, other, by=office)
    job.refresh_from_db()
    assert (job.person, job.is_lead) == (kept, False)
    assert not kept.groups.exists()


def test_a_closed_account_cannot_be_changed_while_it_is_merged(office, pair):
    kept, other = pair
    merging.merge(kept, other, by=office)
    other.refresh_from_db()
    other.is_active = True
    with pytest.raises(accounts.AccountRefused, match="was merged into"):
        accounts.save(other, groups=None, by=office)


# Refused


def test_the_same_account_is_not_merged(office, pair):
    with pytest.raises(merging.MergeRefused, match="one account"):
        merging.merge(pair[0], pair[0], by=office)


def test_only_the_office_merges_and_undoes(office, pair):
    with pytest.raises(merging.MergeRefused, match="Only the training office"):
        merging.merge(*pair, by=pair[0])
    made = merging.merge(*pair, by=office)
    with pytest.raises(merging.MergeRefused, match="Only the training office"):
        merging.undo(made, by=pair[0])


def test_who_presses_does_not_close_their_own_account(office, pair):
    with pytest.raises(merging.MergeRefused, match="You are signed in"):
        merging.merge(pair[0], office, by=office)


@pytest.mark.parametrize("which", [0, 1])
def test_a_system_administrator_is_not_merged_by_the_office(office, pair, which):
    Person.objects.filter(pk=pair[which].pk).update(is_superuser=True)
    with pytest.raises(merging.MergeRefused, match="system administrator"):
        merging.merge(*pair, by=office)


def test_a_closed_account_is_not_kept(office, pair):
    Person.objects.filter(pk=pair[0].pk).update(is_active=False)
    with pytest.raises(merging.MergeRefused, match="is closed"):
        merging.merge(*pair, by=office)


def test_a_merged_account_is_not_merged_again(office, pair):
    merging.merge(*pair, by=office)
    for kept, other in (pair, reversed(pair), (PersonFactory(), pair[1])):
        with pytest.raises(merging.MergeRefused, match="already"):
            merging.merge(kept, other, by=office)


def test_no_account_comes_to_decide_its_own_request(office, pair):
    kept, other = pair
    BookingFactory(person=kept, state=State.REQUESTED, approver_email=other.email)
    with pytest.raises(Refused, match="Decide that request first"):
        merging.merge(kept, other, by=office)


def test_nobody_becomes_their_own_line_manager(office, pair):
    kept, other = pair
    job = PostFactory(person=kept, line_manager=other, line_manager_email=other.email)
    made = merging.merge(kept, other, by=office)
    job.refresh_from_db()
    assert (job.line_manager, job.line_manager_email) == (None, "")
    merging.undo(made, by=office)
    job.refresh_from_db()
    assert (job.line_manager, job.line_manager_email) == (other, other.email)


# What both have


def booked(pair, mine, theirs, **more):
    run = RunFactory(**more)
    return run, *(
        BookingFactory(run=run, person=person, state=state)
        for person, state in zip(pair, (mine, theirs), strict=True)
    )


@pytest.mark.parametrize(
    ("mine", "theirs", "ends"),
    [
        (State.CONFIRMED, State.WAITING, 1),
        (State.WAITING, State.CONFIRMED, 0),
        (State.CONFIRMED, State.CONFIRMED, 1),
        (State.WAITING, State.OFFERED, 0),
        (State.REQUESTED, State.CONFIRMED, 0),
    ],
)
def test_of_two_bookings_of_a_date_the_better_one_stays(office, pair, mine, theirs, ends):
    run, *both = booked(pair, mine, theirs, places=3)
    taken = Run.objects.get(pk=run.pk).taken
    foreseen = merging.foresee(*pair, by=office)
    assert any("both accounts have a booking" in sentence for sentence in foreseen.sentences)
    assert Booking.objects.live().count() == 2
    made = merging.merge(*pair, by=office)
    [stays] = Booking.objects.live()
    ended = both[ends]
    held = ended.holds_place
    ended.refresh_from_db()
    assert stays == both[1 - ends]
    assert (ended.state, ended.end_reason) == (State.WITHDRAWN, "Merged with another account of "
            "the same person.")  # fmt: skip
    assert {stays.person, ended.person} == {pair[0]}
    assert Run.objects.get(pk=run.pk).taken == taken - held
    undone = merging.undo(made, by=office)
    assert undone.stays == []
    assert [Booking.objects.get(pk=each.pk).state for each in both] == [mine, theirs]
    assert [Booking.objects.get(pk=each.pk).person for each in both] == list(pair)
    assert Run.objects.get(pk=run.pk).taken == taken


def test_a_place_that_is_given_back_goes_to_who_waits_and_then_stays_there(office, pair):
    run, _mine, theirs = booked(pair, State.CONFIRMED, State.CONFIRMED, places=2)
    waits = BookingFactory(run=run, state=State.WAITING)
    made = merging.merge(*pair, by=office)
    waits.refresh_from_db()
    assert waits.state == State.CONFIRMED
    foreseen = merging.foresee_undo(made, by=office)
    assert ["cannot be put back" in sentence for sentence in foreseen.stays] == [True]
    merging.undo(made, by=office)
    theirs.refresh_from_db()
    assert (theirs.state, theirs.person) == (State.WITHDRAWN, pair[1])
    assert Run.objects.get(pk=run.pk).taken == 2


def test_one_who_came_stays_and_two_who_came_are_refused(office, pair):
    past = {"starts_at": in_days(-3), "closed_at": in_days(-2)}
    _, mine, theirs = booked(pair, State.CONFIRMED, State.CONFIRMED, **past)
    MarkFactory(booking=theirs)
    absent = MarkFactory(booking=mine, kind=Mark.Kind.ABSENT)
    charge = ChargeFactory(booking=mine)
    merging.foresee(*pair, by=office)
    Mark.objects.filter(pk=absent.pk).update(kind=Mark.Kind.PRESENT)
    with pytest.raises(Refused, match="Correct the register first"):
        merging.merge(*pair, by=office)
    Mark.objects.filter(pk=absent.pk).update(kind=Mark.Kind.ABSENT)
    merging.merge(*pair, by=office)
    mine.refresh_from_db()
    assert mine.state == State.WITHDRAWN
    charge.refresh_from_db()
    assert charge.waived_at is None


def test_of_two_jobs_at_an_agency_the_confirmed_one_stays(office, pair):
    mine = PostFactory(person=pair[0], confirmed_at=None)
    theirs = PostFactory(person=pair[1], agency=mine.agency)
    request = BookingFactory(
        person=pair[0], agency=mine.agency, state=State.REQUESTED, waits_for_job=True
    )
    merging.merge(*pair, by=office)
    mine.refresh_from_db()
    theirs.refresh_from_db()
    request.refresh_from_db()
    assert mine.ends_on == timezone.localdate() and theirs.ends_on is None
    assert theirs.person == pair[0]
    assert request.state == State.CONFIRMED


def test_of_two_requests_before_a_job_the_later_one_ends(office, pair):
    both = [
        BookingFactory(
            person=person, state=State.REQUESTED, waits_for_job=True, queued_at=in_days(-day)
        )
        for person, day in zip(pair, (1, 2), strict=True)
    ]
    merging.merge(*pair, by=office)
    assert [Booking.objects.get(pk=each.pk).is_live for each in both] == [False, True]


def test_of_two_pieces_of_evidence_one_waits_on(office, pair):
    mine = EvidenceFactory(person=pair[0])
    theirs = EvidenceFactory(person=pair[1], course=mine.course)
    made = merging.merge(*pair, by=office)
    theirs.refresh_from_db()
    assert (theirs.person, theirs.state) == (pair[0], Evidence.State.REFUSED)
    merging.undo(made, by=office)
    theirs.refresh_from_db()
    assert (theirs.person, theirs.state) == (pair[1], Evidence.State.SENT)


def test_a_trainer_who_said_yes_with_either_account_has_said_yes(office, pair):
    mine = DeliveryRequestFactory(person=pair[0])
    DeliveryRequestFactory(run=mine.run, person=pair[1], state="yes")
    made = merging.merge(*pair, by=office)
    assert DeliveryRequest.objects.get().state == "yes"
    merging.undo(made, by=office)
    assert sorted(DeliveryRequest.objects.values_list("state", flat=True)) == ["asked", "yes"]


def test_that_they_were_two_people_is_taken_back(office, pair):
    TwoPeople.objects.create(older=pair[0], newer=pair[1], found_by=office)
    foreseen = merging.foresee(*pair, by=office)
    assert any("two people" in sentence for sentence in foreseen.sentences)
    made = merging.merge(*pair, by=office)
    assert not TwoPeople.objects.exists()
    merging.undo(made, by=office)
    assert TwoPeople.objects.get().found_by == office


def test_a_draft_that_is_published_later_names_the_account_that_stays(office, pair):
    kept, other = pair
    page = ProtocolPageFactory()
    page.approvers = [
        Approver(agency=AgencyFactory(), person=other),
        Approver(agency=AgencyFactory(), person=None),
    ]
    draft = page.save_revision()

    def named():
        draft.refresh_from_db()
        return [each["person"] for each in draft.content["approvers"]]

    made = merging.merge(kept, other, by=office)
    assert named() == [kept.pk, None]
    draft.publish()
    assert Approver.objects.get(page=page, person__isnull=False).person == kept
    merging.undo(made, by=office)
    assert named() == [other.pk, None]


# Undoing


def test_what_changed_since_stays_and_is_said_before(office, pair):
    kept, other = pair
    job, moved_on = PostFactory(person=other), PostFactory(person=other, title="Nurse")
    made = merging.merge(kept, other, by=office)
    third = PersonFactory()
    Post.objects.filter(pk=moved_on.pk).update(person=third)
    foreseen = merging.foresee_undo(made, by=office)
    assert foreseen.stays == ["Jobs: who works where: 1 changed since, and stay as they are."]
    assert Post.objects.get(pk=job.pk).person == kept
    merging.undo(made, by=office)
    assert Post.objects.get(pk=job.pk).person == other
    assert Post.objects.get(pk=moved_on.pk).person == third


def test_it_is_undone_for_30_days_and_its_values_are_erased_then(office, pair):
    made = merging.merge(*pair, by=office)
    Merge.objects.update(merged_at=timezone.now() - dt.timedelta(days=31))
    made.refresh_from_db()
    assert not merging.can_be_undone(made)
    with pytest.raises(merging.MergeRefused, match="could be undone until"):
        merging.undo(made, by=office)
    due = MergedRows().due(timezone.now())
    assert due.exists()
    MergedRows().erase(list(due))
    assert not MergedRow.objects.exists()


def test_the_later_merge_is_undone_first(office, pair):
    kept, other = pair
    third = PersonFactory()
    first = merging.merge(kept, other, by=office)
    second = merging.merge(third, kept, by=office)
    with pytest.raises(merging.MergeRefused, match="Undo that first"):
        merging.undo(first, by=office)
    assert third.emailaddress_set.count() == 3
    merging.undo(second, by=office)
    merging.undo(first, by=office)
    assert [each.emailaddress_set.count() for each in (*pair, third)] == [1, 1, 1]


def test_an_address_that_became_the_kept_accounts_own_is_not_taken_away(office, pair):
    kept, other = pair
    theirs = other.email
    made = merging.merge(kept, other, by=office)
    kept.refresh_from_db()
    kept.email = theirs
    accounts.save(kept, groups=None, by=office)
    with pytest.raises(merging.MergeRefused, match="now uses an address"):
        merging.undo(made, by=office)


def test_foreseeing_changes_nothing(office, pair):
    PostFactory(person=pair[1])
    before = everything()
    foreseen = merging.foresee(*pair, by=office)
    assert foreseen.moved["agencies.Post"] == 1
    assert everything() == before


@pytest.mark.race
def test_two_presses_at_once_in_opposite_order_merge_once(own_database):
    office = PersonFactory(is_staff=True, groups=[TRAINING_ADMINISTRATORS])
    pair = [PostFactory().person, PostFactory().person]
    orders = [pair, pair[::-1]] * 2
    outcomes = at_once(4, lambda number: merging.merge(*orders[number], by=office))
    refused = [each for each in outcomes if isinstance(each, Refused)]
    [made] = [each for each in outcomes if isinstance(each, Merge)]
    assert len(refused) == 3, outcomes
    assert not Post.objects.filter(person=made.other).exists()
    assert Post.objects.filter(person=made.kept).count() == 2


@needs_postgresql
@pytest.mark.race
def test_without_the_lock_the_same_presses_both_go_on(own_database, monkeypatch):
    """Let both read the accounts before either writes: then not the lock, but chance decides."""
    both = Barrier(2)

    def unlocked(*people):
        fresh = [Person.objects.get(pk=person.pk) for person in people]
        both.wait(30)
        return fresh

    monkeypatch.setattr(merging, "_locked", unlocked)
    office = PersonFactory(is_staff=True, groups=[TRAINING_ADMINISTRATORS])
    pair = [PostFactory().person, PostFactory().person]
    orders = [pair, pair[::-1]]
    outcomes = at_once(2, lambda number: merging.merge(*orders[number], by=office))
    refused = [each for each in outcomes if isinstance(each, Refused)]
    assert not [each for each in refused if "merged into" in str(each)], outcomes
