"""Test how the training office manages evaluation questions and handouts."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies.access import BOARD_MEMBERS, PROTOCOL_EDITORS
from courses.completion.materials import FILES
from courses.evaluation import evaluation
from courses.models import Material, Question
from history.models import Event
from tests.factories import (
    CourseFactory,
    EvaluationFactory,
    MaterialFactory,
    PersonFactory,
    QuestionFactory,
)

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 slides\n%%EOF\n"


def said(response):
    return " ".join(response.content.decode().split())


def opened(response):
    return b"".join(response.streaming_content)


def question_fields(**more):
    fields = {"words": "Was it useful?", "kind": "agree", "course": "", "position": "1"}
    return fields | {"is_needed": "on", "at_end": "on"} | more


def material_fields(course, file=None, **more):
    fields = {"course": course.pk, "title": "Slides", "when": "after", "position": "0"}
    return fields | ({"file": file} if file else {}) | more


def a_file(name="slides.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def test_a_courses_page_leads_to_its_handouts_and_says_how_many(client, office):
    course = CourseFactory()
    MaterialFactory.create_batch(2, course=course, title="Of this course")
    MaterialFactory(title="Of another")
    assert "Handouts (2)" in said(client.get(f"/cms/course/edit/{course.pk}/"))
    address = f"/cms/material/?course={course.pk}"
    assert f'href="{address}"' in client.get(f"/cms/course/edit/{course.pk}/").content.decode()
    listed = said(client.get(address))
    assert ("Of this course" in listed, "Of another" in listed) == (True, False)


@pytest.mark.parametrize("path", ["/cms/question/", "/cms/material/"])
def test_lists_ask_the_same_for_one_row_and_for_three(client, office, path):
    factory = QuestionFactory if "question" in path else MaterialFactory

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    factory()
    queries()
    one = queries()
    factory()
    factory()
    assert queries() == one
    assert client.get(f"{path}?export=csv").status_code == 200


@pytest.mark.parametrize("group", [BOARD_MEMBERS, PROTOCOL_EDITORS])
def test_nobody_else_keeps_them(client, settings, group):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client.force_login(PersonFactory(is_staff=True, groups=[group]))
    question, material = QuestionFactory(), MaterialFactory()
    for path in ("question/", "question/new/", f"question/edit/{question.pk}/",
                 f"question/retire/{question.pk}/", "material/", "material/new/",
                 f"material/edit/{material.pk}/", f"material/open/{material.pk}/",
                 f"material/remove/{material.pk}/"):  # fmt: skip
        assert client.get(f"/cms/{path}").status_code in (302, 404)
        assert client.post(f"/cms/{path}").status_code in (302, 404)
    assert Question.objects.get().retired_at is None
    assert Material.objects.exists()


def test_a_question_is_added_changed_and_retired(client, office):
    client.post("/cms/question/new/", question_fields())
    made = Question.objects.get()
    assert (made.words, made.at_end, made.before) == ("Was it useful?", True, False)
    client.post(f"/cms/question/edit/{made.pk}/", question_fields(words="Useful?", before="on"))
    made.refresh_from_db()
    assert (made.words, made.before) == ("Useful?", True)
    client.post(f"/cms/question/retire/{made.pk}/")
    made.refresh_from_db()
    assert made.retired_at
    actions = Event.objects.about(made).order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["question.added", "question.changed", "question.retired"]


def test_a_question_is_asked_at_some_time(client, office):
    refused = client.post("/cms/question/new/", question_fields(at_end=""))
    assert "Tick when it is asked" in said(refused)
    assert not Question.objects.exists()


def test_what_an_answered_question_asks_stays(client, office):
    question, asked = QuestionFactory(words="How sure are you?"), EvaluationFactory()
    evaluation.answer(asked, {question.pk: 4}, by=asked.booking.person)
    assert "retire it and add another" in said(client.get(f"/cms/question/edit/{question.pk}/"))
    client.post(f"/cms/question/edit/{question.pk}/", question_fields(position="7", later="on"))
    question.refresh_from_db()
    assert (question.words, question.kind) == ("How sure are you?", "confident")
    assert (question.position, question.later) == (7, True)


def test_a_handout_is_uploaded_opened_replaced_and_removed(
    client, office, django_capture_on_commit_callbacks
):
    course = CourseFactory()
    client.post("/cms/material/new/", material_fields(course, a_file()))
    made = Material.objects.get()
    assert made.file.name != "slides.pdf"
    found = client.get(f"/cms/material/open/{made.pk}/")
    assert opened(found) == PDF
    assert client.get(f"/documents/{made.pk}/{made.file.name}").status_code == 404
    assert client.get(f"/media/{made.file.name}").status_code == 404
    had = made.file.name
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/cms/material/edit/{made.pk}/", material_fields(course, title="Notes"))
    made.refresh_from_db()
    assert (made.title, made.file.name) == ("Notes", had)
    new = a_file(content=PDF + b"2")
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/cms/material/edit/{made.pk}/", material_fields(course, new))
    made.refresh_from_db()
    assert (FILES.exists(had), FILES.exists(made.file.name)) == (False, True)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/cms/material/remove/{made.pk}/")
    assert not Material.objects.exists()
    assert not FILES.exists(made.file.name)


@pytest.mark.parametrize(
    ("file", "more", "sentence"),
    [
        (None, {}, "This field is required."),
        (("slides.exe", PDF), {}, "We hand out these kinds of file"),
        (("slides.pdf", b"MZ"), {}, "This file is not a .pdf file"),
        (("slides.pdf", PDF), {"when": "before", "after_evaluation": "on"}, "untick one"),
    ],
)
def test_handouts_that_are_not_taken_say_why(client, office, file, more, sentence):
    uploaded = a_file(*file) if file else None
    fields = material_fields(CourseFactory(), uploaded, **more)
    assert sentence in said(client.post("/cms/material/new/", fields))
    assert not Material.objects.exists()
