"""Test evaluation: each attendee is asked once, and answers are stored without names."""

import datetime as dt
import re

import pytest
import time_machine
from django.utils import timezone

from certificates.issuing import CertificateRefused
from certificates.models import Certificate
from courses.attendance import register
from courses.completion import awarding
from courses.evaluation import evaluation
from courses.evaluation.evaluation import EvaluationRefused
from courses.models import Answer, Booking, Completion, Evaluation, Mark, Question
from courses.privacy import EvaluationSheets
from history.models import Event
from lms import links
from lms.models import ActionLink, Mail
from privacy import erasing
from tests.factories import (
    BookingFactory,
    CompletionFactory,
    CourseFactory,
    EvaluationFactory,
    MarkFactory,
    MaterialFactory,
    PersonFactory,
    PostFactory,
    QuestionFactory,
    RunFactory,
    in_days,
)

pytestmark = pytest.mark.django_db
Kind = Evaluation.Kind
NHS_NUMBER = "943 476 5919"


def said(response):
    return " ".join(response.content.decode().split())


def a_date(*, came=1, absent=0, days=-1, **course):
    """Create a past run with `came` present and `absent` absent; its register is open."""
    run = RunFactory(course=CourseFactory(**course), starts_at=in_days(days), places=None)
    for number in range(came + absent):
        booking = BookingFactory(run=run, person=PostFactory().person)
        kind = Mark.Kind.PRESENT if number < came else Mark.Kind.ABSENT
        MarkFactory(booking=booking, kind=kind)
    return run


def sign_off(run):
    return register.close(run, by=PersonFactory())


def link_in(mail):
    return re.search(r"/evaluation/[\w-]{32}/", mail.text).group()


def opened(response):
    """Return the bytes of a streamed file."""
    return b"".join(response.streaming_content)


def mail_of(kind="evaluation_asked"):
    return Mail.objects.get(template=kind)


def test_everybody_who_came_is_asked_when_the_register_is_signed_off():
    QuestionFactory()
    run = a_date(came=2, absent=1)
    sign_off(run)
    came = Booking.objects.came().filter(run=run)
    asked = Evaluation.objects.filter(kind=Kind.END)
    assert {each.booking_id for each in asked} == {booking.pk for booking in came}
    mails = Mail.objects.filter(template="evaluation_asked")
    assert {mail.to for mail in mails} == {booking.person.email for booking in came}
    assert evaluation.invite(run, by="OFFICE") == []
    assert mails.count() == 2


def test_a_course_about_which_there_is_nothing_to_ask_asks_nothing():
    QuestionFactory(course=CourseFactory())
    QuestionFactory(at_end=False, later=True)
    QuestionFactory(retired_at=timezone.now())
    sign_off(a_date())
    assert not Evaluation.objects.exists()


def test_nobody_is_asked_before_the_register_is_signed_off():
    QuestionFactory()
    assert evaluation.invite(a_date(), by="OFFICE") == []


def test_answers_know_a_sheet_and_no_name(client):
    scale, words = QuestionFactory(), QuestionFactory(kind="words", is_needed=False)
    run = a_date()
    sign_off(run)
    address = link_in(mail_of())
    asked = said(client.get(address))
    assert scale.words in asked
    assert "Not at all confident" in asked
    assert "Do not write anything by which a child or a family can be known." in asked
    assert not Answer.objects.exists()
    done = client.post(address, {f"q{scale.pk}": "4", f"q{words.pk}": "Good."}, follow=True)
    assert "Thank you" in said(done)
    found = Evaluation.objects.get()
    assert found.answered_at
    kept = Answer.objects.order_by("question").values_list("sheet", "run", "number", "words")
    assert list(kept) == [(found.sheet, run.pk, 4, ""), (found.sheet, run.pk, None, "Good.")]
    event = Event.objects.get(action="evaluation.answered")
    assert event.by_process == f"LINK {ActionLink.objects.get(purpose='evaluation').pk}"
    assert event.now == {"kind": "end"}
    again = client.post(address, {f"q{scale.pk}": "1"}, follow=True)
    assert "We had your answers" in said(again)
    assert Answer.objects.get(question=scale).number == 4


def test_who_writes_a_name_beside_a_birth_date_is_warned_and_may_go_on(client):
    question = QuestionFactory(kind="words")
    asked = EvaluationFactory()
    client.force_login(asked.booking.person)
    address, told = f"/my/evaluations/{asked.pk}/", {f"q{question.pk}": "Alex Example 01/02/2015"}
    page = said(client.post(address, told))
    assert "There seems to be a name beside a date of birth." in page
    assert "Alex Example 01/02/2015" in page
    assert not Answer.objects.exists()
    client.post(address, told | {"names_nobody": "on"})
    assert Answer.objects.get().words == "Alex Example 01/02/2015"


@pytest.mark.parametrize(
    ("kind", "answer", "sentence"),
    [
        ("confident", "", "Choose an answer."),
        ("confident", "6", "Choose one of the answers."),
        ("yes_no", "2", "Choose one of the answers."),
        ("words", " ", "Answer this."),
        ("words", NHS_NUMBER, "This has an NHS number in it."),
        ("words", "x" * 1501, "Say it in at most 1500 characters."),
    ],
)
def test_answers_that_are_not_taken_say_why_and_stay_typed(client, kind, answer, sentence):
    wrong = QuestionFactory(kind=kind)
    right = QuestionFactory(kind="words", words="What was good?")
    asked = EvaluationFactory()
    client.force_login(asked.booking.person)
    told = {f"q{wrong.pk}": answer, f"q{right.pk}": "The examples."}
    page = said(client.post(f"/my/evaluations/{asked.pk}/", told))
    assert sentence in page
    assert "The examples." in page
    assert not Answer.objects.exists()


@pytest.mark.parametrize(
    ("kind", "answer"),
    [("confident", 0), ("confident", 6), ("confident", "5"), ("yes_no", 2), ("yes_no", "1"),
     ("words", 3), ("words", NHS_NUMBER), ("words", " ")],
)  # fmt: skip
def test_the_verb_refuses_what_the_page_would(kind, answer):
    question, asked = QuestionFactory(kind=kind), EvaluationFactory()
    with pytest.raises(EvaluationRefused):
        evaluation.answer(asked, {question.pk: answer}, by=asked.booking.person)
    assert not Answer.objects.exists()


def test_an_old_link_says_so_and_leads_to_signing_in(client):
    QuestionFactory()
    asked = EvaluationFactory()
    token = links.create("evaluation", asked, sent_to="any@example.org", until=in_days(-1))
    page = said(client.get(f"/evaluation/{token}/"))
    assert "This link was good until" in page
    assert f'href="/my/evaluations/{asked.pk}/"' in page
    assert "This link was good until" in said(client.post(f"/evaluation/{token}/"))
    assert client.get("/evaluation/" + "x" * 32 + "/").status_code == 404


def test_nobody_answers_for_somebody_else(client):
    asked = EvaluationFactory()
    client.force_login(PersonFactory())
    assert client.get(f"/my/evaluations/{asked.pk}/").status_code == 404


def test_who_has_not_answered_is_asked_once_more_after_5_days():
    question = QuestionFactory()
    sign_off(a_date(came=2))
    first, second = Evaluation.objects.order_by("pk")
    evaluation.answer(first, {question.pk: 3}, by=first.booking.person)
    assert evaluation.remind() is False
    assert Mail.objects.filter(template="evaluation_asked").count() == 2
    with time_machine.travel(timezone.now() + dt.timedelta(days=5, minutes=1)):
        evaluation.remind()
        evaluation.remind()
    mails = Mail.objects.filter(template="evaluation_asked", about_id=str(second.pk))
    (again,) = [mail for mail in mails if "have not had your answer yet" in mail.text]
    assert again.to == second.booking.person.email


def test_nobody_is_reminded_of_what_is_long_past():
    QuestionFactory()
    sign_off(a_date())
    with time_machine.travel(timezone.now() + dt.timedelta(days=30)):
        evaluation.remind()
    assert Mail.objects.filter(template="evaluation_asked").count() == 1


def test_the_certificate_waits_for_the_evaluation_and_follows_it(client):
    question = QuestionFactory()
    run = a_date(asks_evaluation=True)
    (completion,) = sign_off(run)
    awarding.award_certificates.call(run.pk)
    with pytest.raises(CertificateRefused, match="Answer the evaluation"):
        awarding.award_certificate(completion, by=completion.person)
    assert not Certificate.objects.exists()
    client.force_login(completion.person)
    asked = Evaluation.objects.get()
    mine = said(client.get("/my/"))
    assert "Answer the evaluation to get your certificate" in mine
    assert f'href="/my/evaluations/{asked.pk}/"' in mine
    done = client.post(f"/my/evaluations/{asked.pk}/", {f"q{question.pk}": 5}, follow=True)
    assert "Your certificate is in" in said(done)
    awarding.award_certificates.call(run.pk)
    assert Certificate.objects.get().award == completion.award
    assert "Answer the evaluation" not in said(client.get("/my/"))


def test_a_course_that_does_not_ask_for_it_gives_its_certificates_as_before():
    QuestionFactory()
    run = a_date()
    sign_off(run)
    awarding.award_certificates.call(run.pk)
    assert Certificate.objects.count() == 1


def test_who_has_a_certificate_keeps_it_when_the_course_asks_later_on():
    QuestionFactory()
    completion = CompletionFactory()
    EvaluationFactory(booking=completion.booking)
    had = awarding.award_certificate(completion, by="OFFICE")
    completion.course.asks_evaluation = True
    completion.course.save()
    completion.refresh_from_db()
    assert awarding.award_certificate(completion, by=completion.person) == had
    assert not Completion.objects.owing_evaluation().exists()


def test_who_came_and_did_not_complete_is_asked_and_gets_no_certificate(client):
    question = QuestionFactory()
    run = a_date(asks_evaluation=True)
    Mark.objects.update(kind="late", minutes_missed=200)
    assert sign_off(run) == []
    asked = Evaluation.objects.get()
    client.force_login(asked.booking.person)
    done = client.post(f"/my/evaluations/{asked.pk}/", {f"q{question.pk}": 5}, follow=True)
    assert "There is nothing more to do." in said(done)


def test_months_later_the_person_and_the_manager_who_counts_are_asked():
    later = QuestionFactory(at_end=False, later=True)
    of_manager = QuestionFactory(at_end=False, of_manager=True)
    manager = PostFactory(person__email="boss@example.org").person
    run = a_date(came=2, later_months=3)
    sign_off(run)
    first, second = Booking.objects.filter(run=run).order_by("pk")
    PostFactory(person=manager, agency=first.agency)
    Booking.objects.filter(pk=first.pk).update(manager_email=manager.email)
    # An unknown address is not asked: people could name themselves as their manager.
    Booking.objects.filter(pk=second.pk).update(manager_email="unknown@example.com")
    assert evaluation.invite_later() is False
    with time_machine.travel(run.ends_at + dt.timedelta(days=93)):
        assert evaluation.invite_later() is True
        assert evaluation.invite_later() is False
        to = Mail.objects.filter(template__startswith="evaluation").values_list("template", "to")
        assert sorted(to) == sorted([
            ("evaluation_later", first.person.email),
            ("evaluation_later", second.person.email),
            ("evaluation_of_manager", "boss@example.org"),
        ])  # fmt: skip
        managers = Evaluation.objects.get(kind=Kind.MANAGER, booking=first)
        assert list(evaluation.questions(run.course, Kind.MANAGER)) == [of_manager]
        assert list(evaluation.questions(run.course, Kind.LATER)) == [later]
        own = Evaluation.objects.get(kind=Kind.LATER, booking=first)
        assert managers.sheet == own.sheet


def test_the_manager_answers_about_the_course_by_link_alone(client):
    question = QuestionFactory(at_end=False, of_manager=True, words="What has changed?")
    asked = EvaluationFactory(kind=Kind.MANAGER, sent_to="boss@example.org")
    until = in_days(9)
    token = links.create("evaluation", asked, sent_to=asked.sent_to, until=until)
    page = said(client.get(f"/evaluation/{token}/"))
    assert "What has changed?" in page
    assert asked.booking.person.name in page
    client.post(f"/evaluation/{token}/", {f"q{question.pk}": "3"})
    assert Answer.objects.get().kind == Kind.MANAGER
    client.force_login(asked.booking.person)
    assert client.get(f"/my/evaluations/{asked.pk}/").status_code == 404


def test_courses_that_never_ask_later_and_dates_long_past_ask_nobody():
    QuestionFactory(later=True)
    sign_off(a_date(later_months=0))
    sign_off(run := a_date(later_months=3))
    with time_machine.travel(run.ends_at + dt.timedelta(days=120)):
        assert evaluation.invite_later() is False
    assert not Evaluation.objects.filter(kind=Kind.LATER).exists()


def test_what_was_said_before_and_after_is_on_one_sheet_until_it_is_forgotten():
    question = QuestionFactory(before=True, later=True)
    asked = EvaluationFactory()
    evaluation.answer_before(asked.booking, {question.pk: 2})
    evaluation.answer_before(asked.booking, {question.pk: 1})
    before = Evaluation.objects.get(kind=Kind.BEFORE)
    assert before.sheet == asked.sheet
    evaluation.answer(asked, {question.pk: 4}, by=asked.booking.person)
    told = Answer.objects.filter(sheet=asked.sheet).order_by("kind")
    assert list(told.values_list("kind", "number")) == [("before", 1), ("end", 4)]
    assert erasing.apply(EvaluationSheets()) == 0
    with time_machine.travel(timezone.now() + dt.timedelta(days=366)):
        assert erasing.apply(EvaluationSheets()) == 2
        assert erasing.apply(EvaluationSheets()) == 0
    assert set(Evaluation.objects.values_list("sheet", flat=True)) == {None}
    assert Answer.objects.count() == 2


def test_what_somebody_says_after_a_year_is_led_to_by_nothing():
    question, asked = QuestionFactory(), EvaluationFactory(sheet=None)
    evaluation.answer(asked, {question.pk: 4}, by=asked.booking.person)
    asked.refresh_from_db()
    assert asked.sheet is None
    assert Answer.objects.get().sheet


def test_pre_reading_is_there_from_the_confirmation_and_slides_for_who_came(client):
    course = CourseFactory()
    reading = MaterialFactory(course=course, when="before", title="Reading")
    slides = MaterialFactory(course=course)
    booking = BookingFactory(run__course=course)
    waiting = BookingFactory(run=booking.run, person=booking.person, state="withdrawn")
    client.force_login(booking.person)
    address = f"/my/bookings/{booking.pk}/handouts/{reading.pk}/"
    assert f'href="{address}"' in said(client.get("/my/"))
    found = client.get(address)
    assert opened(found).startswith(b"%PDF-1.7")
    assert found["Content-Disposition"] == 'attachment; filename="reading.pdf"'
    assert found["Cache-Control"] == "private, no-store"
    assert client.get(f"/my/bookings/{booking.pk}/handouts/{slides.pk}/").status_code == 404
    assert client.get(f"/my/bookings/{waiting.pk}/handouts/{reading.pk}/").status_code == 404
    client.force_login(PersonFactory())
    assert client.get(address).status_code == 404


def test_handouts_follow_the_evaluation_where_they_say_so(client):
    question = QuestionFactory()
    run = a_date(came=1, absent=1)
    handout = MaterialFactory(course=run.course, after_evaluation=True)
    sign_off(run)
    came = Booking.objects.came().get(run=run)
    absent = Booking.objects.filter(run=run).exclude(pk=came.pk).get()
    address = f"/my/bookings/{came.pk}/handouts/{handout.pk}/"
    client.force_login(came.person)
    assert client.get(address).status_code == 404
    asked = Evaluation.objects.get()
    done = client.post(f"/my/evaluations/{asked.pk}/", {f"q{question.pk}": 5}, follow=True)
    assert "<li>Slides</li>" in said(done)
    assert opened(client.get(address)).startswith(b"%PDF-1.7")
    assert f'href="{address}"' in said(client.get("/my/"))
    client.force_login(absent.person)
    assert client.get(f"/my/bookings/{absent.pk}/handouts/{handout.pk}/").status_code == 404


def test_a_question_that_is_retired_is_asked_no_more_and_keeps_its_answers():
    question, asked = QuestionFactory(), EvaluationFactory()
    evaluation.answer(asked, {question.pk: 4}, by=asked.booking.person)
    evaluation.retire(question, by=PersonFactory())
    evaluation.retire(question, by=PersonFactory())
    assert list(evaluation.questions(asked.run.course, Kind.END)) == []
    assert Question.objects.get().answers.count() == 1
    assert Event.objects.filter(action="question.retired").count() == 1
