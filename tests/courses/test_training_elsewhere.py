"""Test evidence of training elsewhere: submission, decision, and what it counts as."""

import datetime as dt
import io
import threading

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from assurance.reports import attendance
from certificates.issuing import CertificateRefused
from certificates.models import Certificate
from courses.completion import awarding, evidence_files, external_training
from courses.completion.external_training import TrainingElsewhereRefused
from courses.models import Completion, Evidence
from courses.rules import eligibility
from history.models import Event
from lms.models import Mail
from tests.factories import (
    AgencyFactory,
    CompletionFactory,
    CourseFactory,
    EvidenceFactory,
    PersonFactory,
    PostFactory,
    in_days,
)
from tests.servers import at_once

PDF = b"%PDF-1.7\n%%EOF\n"
BY_OFFICE = "OFFICE"


@pytest.fixture
def person(db):
    return PostFactory(person__name="Ann Sender", agency__name="City Midwifery").person


def told(**more):
    return {
        "title": "Neglect, level 2",
        "provider": "Hampshire Scouts",
        "completed_on": in_days(-60).date(),
        "file": io.BytesIO(PDF),
    } | more


def send(person, course, **more):
    return external_training.send(person, course, by=person, **told(**more))


def refusal(call, *args, **more):
    with pytest.raises(TrainingElsewhereRefused) as refused:
        call(*args, **more)
    return str(refused.value), refused.value.about


def said(thing):
    return [(event.action, event.now) for event in Event.objects.about(thing).order_by("pk")]


# Sending


def test_what_is_sent_waits_for_the_office_with_its_file(person):
    course = CourseFactory()
    evidence = send(person, course)
    row = Evidence.objects.values("person", "course", "title", "provider", "state", "file_type")
    assert row.get() == {
        "person": person.pk,
        "course": course.pk,
        "title": "Neglect, level 2",
        "provider": "Hampshire Scouts",
        "state": "sent",
        "file_type": "application/pdf",
    }
    assert evidence_files.read_verified(evidence) == PDF
    assert evidence.file_sha256 in evidence.file_path
    assert said(evidence) == [("evidence.sent", {"course": course.pk})]
    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "sentence", "about"),
    [
        ({"completed_on": in_days(1).date()}, "This day is still to come.", "completed_on"),
        ({"completed_on": dt.date(226, 3, 4)}, "Check the year", "completed_on"),
        ({"title": " "}, "Say what the training was called.", "title"),
        ({"provider": " "}, "Say who gave the training.", "provider"),
        ({"file": io.BytesIO(b"")}, "This file is empty.", "file"),
        ({"file": io.BytesIO(b"MZ\x90\0")}, "This file is not a PDF, a JPEG or a PNG", "file"),
    ],
)
def test_what_cannot_be_right_is_refused_with_a_sentence(person, wrong, sentence, about):
    words, where = refusal(send, person, CourseFactory(), **wrong)
    assert words.startswith(sentence)
    assert where == about
    assert not Evidence.objects.exists()


@time_machine.travel("2026-03-04 23:30+00:00", tick=False)
def test_training_of_today_counts(person):
    assert send(person, CourseFactory(), completed_on=dt.date(2026, 3, 4))


def test_one_undecided_at_a_time_for_a_course(person):
    course = CourseFactory()
    first = send(person, course)
    assert refusal(send, person, course)[0].startswith("You have sent us something for this course")
    assert send(person, CourseFactory())
    external_training.refuse(first, by=BY_OFFICE, reason="Cannot be read")
    assert send(person, course)


def test_a_course_that_was_completed_needs_no_proof(person):
    done = CompletionFactory(person=person, course=CourseFactory(title="Neglect"))
    sentence, about = refusal(send, person, done.course)
    assert sentence.startswith(f"Neglect is completed already, on {done.completed_on:%-d %B %Y}")
    assert about == "course"
    Completion.objects.update(withdrawn_at=timezone.now())
    assert send(person, done.course)


def test_a_course_to_be_refreshed_may_be_completed_again_by_others(person):
    course = CourseFactory(renewal_months=12)
    done = CompletionFactory(person=person, course=course, completed_on=in_days(-400).date())
    assert refusal(send, person, course, completed_on=done.completed_on)
    assert send(person, course, completed_on=in_days(-40).date())


def test_who_works_nowhere_says_so_first(db):
    sentence, _ = refusal(send, PersonFactory(), CourseFactory())
    assert sentence.startswith("Tell us where you work")


def test_nothing_is_kept_of_what_is_refused(person, settings):
    course = CourseFactory()
    send(person, course, file=io.BytesIO(PDF + b"first"))
    before = files(settings)
    refusal(send, person, course, file=io.BytesIO(PDF + b"second"))
    refusal(send, person, CourseFactory(), completed_on=in_days(1).date())
    assert files(settings) == before


def files(settings):
    return sorted((settings.DATA_DIR / "evidence").rglob("*"))


# Accepting


def test_accepted_training_is_a_completion_on_the_day_of_its_certificate(person):
    evidence = EvidenceFactory(person=person, completed_on=dt.date(2026, 3, 4))
    completion = external_training.accept(evidence, by=BY_OFFICE)
    evidence.refresh_from_db()
    assert evidence.state == "accepted"
    assert evidence.decided_at
    assert Completion.objects.get() == completion
    assert (completion.person, completion.course) == (person, evidence.course)
    assert (completion.evidence, completion.booking) == (evidence, None)
    assert (completion.completed_on, completion.agency.name) == (
        dt.date(2026, 3, 4),
        "City Midwifery",
    )
    now = {"completion": completion.pk, "agency": completion.agency_id}
    assert said(evidence) == [("evidence.accepted", now)]


def test_who_sent_it_is_told_that_it_counts(person):
    evidence = EvidenceFactory(person=person, course__title="Neglect, level 2", title="Scouts 2")
    external_training.accept(evidence, by=BY_OFFICE)
    mail = Mail.objects.get()
    assert (mail.to, mail.subject) == (
        person.email,
        "Accepted: your training elsewhere, Neglect, level 2",
    )
    assert "What you sent: Scouts 2\nGiven by: A charity" in mail.text


def test_it_satisfies_a_course_that_asks_for_it_first(person):
    first = CourseFactory()
    course = CourseFactory()
    course.prerequisites.add(first)
    evidence = EvidenceFactory(person=person, course=first)
    assert eligibility.prerequisites_missing(course, person) == [first]
    external_training.accept(evidence, by=BY_OFFICE)
    assert eligibility.prerequisites_missing(course, person) == []


def test_it_counts_for_the_agency_of_today_or_else_the_last(person):
    today = timezone.localdate()
    old = PersonFactory()
    for days, name in ((900, "First"), (400, "Last")):
        PostFactory(
            person=old,
            agency__name=name,
            starts_on=today - dt.timedelta(days),
            ends_on=today - dt.timedelta(days - 300),
        )
    last = external_training.accept(EvidenceFactory(person=old), by=BY_OFFICE)
    assert last.agency.name == "Last"
    PostFactory(person=old, agency__name="Now", starts_on=today)
    now = external_training.accept(EvidenceFactory(person=old), by=BY_OFFICE)
    assert now.agency.name == "Now"


def test_it_cannot_count_for_an_agency_that_has_not_confirmed_the_job(db):
    evidence = EvidenceFactory(person=PostFactory(confirmed_at=None).person)
    sentence, _ = refusal(external_training.accept, evidence, by=BY_OFFICE)
    assert sentence.endswith("Confirm their job first.")
    evidence.person.posts.update(confirmed_at=timezone.now())
    assert external_training.accept(evidence, by=BY_OFFICE)


def test_what_was_completed_with_us_meanwhile_is_not_accepted_again(person):
    evidence = EvidenceFactory(person=person)
    CompletionFactory(person=person, course=evidence.course)
    assert "is completed already" in refusal(external_training.accept, evidence, by=BY_OFFICE)[0]


def test_nobody_decides_about_their_own(person):
    evidence = EvidenceFactory(person=person)
    own = (
        "Somebody else must decide about your own training. Ask a colleague in the training office."
    )
    assert refusal(external_training.accept, evidence, by=person)[0] == own
    assert refusal(external_training.refuse, evidence, by=person, reason="No")[0] == own


# Refusing, and deciding twice


def test_refused_training_counts_for_nothing_and_says_why(person):
    evidence = EvidenceFactory(person=person)
    external_training.refuse(evidence, by=BY_OFFICE, reason=" No name on it. ")
    evidence.refresh_from_db()
    assert (evidence.state, evidence.reason) == ("refused", "No name on it.")
    assert not Completion.objects.exists()
    assert "The reason given: No name on it." in Mail.objects.get().text
    assert said(evidence) == [("evidence.refused", {})]


def test_a_refusal_has_a_reason(person):
    evidence = EvidenceFactory(person=person)
    sentence, _ = refusal(external_training.refuse, evidence, by=BY_OFFICE, reason=" ")
    assert sentence == "Say why it is not accepted: the person will read it."


def test_the_same_decision_twice_changes_nothing(person):
    accepted, refused = EvidenceFactory(person=person), EvidenceFactory(person=person)
    for _ in range(2):
        completion = external_training.accept(accepted, by=BY_OFFICE)
        external_training.refuse(refused, by=BY_OFFICE, reason="Cannot be read")
    assert Completion.objects.get() == completion
    assert Mail.objects.count() == Event.objects.filter(action__startswith="evidence").count() == 2


def test_another_decision_afterwards_is_refused(person):
    accepted, refused = EvidenceFactory(person=person), EvidenceFactory(person=person)
    external_training.accept(accepted, by=BY_OFFICE)
    external_training.refuse(refused, by=BY_OFFICE, reason="Cannot be read")
    late = "Somebody has decided about this meanwhile: "
    again = refusal(external_training.refuse, accepted, by=BY_OFFICE, reason="No")
    assert again[0].startswith(f"{late}accepted.")
    assert refusal(external_training.accept, refused, by=BY_OFFICE)[0].startswith(late)
    assert refusal(external_training.refuse, refused, by=BY_OFFICE, reason="Other")


def test_what_was_accepted_by_mistake_is_taken_back_once_and_sent_anew(person):
    evidence = EvidenceFactory(person=person)
    completion = external_training.accept(evidence, by=BY_OFFICE)
    for _ in range(2):
        external_training.take_back(evidence, by=BY_OFFICE, reason="Of another Sam Okoro.")
    evidence.refresh_from_db()
    completion.refresh_from_db()
    assert (evidence.state, evidence.reason) == ("refused", "Of another Sam Okoro.")
    assert completion.withdrawn_at
    assert not Completion.objects.valid().exists()
    assert (
        "The reason given: Of another Sam Okoro."
        in Mail.objects.get(about_id=evidence.pk, template="training_taken_back").text
    )
    again = EvidenceFactory(person=person, course=evidence.course)
    assert external_training.accept(again, by=BY_OFFICE) != completion


def test_only_what_was_accepted_is_taken_back_by_somebody_else_and_with_a_reason(person):
    evidence = EvidenceFactory(person=person)
    take_back = external_training.take_back
    assert (
        "Only training that was accepted"
        in refusal(take_back, evidence, by=BY_OFFICE, reason="No")[0]
    )
    external_training.accept(evidence, by=BY_OFFICE)
    assert (
        "Say why it no longer counts" in refusal(take_back, evidence, by=BY_OFFICE, reason=" ")[0]
    )
    assert "Somebody else must decide" in refusal(take_back, evidence, by=person, reason="No")[0]
    assert Completion.objects.valid().exists()


@pytest.mark.race
def test_two_administrators_at_once_come_to_one_decision(own_database, rounds):
    for _ in range(rounds):
        evidence = EvidenceFactory(person=PostFactory().person)
        mails = Mail.objects.count()

        def decide(number):
            if number % 2:
                return external_training.accept(evidence, by=BY_OFFICE)
            return external_training.refuse(evidence, by=BY_OFFICE, reason="Cannot be read")

        outcomes = at_once(6, decide)
        odd = [each for each in outcomes if isinstance(each, Exception)]
        assert [type(each) for each in odd] == [TrainingElsewhereRefused] * 3
        evidence.refresh_from_db()
        assert evidence.completions.count() == (evidence.state == "accepted")
        assert Mail.objects.count() == mails + 1
        assert Event.objects.about(evidence).count() == 1


@pytest.mark.race
def test_two_who_only_look_first_decide_both(own_database):
    """Show that without the lock it is both accepted and refused (the control)."""
    evidence, gate = EvidenceFactory(person=PostFactory().person), threading.Barrier(2)

    def decide(accepts):
        seen = Evidence.objects.get(pk=evidence.pk, state="sent")
        gate.wait(60)
        with transaction.atomic():
            if accepts:
                CompletionFactory(
                    person=seen.person, course=seen.course, booking=None, evidence=seen,
                    agency=AgencyFactory(), completed_on=seen.completed_on,
                )  # fmt: skip
            else:
                Evidence.objects.filter(pk=seen.pk).update(state="refused", reason="No")

    assert at_once(2, decide) == [None, None]
    evidence.refresh_from_db()
    assert (evidence.state, evidence.completions.count()) == ("refused", 1)


@pytest.mark.race
def test_sent_six_times_at_once_it_waits_once(own_database, rounds):
    for _ in range(rounds):
        person, course = PostFactory().person, CourseFactory()
        outcomes = at_once(6, lambda number: send(person, course, file=io.BytesIO(PDF)))
        refused = [each for each in outcomes if isinstance(each, TrainingElsewhereRefused)]
        assert (len(refused), Evidence.objects.filter(person=person).count()) == (5, 1)
        assert evidence_files.read_verified(Evidence.objects.get(person=person)) == PDF


# What it is not


def test_no_certificate_of_ours_is_made_of_it(person):
    completion = external_training.accept(EvidenceFactory(person=person), by=BY_OFFICE)
    with pytest.raises(CertificateRefused, match="keep the one that you sent us"):
        awarding.award_certificate(completion, by=person)
    ours = CompletionFactory()
    assert list(Completion.objects.without_certificate()) == [ours]
    awarding.award_certificates.call(ours.booking.run_id)
    assert Certificate.objects.get().award == ours.award


def test_it_is_nobodys_attendance(person):
    def counted():
        question = attendance.Question(in_days(-400).date(), timezone.localdate())
        figures = attendance.attendance(question)
        return figures.agencies, figures.professions, figures.everybody

    CompletionFactory(person=person)
    before = counted()
    external_training.accept(EvidenceFactory(person=person), by=BY_OFFICE)
    assert counted() == before
