"""Test how somebody comes to hold a job at an agency, and leaves it."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.utils import timezone

from agencies import joining
from agencies.access import TRAINING_ADMINISTRATORS
from agencies.models import Board, Post
from history.models import Event
from lms.models import Mail
from tests.factories import (
    AgencyFactory,
    DomainFactory,
    PersonFactory,
    PostFactory,
    RoleGroupFactory,
)

db = pytest.mark.django_db


def join(person, agency, **more):
    fields = {"title": "Midwife", "role_group": None, "by": person} | more
    return joining.join(person, agency, **fields)


def mails():
    return sorted(Mail.objects.values_list("to", "template"))


def actions(post):
    return list(Event.objects.about(post).order_by("pk").values_list("action", flat=True))


@db
def test_a_proven_address_at_the_domain_confirms_at_once():
    domain = DomainFactory(name="portsmouth.example.org")
    person = PersonFactory(email="anna@portsmouth.example.org")
    post = join(person, domain.agency, role_group=RoleGroupFactory())
    assert post.is_confirmed
    assert list(person.posts.current()) == [post]
    assert (mails(), actions(post)) == ([], ["post.joined"])


@db
def test_a_second_proven_address_counts_too():
    domain = DomainFactory(name="portsmouth.example.org")
    person = PersonFactory(email="anna@home.example.net")
    EmailAddress.objects.create(user=person, email="anna@portsmouth.example.org", verified=True)
    assert join(person, domain.agency).is_confirmed


@db
@pytest.mark.parametrize(
    ("email", "is_verified"),
    [
        ("anna@portsmouth.example.org", False),
        ("anna@evil-portsmouth.example.org", True),
        ("anna@evil.portsmouth.example.org", True),
        ("anna@portsmouth.example.org.evil.net", True),
        ("portsmouth.example.org@evil.net", True),
    ],
)
def test_an_unproven_address_or_one_that_only_looks_alike_waits(email, is_verified):
    domain = DomainFactory(name="portsmouth.example.org")
    post = join(PersonFactory(email=email, is_verified=is_verified), domain.agency)
    assert post.is_waiting
    assert mails() == [(Board.load().email, "job_waiting")]


@db
def test_who_waits_is_shown_to_every_lead_and_to_nobody_else():
    lead, other_lead = PostFactory(is_lead=True), PostFactory(is_lead=True)
    second = PostFactory(is_lead=True, agency=lead.agency)
    post = join(PersonFactory(), lead.agency)
    expected = [(lead.person.email, "job_waiting"), (second.person.email, "job_waiting")]
    assert mails() == sorted(expected)
    assert other_lead.person.email not in dict(mails())
    assert post.person.name in Mail.objects.first().text


@db
def test_asking_twice_is_one_job_and_one_mail():
    agency, person = AgencyFactory(), PersonFactory()
    assert join(person, agency) == join(person, agency)
    assert Mail.objects.count() == 1


@db
def test_another_job_at_the_same_agency_is_refused_with_its_name():
    agency, person = AgencyFactory(name="Solent Trust"), PersonFactory()
    join(person, agency)
    with pytest.raises(joining.JoiningRefused, match="already have a job at Solent Trust"):
        join(person, agency, title="Health visitor")


@db
def test_a_merged_agency_names_the_one_to_choose():
    now = AgencyFactory(name="The new trust")
    with pytest.raises(joining.JoiningRefused, match="Choose that agency"):
        join(PersonFactory(), AgencyFactory(merged_into=now))


@db
def test_nobody_is_their_own_line_manager_by_any_of_their_addresses():
    person = PersonFactory()
    EmailAddress.objects.create(user=person, email="second@example.org", verified=True)
    for email in (person.email, "Second@Example.org"):
        with pytest.raises(joining.JoiningRefused, match="not your own"):
            join(person, AgencyFactory(), line_manager_email=email)
    assert not Post.objects.exists()


@db
def test_nobody_joins_for_somebody_else_but_lead_and_office():
    lead = PostFactory(is_lead=True)
    with pytest.raises(joining.JoiningRefused):
        join(PersonFactory(), AgencyFactory(), by=lead.person)
    assert join(PersonFactory(), lead.agency, by=lead.person).is_confirmed
    office = PersonFactory(groups=[TRAINING_ADMINISTRATORS])
    assert join(PersonFactory(), AgencyFactory(), by=office).is_confirmed


@db
def test_a_lead_confirms_once_and_the_person_hears_once():
    lead = PostFactory(is_lead=True)
    post = PostFactory(agency=lead.agency, confirmed_at=None)
    first = joining.confirm(post, by=lead.person)
    again = joining.confirm(post, by=lead.person)
    assert first.confirmed_at == again.confirmed_at
    assert mails() == [(post.person.email, "job_confirmed")]
    assert actions(post) == ["post.confirmed"]


@db
def test_the_lead_of_another_agency_a_colleague_and_the_person_may_not_decide():
    agency = AgencyFactory()
    own = PostFactory(agency=agency, confirmed_at=None, is_lead=True)
    for by in (PostFactory(is_lead=True).person, PostFactory(agency=agency).person, own.person):
        for verb in (joining.confirm, joining.refuse):
            with pytest.raises(joining.JoiningRefused):
                verb(own, by=by)
    own.refresh_from_db()
    assert own.is_waiting
    assert mails() == []


@db
def test_even_an_administrator_does_not_confirm_themself():
    post = PostFactory(confirmed_at=None, person__groups=[TRAINING_ADMINISTRATORS])
    with pytest.raises(joining.JoiningRefused, match="Somebody else"):
        joining.confirm(post, by=post.person)


@db
def test_refusing_ends_the_request_and_tells_the_reason_which_history_does_not_keep():
    lead = PostFactory(is_lead=True)
    post = PostFactory(agency=lead.agency, confirmed_at=None)
    joining.refuse(post, by=lead.person, reason="We do not know Anna")
    joining.refuse(post, by=lead.person, reason="We do not know Anna")
    post.refresh_from_db()
    assert (post.state, post.ends_on) == ("not confirmed", timezone.localdate())
    assert mails() == [(post.person.email, "job_refused")]
    assert "We do not know Anna" in Mail.objects.get().text
    assert "Anna" not in str(Event.objects.about(post).values_list("was", "now"))
    with pytest.raises(joining.JoiningRefused, match="already been refused"):
        joining.confirm(post, by=lead.person)


@db
def test_who_was_refused_may_ask_again():
    lead = PostFactory(is_lead=True)
    post = join(PersonFactory(), lead.agency)
    joining.refuse(post, by=lead.person)
    assert join(post.person, lead.agency) != post


@db
def test_a_manager_counts_with_a_proven_address_of_the_agency():
    domain = DomainFactory(name="portsmouth.example.org")
    manager = PersonFactory(email="boss@portsmouth.example.org")
    person = PersonFactory(email="anna@portsmouth.example.org")
    stranger = PersonFactory(email="friend@example.net")
    post = join(person, domain.agency, line_manager_email=manager.email)
    assert post.line_manager == manager
    post = joining.name_line_manager(post, stranger.email, by=person)
    assert (post.line_manager, post.line_manager_email) == (None, stranger.email)


@db
def test_a_lead_who_confirms_vouches_for_the_manager():
    lead, manager = PostFactory(is_lead=True), PersonFactory()
    post = join(PersonFactory(), lead.agency, line_manager_email=manager.email)
    assert post.line_manager is None
    post = joining.confirm(post, by=lead.person, manager_read=manager.email)
    assert (post.line_manager, post.has_known_manager) == (manager, True)


@db
def test_leaving_keeps_the_job_and_its_last_day():
    post = PostFactory()
    today = timezone.localdate()
    joining.leave(post, on=today, by=post.person)
    joining.leave(post, on=today, by=post.person)
    assert list(post.person.posts.current()) == [post]
    assert list(post.person.posts.current(today + timedelta(days=1))) == []
    assert actions(post) == ["post.left"]


@db
@pytest.mark.parametrize(("who", "letters"), [("lead", 1), ("office", 1), ("person", 0)])
def test_whose_last_day_somebody_else_gives_is_told_once(who, letters):
    post = PostFactory()
    lead = PostFactory(agency=post.agency, is_lead=True, person__name="Lee Lead").person
    by = {"lead": lead, "office": PersonFactory(is_superuser=True), "person": post.person}[who]
    on = timezone.localdate()
    for _ in range(2):
        joining.leave(post, on=on, by=by)
    found = Mail.objects.filter(template="job_ended", to=post.person.email)
    assert found.count() == letters
    if letters:
        assert f"{by.name} has told us that your job at {post.agency} ends." in found.get().text
        assert f"Last day: {on:%-d %B %Y}" in found.get().text


@db
def test_nobody_leaves_before_the_first_day_or_for_somebody_else():
    post = PostFactory()
    day_before = post.starts_on - timedelta(days=1)
    with pytest.raises(joining.JoiningRefused, match="before the first"):
        joining.leave(post, on=day_before, by=post.person)
    with pytest.raises(joining.JoiningRefused, match="Only the person"):
        joining.leave(post, on=timezone.localdate(), by=PostFactory(agency=post.agency).person)
    post.refresh_from_db()
    assert post.ends_on is None


@db
def test_a_mover_ends_one_job_the_day_before_the_next():
    today = timezone.localdate()
    post = PostFactory(starts_on=today - timedelta(days=100))
    new = AgencyFactory()
    moved = joining.move(post, new, on=today, title="Nurse", role_group=None, by=post.person)
    post.refresh_from_db()
    assert (post.ends_on, moved.starts_on) == (today - timedelta(days=1), today)
    assert (moved.agency, moved.is_waiting) == (new, True)


@db
def test_only_the_training_office_appoints_a_lead():
    post, lead = PostFactory(), PostFactory(is_lead=True)
    office = PersonFactory(groups=[TRAINING_ADMINISTRATORS])
    for by in (post.person, lead.person):
        with pytest.raises(joining.JoiningRefused):
            joining.appoint_lead(post, is_lead=True, by=by)
    assert joining.appoint_lead(post, is_lead=True, by=office).is_lead
    assert actions(post) == ["post.lead"]


TODAY = timezone.localdate()


@db
@pytest.mark.parametrize(
    ("ask", "by", "sentence"),
    [
        (
            lambda post, by: joining.invite(post.agency, name="Ann", email="a@b.example", by=by),
            "colleague",
            "may add people. Ask one of them.",
        ),
        (
            lambda post, by: joining.correct(post, title="Chief", role_group=None, by=by),
            "colleague",
            "may correct a job. Ask one of them.",
        ),
        (
            lambda post, by: joining.confirm(post, by=by),
            "person",
            "Ask your agency's lead or the training office.",
        ),
        (
            lambda post, by: joining.confirm(post, by=by),
            "colleague",
            "may decide this. Ask one of them.",
        ),
        (
            lambda post, by: joining.refuse(post, by=by),
            "office",
            "This job is already confirmed. End it instead.",
        ),
        (
            lambda post, by: joining.leave(post, on=TODAY + timedelta(days=400), by=by),
            "office",
            "The last day must be within a year from today.",
        ),
    ],
)
def test_what_is_not_done_with_a_job_says_what_to_do_instead(ask, by, sentence):
    post = PostFactory()
    before = joining.facts(post)
    who = {
        "person": post.person,
        "colleague": PostFactory(agency=post.agency).person,
        "office": PersonFactory(groups=[TRAINING_ADMINISTRATORS]),
    }[by]
    with pytest.raises(joining.JoiningRefused) as refusal:
        ask(post, who)
    assert str(refusal.value).endswith(sentence)
    assert joining.facts(Post.objects.get(pk=post.pk)) == before
    assert actions(post) == []


@db
def test_a_job_that_waits_or_was_refused_comes_first():
    office = PersonFactory(groups=[TRAINING_ADMINISTRATORS])
    post = PostFactory(confirmed_at=None, line_manager_email="boss@example.net")
    with pytest.raises(joining.JoiningRefused, match="Confirm this job before its holder leads"):
        joining.appoint_lead(post, is_lead=True, by=office)
    with pytest.raises(joining.JoiningRefused, match="does not work here.* Confirm their job"):
        joining.confirm_line_manager(post, "boss@example.net", by=office)
    joining.refuse(post, by=office)
    with pytest.raises(joining.JoiningRefused, match="the person can say again where they work"):
        joining.confirm(post, by=office)
    assert Post.objects.get() == post and not Post.objects.get().is_confirmed


@pytest.mark.race
def test_the_same_person_joining_twice_at_once_has_one_job(own_database, rounds):
    for _ in range(rounds):
        person, agency = PersonFactory(), AgencyFactory()
        start, answers = Barrier(6), []

        def ask(person=person, agency=agency, start=start, answers=answers):
            start.wait()
            try:
                answers.append(join(person, agency).pk)
            except Exception as surprise:
                answers.append(surprise)
            finally:
                connection.close()

        threads = [Thread(target=ask) for _ in range(6)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        assert answers == [Post.objects.get(person=person).pk] * 6
        assert Mail.objects.filter(template="job_waiting", about_id=str(answers[0])).count() == 1
