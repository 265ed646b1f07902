"""Test that joining instructions wait for the answers to pre-course questions."""

import base64

import pytest
from django.utils import timezone
from icalendar import Calendar

from courses.booking import booking
from courses.evaluation import pre_course
from courses.evaluation.pre_course import PreCourseRefused
from courses.models import Answer, Booking
from courses.privacy import AccessNeeds
from history.models import Event
from lms.models import Mail
from privacy import erasing
from tests.factories import (
    BookingFactory,
    CoursePageFactory,
    PersonFactory,
    PostFactory,
    QuestionFactory,
    RunFactory,
    VenueFactory,
    in_days,
)

pytestmark = pytest.mark.django_db
State = Booking.State
QUESTIONS = "What do you hope to learn?\n\nIn which team are you?\n"
SECRETS = ("Bring a laptop.", "9 Hidden Lane", "Bus 3 stops outside.", "https://meet.example.org/x")


def said(response):
    return " ".join(response.content.decode().split())


def a_run(**facts):
    course = CoursePageFactory(course__code="NEG", course__pre_course_questions=QUESTIONS).course
    venue = VenueFactory(name="Fratton Hub", address="9 Hidden Lane", travel="Bus 3 stops outside.")
    facts = {"venue": venue, "link": "https://meet.example.org/x"} | facts
    return RunFactory(course=course, joining_instructions="Bring a laptop.", **facts)


def a_place(client=None, **facts):
    person = PostFactory().person
    if client:
        client.force_login(person)
    return booking.request_place(a_run(**facts), person, by=person)


def mail(kind):
    return Mail.objects.filter(template=kind).get()


def entries(of):
    files = [base64.b64decode(kept["content"]).decode() for kept in of.attachments]
    return [Calendar.from_ical(file).walk("VEVENT")[0] for file in files]


def test_nothing_but_time_and_place_is_told_before_the_answers(client):
    made = a_place(client)
    confirmed = mail("booking_confirmed")
    pages = [said(client.get(path)) for path in ("/my/", f"/my/bookings/{made.pk}/")]
    file = client.get(f"/my/bookings/{made.pk}/calendar.ics").content.decode()
    for told in (confirmed.text, *pages, file):
        assert "Fratton Hub" in told
        assert [secret for secret in SECRETS if secret in told] == []
    assert f"/my/bookings/{made.pk}/pre-course/" in confirmed.text
    assert f'href="/my/bookings/{made.pk}/pre-course/"' in pages[0]
    assert f'href="/my/bookings/{made.pk}/pre-course/"' in pages[1]
    assert [str(entry["location"]) for entry in entries(confirmed)] == ["Fratton Hub"]


def test_the_answers_bring_the_joining_instructions_once(client):
    made = a_place(client)
    address = f"/my/bookings/{made.pk}/pre-course/"
    asked = said(client.get(address))
    assert "What do you hope to learn?" in asked
    assert "Only the trainers of this date and the training office see your answers" in asked
    done = client.post(address, {"answer-0": "To listen", "answer-1": "Blue"}, follow=True)
    assert "We have sent you the joining instructions." in said(done)
    assert "9 Hidden Lane" in said(done)
    sent = mail("joining_instructions")
    assert sent.to == made.person.email
    for secret in SECRETS[:3]:
        assert secret in sent.text
    (before,), (after,) = entries(mail("booking_confirmed")), entries(sent)
    assert before["uid"] == after["uid"]
    assert (before["sequence"], after["sequence"]) == (0, 1)
    assert "9 Hidden Lane" in after["location"]
    made.refresh_from_db()
    assert made.pre_course_answers == [
        {"question": "What do you hope to learn?", "answer": "To listen"},
        {"question": "In which team are you?", "answer": "Blue"},
    ]
    client.post(address, {"answer-0": "To speak", "answer-1": "Blue"})
    made.refresh_from_db()
    assert made.pre_course_answers[0]["answer"] == "To speak"
    assert mail("joining_instructions") == sent
    events = Event.objects.filter(action="booking.pre_course_answered")
    assert [event.now for event in events.order_by("pk")] == [{"first": True}, {"first": False}]


def test_scales_are_asked_with_the_questions_and_kept_apart_from_the_name(client):
    made = a_place(client)
    scale = QuestionFactory(before=True, words="How sure are you?")
    address = f"/my/bookings/{made.pk}/pre-course/"
    asked = said(client.get(address))
    assert "How sure are you?" in asked
    assert "What you say on the scales is kept apart from your name." in asked
    own = {"answer-0": "To listen", "answer-1": "Blue"}
    assert "Choose an answer." in said(client.post(address, own))
    assert not Mail.objects.filter(template="joining_instructions").exists()
    client.post(address, own | {f"q{scale.pk}": "2"})
    made.refresh_from_db()
    assert [each["question"] for each in made.pre_course_answers] == made.run.course.pre_course_list
    assert Answer.objects.get().number == 2
    assert "checked" in said(client.get(address))
    client.post(address, own | {f"q{scale.pk}": "3"})
    assert Answer.objects.get().number == 3
    assert Mail.objects.filter(template="joining_instructions").count() == 1


def test_scales_alone_keep_nothing_back(client):
    scale = QuestionFactory(before=True)
    person = PostFactory().person
    client.force_login(person)
    run = RunFactory(course=CoursePageFactory().course, joining_instructions="Bring a laptop.")
    made = booking.request_place(run, person, by=person)
    address = f"/my/bookings/{made.pk}/pre-course/"
    page = said(client.get(f"/my/bookings/{made.pk}/"))
    assert "Bring a laptop." in page
    assert f'href="{address}"' in page
    assert f'href="{address}"' in said(client.get("/my/"))
    assert "are deleted 30 days after" not in said(client.get(address))
    done = client.post(address, {f"q{scale.pk}": "4"}, follow=True)
    assert "Thank you for your answers." in said(done)
    assert f'href="{address}"' not in said(client.get("/my/"))
    assert Answer.objects.get().kind == "before"
    assert not Mail.objects.filter(template="joining_instructions").exists()


def test_the_place_of_who_answered_is_cancelled_in_the_calendar_after_that():
    made = pre_course.answer(a_place(), ["To listen", "Blue"], by="LINK 1")
    booking.withdraw(made, by=made.person)
    (entry,) = entries(mail("booking_withdrawn"))
    assert entry["sequence"] == 2


def test_a_course_without_questions_tells_all_at_once(client):
    person = PostFactory().person
    client.force_login(person)
    run = RunFactory(course=CoursePageFactory().course, joining_instructions="Bring a laptop.")
    made = booking.request_place(run, person, by=person)
    assert "Bring a laptop." in mail("booking_confirmed").text
    answered = client.get(f"/my/bookings/{made.pk}/pre-course/", follow=True)
    assert "This course asks no questions beforehand." in said(answered)


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"answer-0": "To listen"}, "Answer each question."),
        ({"answer-0": "To listen", "answer-1": "  "}, "Answer each question."),
        ({"answer-0": "x" * 1501, "answer-1": "Blue"}, "Say it in at most 1500 characters."),
        ({"answer-0": "943 476 5919", "answer-1": "Blue"}, "This has an NHS number in it."),
    ],
)
def test_answers_that_are_not_taken_say_why(client, answers, sentence):
    made = a_place(client)
    assert sentence in said(client.post(f"/my/bookings/{made.pk}/pre-course/", answers))
    made.refresh_from_db()
    assert (made.pre_course_at, made.pre_course_answers) == (None, [])


@pytest.mark.parametrize(
    ("state", "starts", "sentence"),
    [
        (State.WAITING, 30, "Answer them once you have one."),
        (State.WITHDRAWN, 30, "Answer them once you have one."),
        (State.CONFIRMED, -1, "Tell the trainer on the day."),
    ],
)
def test_who_cannot_answer_is_told_why(client, state, starts, sentence):
    ended = timezone.now() if state == State.WITHDRAWN else None
    made = BookingFactory(run=a_run(starts_at=in_days(starts)), state=state, ended_at=ended)
    client.force_login(made.person)
    answers = {"answer-0": "To listen", "answer-1": "Blue"}
    refused = client.post(f"/my/bookings/{made.pk}/pre-course/", answers, follow=True)
    assert sentence in said(refused)
    with pytest.raises(PreCourseRefused):
        pre_course.answer(made, list(answers.values()), by=made.person)


@pytest.mark.parametrize("answers", [["one"], ["one", ""], ["one", "943 476 5919"]])
def test_the_verb_refuses_what_the_page_would(answers):
    made = a_place()
    with pytest.raises(PreCourseRefused):
        pre_course.answer(made, answers, by=made.person)
    assert not Mail.objects.filter(template="joining_instructions").exists()


def test_nobody_answers_for_somebody_else(client):
    made = a_place()
    client.force_login(PersonFactory())
    assert client.get(f"/my/bookings/{made.pk}/pre-course/").status_code == 404


def test_the_trainers_of_the_date_read_the_answers_in_their_pack(client):
    trainer, other = PersonFactory(), PersonFactory()
    made = pre_course.answer(a_place(), ["To listen", "Blue"], by="LINK 1")
    made.run.trainers.add(trainer)
    client.force_login(trainer)
    pack = said(client.get(f"/register/{made.run_id}/pack/"))
    assert "What do you hope to learn?</dt><dd>To listen</dd>" in pack
    client.force_login(other)
    assert client.get(f"/register/{made.run_id}/pack/").status_code == 404


def test_answers_are_forgotten_with_what_people_need():
    made = pre_course.answer(a_place(), ["To listen", "Blue"], by="LINK 1")
    assert erasing.apply(AccessNeeds()) == 0
    made.run.ends_at = in_days(-31)
    made.run.save(update_fields=["ends_at"])
    assert erasing.apply(AccessNeeds()) == 1
    made.refresh_from_db()
    assert made.pre_course_answers == []
    assert made.pre_course_at
    assert erasing.apply(AccessNeeds()) == 0
