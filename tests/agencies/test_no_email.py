"""Test people without an email address: who is told, adding them, giving them one, merging."""

import ast
import datetime as dt
import inspect
import re
from functools import partial

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies import access, accounts, joining
from agencies.access import TRAINING_ADMINISTRATORS
from agencies.joining import JoiningRefused
from agencies.leaving import unproven
from agencies.merging import merging
from agencies.models import NO_EMAIL, Board, Person, Post
from agencies.no_email import adding, finding
from agencies.sign_in_links import sign_in_links
from certificates.models import Certificate
from courses.attendance import register
from courses.attendance.marking import Attendance, RegisterRefused
from courses.booking import booking
from courses.completion import awarding
from courses.models import Booking, Completion, Evaluation
from courses.notices import notices, told
from courses.rules import approvers
from courses.scheduling import scheduling
from history.models import Event
from lms.mail import outbox, templates
from lms.models import Mail
from tests.factories import (
    AgencyFactory,
    BookingFactory,
    CertificateFactory,
    CompletionFactory,
    CourseFactory,
    EvidenceFactory,
    PersonFactory,
    PostFactory,
    QuestionFactory,
    RunFactory,
    in_days,
)

pytestmark = pytest.mark.django_db
State = Booking.State


@pytest.fixture
def lead():
    return PostFactory(is_lead=True, agency__name="Harbour School", person__name="Lee Lead")


@pytest.fixture
def office():
    return PersonFactory(name="Olive Office", is_staff=True, groups=[TRAINING_ADMINISTRATORS])


@pytest.fixture
def cook(lead):
    """Return the job of a school cook without an email address."""
    return PostFactory(
        agency=lead.agency, person__name="Ann Cook", person__email=None, title="Cook"
    )


def booked(post, **more):
    return BookingFactory(run=RunFactory(**more), person=post.person, agency=post.agency)


def everybody():
    return Person.objects.all()


# Whom a mail reaches


@pytest.mark.parametrize("kind", sorted(templates.kinds()))
@pytest.mark.parametrize("has_lead", [True, False])
def test_whatever_is_for_them_is_told_to_who_tells_them(kind, has_lead, lead, cook):
    if not has_lead:
        lead.person.is_active = False
        lead.person.save()
    samples = {name: sample for name, (_, sample) in templates.explained(kind).items()}
    mail = outbox.enqueue(kind, to=cook.person, context=samples)
    assert list(Mail.objects.all()) == [mail]
    assert mail.to == (lead.person.email if has_lead else Board.load().email)
    assert (mail.state, mail.template) == (Mail.QUEUED, kind)
    subject, text = templates.render(kind, samples)
    assert mail.subject == templates.one_line(f"Please tell Ann Cook: {subject}")
    assert text.strip() in mail.text and "None" not in mail.subject + mail.text


# What each function that writes about a booking is called with.
OF_A_BOOKING = {
    "confirmed": {},
    "joining_instructions": {},
    "waiting": {},
    "withdrawn": {},
    "run_cancelled": {"was_confirmed": True, "reason": "Ill"},
    "run_moved": {},
    "requested": {},
    "job_awaited": {},
    "refused": {},
    "offered": {"token": "a-token"},
    "job_changed": {"follows": ["The job is another."]},
    "of_old_job": {},
    "lapsed": {"was_offered": True},
    "given_to_colleague": {"colleague": Person(name="Cy")},
    "reminder": {"kind": "first", "free_until": None},
    "did_not_come": {"owed": None},
    "not_absent": {"reason": "A slip"},
    "came_unbooked": {"by": Person(name="Tess"), "is_new": True},
    "completion_withdrawn": {"certificate": None, "reason": "A slip"},
    "from_the_office": {"subject": "Lunch", "message": "Bring it."},
}
# To somebody else than the person.
TO_OTHERS = {"place_waits_for_job", "approval_asked", "approval_reminder"}


def test_every_function_that_writes_about_a_booking_is_tried():
    tree = ast.parse(inspect.getsource(notices))
    of_bookings = {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and node.args.args
        and ast.unparse(node.args.args[0].annotation) == "Booking"
        and ast.unparse(node.returns) == "None"
    }
    assert of_bookings == OF_A_BOOKING.keys() | TO_OTHERS


@pytest.mark.parametrize("name", OF_A_BOOKING)
@pytest.mark.parametrize("has_lead", [True, False])
def test_every_notice_of_a_booking_is_told_to_who_tells_them(
    client, settings, name, has_lead, lead, office, cook
):
    """Check also that each link in it opens for who tells them."""
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    if not has_lead:
        Post.objects.filter(pk=lead.pk).update(is_lead=False)
    made = booked(cook)
    made.held_until = made.offered_until = made.run.starts_at
    getattr(notices, name)(made, **OF_A_BOOKING[name])
    mail = Mail.objects.get()
    assert mail.to == (lead.person.email if has_lead else Board.load().email)
    assert mail.subject.startswith("Please tell Ann Cook: ")
    assert (mail.attachments, mail.cc) == ([], [])
    assert "None" not in mail.text
    client.force_login(lead.person if has_lead else office)
    for path in re.findall(rf"{settings.SITE_URL}(/\S+)", mail.text):
        if "a-token" not in path:
            assert client.get(path, follow=True).status_code == 200, path


@pytest.mark.parametrize(
    "write",
    [
        lambda made: notices.certificate_ready(
            (done := CompletionFactory(booking=made, person=made.person)),
            CertificateFactory(holder=made.person, award=done.award),
        ),
        lambda made: notices.training_accepted(EvidenceFactory(person=made.person), None),
        lambda made: notices.training_not_accepted(EvidenceFactory(person=made.person)),
        lambda made: notices.training_taken_back(EvidenceFactory(person=made.person)),
    ],
    ids=["certificate", "accepted", "not accepted", "taken back"],
)
def test_other_notices_are_told_to_who_tells_them(write, lead, cook):
    made = booked(cook)
    write(made)
    assert set(Mail.objects.values_list("to", flat=True)) == {lead.person.email}


def test_what_they_do_from_one_job_is_told_to_the_lead_of_that_agency_alone(lead, cook):
    other = PostFactory(is_lead=True)
    PostFactory(person=cook.person, agency=other.agency)
    notices.confirmed(booked(cook))
    assert Mail.objects.get().to == lead.person.email
    assert cook.person.news_to() == sorted([lead.person, other.person], key=lambda each: each.pk)


def test_news_goes_to_every_lead_and_a_copy_to_the_manager_once(lead, cook):
    PostFactory(is_lead=True, agency=lead.agency)
    made = booked(cook)
    made.manager_email = "boss@example.org"
    notices.confirmed(made)
    assert sorted(len(mail.cc) for mail in Mail.objects.all()) == [0, 1]


def test_news_for_somebody_with_an_address_goes_to_them(lead):
    person = PostFactory(agency=lead.agency).person
    assert person.news_to() == [person]
    assert not outbox.can_reach(PersonFactory(email=None)) and outbox.can_reach(person)


def test_a_cancelled_date_asks_who_tells_them_as_often_for_many_as_for_few(lead, office):
    def queries(people):
        run = RunFactory(places=40)
        for _ in range(people):
            post = PostFactory(agency=lead.agency, person__email=None)
            made = BookingFactory(run=run, person=post.person, agency=lead.agency)
            told.keep_delegate(made)
        with CaptureQueriesContext(connection) as captured:
            scheduling.cancel(run, by=office, reason="Ill")
        return len(captured)

    queries(1)
    assert queries(3) == queries(12)
    assert Mail.objects.filter(template="run_cancelled", to=lead.person.email).count() == 16


# Signing in


def test_nobody_signs_in_without_an_address(cook, settings):
    assert not access.may_sign_in(cook.person) and not cook.person.can_sign_in
    with pytest.raises(ObjectDoesNotExist):
        Person.objects.get_by_natural_key(None)
    for nothing in (None, ""):
        assert not Person.objects.with_address(nothing).exists()
    assert "no email address" in sign_in_links.why_not(cook.person)


@pytest.mark.parametrize("login", ["", "None", " "])
def test_the_sign_in_page_knows_nobody_without_an_address(client, cook, login):
    client.post("/accounts/login/", {"login": login})
    assert "_auth_user_id" not in client.session
    assert not Mail.objects.exclude(to="").exists() or login == "None"


def test_two_without_an_address_may_be_there_and_are_named_in_lists(cook):
    other = PersonFactory(email=None)
    other.email = ""
    other.save()
    other.refresh_from_db()
    assert other.email is None and other.email_in_words == NO_EMAIL
    assert str(Person(name="")) == NO_EMAIL


# Adding somebody


def test_a_lead_adds_somebody_who_is_booked_and_gets_a_certificate(lead, office, data_folder):
    post = adding.add(lead.agency, name="Bo Driver", by=lead.person, among=everybody())
    person = post.person
    assert post.is_current and person.email is None
    assert not EmailAddress.objects.filter(user=person).exists() and not Mail.objects.exists()
    assert Event.objects.about(person).filter(action="person.added_without_address").exists()
    run = RunFactory(starts_at=timezone.now() - dt.timedelta(hours=1), places=3)
    made = booking.add_regardless(run, person, by=office, reason="Door")
    session = run.sessions.get()
    register.mark(session, {made.pk: Attendance("present")}, by=office)
    register.close(run, by=office)
    completion = Completion.objects.get(person=person)
    awarding.award_certificate(completion, by="CERTIFICATES")
    certificate = Certificate.objects.visible_to(lead.person).get()
    assert certificate.holder == person
    assert set(Mail.objects.values_list("to", flat=True)) == {lead.person.email}
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    Post.objects.filter(pk=post.pk).update(starts_on=yesterday, ends_on=yesterday)
    assert not Certificate.objects.visible_to(lead.person).exists()


def test_a_lead_sees_no_certificate_of_who_can_sign_in_or_works_elsewhere(lead):
    CertificateFactory(holder=PostFactory(agency=lead.agency).person)
    CertificateFactory(holder=PostFactory(person__email=None).person)
    assert not Certificate.objects.visible_to(lead.person).exists()


def test_only_a_lead_and_the_office_add_somebody(lead, office):
    with pytest.raises(JoiningRefused):
        adding.add(AgencyFactory(), name="Bo Driver", by=lead.person, among=everybody())
    assert adding.add(AgencyFactory(), name="Bo Driver", by=office, among=everybody())


def test_pressing_twice_adds_one_and_a_name_joins_nobody(lead, cook):
    add = partial(adding.add, lead.agency, name="Anne Cook", by=lead.person, among=everybody())
    with pytest.raises(JoiningRefused, match="Ann Cook is here already"):
        add()
    made = add(beside=[cook.person])
    assert made.person not in (cook.person, lead.person)
    with pytest.raises(JoiningRefused, match="here already"):
        add(beside=[cook.person])


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Ann Cook", "ann  cook", True),
        ("Ann Cook", "Cook Ann", True),
        ("Jo Brown", "Joanna Brown", True),
        ("Catherine Brown", "Katherine Brown", True),
        ("Ann Cook", "Ann Brown", False),
        ("Ann Cook", "Bo Cook", False),
        ("Ann Cook", "Dee Fisher", False),
    ],
)
def test_names_that_may_be_one_persons(one, other, alike):
    person = PersonFactory(name=other, email=None)
    assert finding.alike(one, everybody()) == ([person] if alike else [])
    assert finding.alike(one, everybody().exclude(pk=person.pk)) == []


def test_the_office_names_somebody_by_name_with_number_and_never_by_name_alone(cook, office):
    with pytest.raises(finding.NotFound, match=finding.as_typed(cook.person)) as refused:
        finding.person_at("Ann Cook", everybody())
    assert "Cook" in str(refused.value) and "Harbour School" in str(refused.value)
    assert finding.person_at(finding.as_typed(cook.person), everybody()) == cook.person
    for wrong in (f"Bo Cook, number {cook.person.pk}", f"Ann Cook, number {office.pk}", "Zoe Zo"):
        with pytest.raises(finding.NotFound):
            finding.person_at(wrong, everybody())
    assert finding.person_at(office.email.upper(), everybody()) == office


def test_nobody_without_an_address_leads_or_works_for_the_board(cook, office):
    with pytest.raises(JoiningRefused, match="no email address"):
        joining.appoint_lead(cook, is_lead=True, by=office)
    cook.person.is_staff = True
    with pytest.raises(accounts.AccountRefused):
        accounts.save(cook.person, groups=None, by=office)


def test_they_are_not_forgotten_as_unproven(cook):
    Person.objects.update(joined_at=in_days(-99))
    assert cook.person not in unproven.due()


# At the door


@pytest.fixture
def running():
    trainer = PersonFactory(name="Tess Trainer")
    run = RunFactory(starts_at=timezone.now() - dt.timedelta(hours=1), places=5, trainers=[trainer])
    return run, trainer


def test_who_comes_without_an_address_is_on_the_register_and_their_job_waits(running, lead):
    run, trainer = running
    added = register.walk_in(run, "", "Bo Driver", agency=lead.agency, by=trainer)
    assert (added.person.email, added.agency, added.state) == (None, lead.agency, "confirmed")
    assert added.person.posts.get().is_waiting
    kinds = set(Mail.objects.filter(to=lead.person.email).values_list("template", flat=True))
    assert kinds == {"job_waiting", "came_unbooked"} and Mail.objects.count() == 2
    assert NO_EMAIL in Mail.objects.get(template="job_waiting").text
    assert "Sign in with this address" not in Mail.objects.get(template="came_unbooked").text
    joining.confirm(added.person.posts.get(), by=lead.person)


def test_at_the_door_nobody_is_taken_for_another_of_the_name(running, lead, cook):
    run, trainer = running
    there = BookingFactory(run=run, person=cook.person, agency=cook.agency)
    walk_in = partial(register.walk_in, run, "", "Ann Cook", agency=lead.agency, by=trainer)
    with pytest.raises(RegisterRefused, match="Ann Cook is here already"):
        walk_in()
    assert walk_in(who=cook.person) == there
    assert walk_in(beside=[cook.person]).person != cook.person


def test_a_trainer_learns_of_nobody_elsewhere(running, lead, cook):
    run, trainer = running
    assert cook.person not in register.who_may_be(run, trainer)
    with pytest.raises(RegisterRefused):
        register.walk_in(run, "", "Ann Cook", agency=lead.agency, by=trainer, who=cook.person)
    assert register.walk_in(run, "", "Ann Cook", agency=lead.agency, by=trainer)
    with pytest.raises(RegisterRefused, match="for which agency"):
        register.walk_in(run, "", "Zoe Zo", by=trainer)


# An address later


def test_an_address_that_is_added_signs_them_in(client, lead, cook):
    adding.give_address(cook, "Ann@Example.org ", by=lead.person)
    cook.person.refresh_from_db()
    address = EmailAddress.objects.get(user=cook.person)
    assert (cook.person.email, address.email, address.verified) == (
        "ann@example.org",
        "ann@example.org",
        False,
    )
    assert Mail.objects.get().to == "ann@example.org"
    assert access.may_sign_in(cook.person)
    client.post("/accounts/login/", {"login": "ann@example.org"})
    assert Mail.objects.filter(to="ann@example.org", template="").count() == 1
    with pytest.raises(JoiningRefused, match="already"):
        adding.give_address(cook, "other@example.org", by=lead.person)


def test_an_address_that_somebody_has_joins_nobody(lead, cook):
    owner = PersonFactory(name="Ann Cook")
    for _ in range(2):
        with pytest.raises(JoiningRefused, match="put the two records together"):
            adding.give_address(cook, owner.email, by=lead.person)
    cook.person.refresh_from_db()
    assert cook.person.email is None
    assert Mail.objects.get().template == "asked_to_join"


def test_another_lead_and_one_of_two_agencies_add_no_address(lead, cook, office):
    with pytest.raises(JoiningRefused):
        adding.give_address(cook, "a@example.org", by=PostFactory(is_lead=True).person)
    PostFactory(person=cook.person)
    with pytest.raises(JoiningRefused, match="another agency too"):
        adding.give_address(cook, "a@example.org", by=lead.person)
    assert adding.give_address(cook, "a@example.org", by=office)


def test_the_office_adds_an_address_and_takes_none_away(office, cook):
    person = cook.person
    person.email = "ann@example.org"
    accounts.save(person, groups=None, by=office)
    mail = Mail.objects.get()
    assert (mail.to, "None" in mail.text, "no longer" in mail.text) == (
        "ann@example.org", False, False,
    )  # fmt: skip
    person.email = ""
    with pytest.raises(accounts.AccountRefused, match="not taken away"):
        accounts.save(person, groups=None, by=office)


# Merging


@pytest.mark.parametrize(
    ("kept_email", "other_email", "after"),
    [
        (None, "other@example.org", "other@example.org"),
        ("kept@example.org", None, "kept@example.org"),
        (None, None, None),
    ],
)
def test_merging_keeps_the_address_that_there_is_and_undoing_gives_it_back(
    office, lead, kept_email, other_email, after
):
    kept = PostFactory(person__name="Ann Cook", person__email=kept_email, agency=lead.agency).person
    other = PostFactory(person__name="Ann Cook", person__email=other_email).person
    made = merging.merge(kept, other, by=office)
    kept.refresh_from_db()
    assert kept.email == after
    main = EmailAddress.objects.filter(user=kept, primary=True).values_list("email", flat=True)
    assert list(main) == ([after] if after else [])
    assert list(Mail.objects.values_list("to", flat=True)) == ([after] if after else [])
    assert "None" not in "".join(Mail.objects.values_list("text", flat=True))
    merging.undo(made, by=office)
    kept.refresh_from_db()
    other.refresh_from_db()
    assert (kept.email, other.email) == (kept_email, other_email)
    assert Mail.objects.count() == (2 if after else 0)


def test_a_lead_who_confirms_sees_that_one_of_the_name_has_no_address(client, lead, cook):
    PostFactory(agency=lead.agency, person__name="Ann Cook", confirmed_at=None)
    client.force_login(lead.person)
    assert "One of the two records has no email address" in client.get("/agency/").content.decode()


# Rules about them


def test_nothing_waits_for_answers_that_they_cannot_give(lead, cook, office):
    course = CourseFactory(asks_evaluation=True, pre_course_questions="What do you hope for?")
    QuestionFactory(course=course, at_end=True)
    run = RunFactory(course=course, starts_at=timezone.now() - dt.timedelta(hours=1))
    made = BookingFactory(run=run, person=cook.person, agency=cook.agency)
    assert course.pre_course_list and not made.owes_answers
    register.mark(run.sessions.get(), {made.pk: Attendance("present")}, by=office)
    register.close(run, by=office)
    assert Evaluation.objects.get(booking=made, kind="end").asked_at is None
    assert not Completion.objects.owing_evaluation().exists()
    assert not Mail.objects.filter(template__startswith="evaluation").exists()


def test_an_offer_is_accepted_by_the_link_that_their_lead_has(client, lead, cook):
    run = RunFactory(places=1, freed_places="offer")
    first = BookingFactory(run=run)
    waits = BookingFactory(run=run, person=cook.person, agency=cook.agency, state="waiting")
    booking.withdraw(first, by=first.person)
    mail = Mail.objects.get(template="place_offered")
    assert mail.to == lead.person.email
    link = next(word for word in mail.text.split() if "/offers/" in word)
    address = "/" + link.split("/", 3)[3]
    assert client.get(address).status_code == 200
    waits.refresh_from_db()
    assert waits.state == State.OFFERED


def test_they_ask_approval_of_nobody_by_an_empty_address(cook):
    assert approvers.mailboxes_of(cook.person) == set()
    made = booked(cook)
    assert all(approver.email for approver in approvers.leads_or_office(made))
