"""Test evaluation results for trainers, office and board; few answers are withheld."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies.access import BOARD_MEMBERS, PROTOCOL_EDITORS
from courses.evaluation import results as evaluation_results
from courses.evaluation.results import Tally
from courses.models import Answer, Question, Run
from tests.factories import (
    CourseFactory,
    EvaluationFactory,
    PersonFactory,
    QuestionFactory,
    RunFactory,
    in_days,
)
from tests.sheets import read_csv, read_xlsx

pytestmark = pytest.mark.django_db
REPORT = "/cms/reports/evaluation/"


def said(response):
    return " ".join(response.content.decode().split())


def a_date(course=None, **facts):
    facts = {"starts_at": in_days(-9), "closed_at": in_days(-8)} | facts
    return RunFactory(course=course or CourseFactory(), **facts)


def answers(run, question, *numbers, kind="end", sheets=None):
    """Create one answer per value, each on a new sheet or on `sheets`; return the sheets."""
    sheets = sheets or [uuid.uuid4() for _ in numbers]
    for sheet, number in zip(sheets, numbers, strict=True):
        told = {"words": number} if isinstance(number, str) else {"number": number}
        Answer.objects.create(
            run=run, question=question, kind=kind, sheet=sheet, answered_on=in_days(-8), **told
        )
    return sheets


def results(*runs, few_too=False):
    runs = Run.objects.filter(pk__in=[run.pk for run in runs])
    return evaluation_results.results_of(runs, few_too=few_too)


def test_averages_name_their_people_and_changes_are_of_the_same_people():
    question, run = QuestionFactory(), a_date()
    both = answers(run, question, 1, 2, 2, 3, 2, kind="before")
    answers(run, question, 5, 5, kind="before")
    answers(run, question, 3, 4, 4, 5, 4, kind="end", sheets=both)
    (line,) = results(run).lines
    before, end = line.tallies["before"], line.tallies["end"]
    assert (round(before.average, 2), before.people) == (2.86, 7)
    assert (end.average, end.people) == (4, 5)
    (change,) = line.changes
    assert (change.was, change.now) == ("before", "end")
    assert (change.tally.average, change.tally.people) == (2, 5)


@pytest.mark.parametrize("number", [1, 4])
def test_nothing_is_shown_of_fewer_than_5_but_to_the_office(number):
    question, run = QuestionFactory(), a_date()
    sheets = answers(run, question, *[4] * number)
    answers(run, question, *[2] * number, kind="before", sheets=sheets)
    (line,) = results(run).lines
    assert set(line.tallies.values()) == {Tally(())}
    assert [change.tally for change in line.changes] == [Tally(())]
    (line,) = results(run, few_too=True).lines
    assert line.tallies["end"].people == number


def test_what_few_said_cannot_be_worked_out_from_what_all_said():
    question, course = QuestionFactory(), CourseFactory()
    many, few = a_date(course), a_date(course)
    answers(many, question, 5, 5, 5, 5, 5)
    answers(few, question, 1, 1, 1)
    found = evaluation_results.by_course_and_date(Run.objects.all(), few_too=False)
    assert found == []  # Runs that asked nobody are left out.
    for run in (many, few):
        EvaluationFactory(booking__run=run)
    course_row, *rows = evaluation_results.by_course_and_date(Run.objects.all(), few_too=False)
    assert course_row.results.confidence.tallies["end"] == Tally((5.0,) * 5)
    assert sorted(row.results.confidence.tallies["end"].people for row in rows) == [0, 5]
    answers(a_date(course), question, 1, 1)
    assert results(*Run.objects.all()).lines[0].tallies["end"].people == 10


@pytest.mark.parametrize(
    ("numbers", "people"),
    [([1] * 5, 5), ([1] * 4 + [0], 0), ([1] * 9 + [0], 0), ([1] * 5 + [0] * 5, 10), ([0] * 5, 5)],
)
def test_a_share_that_would_tell_of_few_is_withheld(numbers, people):
    question, run = QuestionFactory(kind=Question.Kind.YES_NO), a_date()
    answers(run, question, *numbers)
    (line,) = results(run).lines
    assert line.tallies["end"].people == people
    (line,) = results(run, few_too=True).lines
    assert line.tallies["end"].people == len(numbers)


def test_the_trainer_reads_averages_and_words_of_five_and_more(client, office):
    trainer = PersonFactory()
    run = a_date(trainers=[trainer])
    scale, words = QuestionFactory(), QuestionFactory(kind="words", words="What will you do?")
    answers(run, scale, 4, 4, 4, 4)
    answers(run, words, "Ask.", "Listen.", "Write.", "Ring.")
    EvaluationFactory(booking__run=run)
    address = f"/register/{run.pk}/evaluation/"
    to_office = said(client.get(address))
    assert "Ring." in to_office
    assert '4.0 <span class="evaluation-people">of 4</span>' in to_office
    client.force_login(trainer)
    few = said(client.get(address))
    assert "Fewer than 5" in few
    assert "0 of the 1 who were asked at the end have answered (0%)." in few
    assert "Ring." not in few
    answers(run, scale, 4)
    answers(run, words, "Read.")
    many = said(client.get(address))
    assert '4.0 <span class="evaluation-people">of 5</span>' in many
    for told in ("Ask.", "Listen.", "Write.", "Ring.", "Read."):
        assert f"<li>{told}</li>" in many
    client.force_login(PersonFactory())
    assert client.get(address).status_code == 404


def test_a_date_about_which_nobody_was_asked_says_so(client):
    trainer = PersonFactory()
    run = a_date(trainers=[trainer])
    client.force_login(trainer)
    assert "Nobody has been asked" in said(client.get(f"/register/{run.pk}/evaluation/"))


@pytest.fixture
def few_and_many():
    question = QuestionFactory(words="How sure are you?")
    many, few = a_date(CourseFactory(title="Neglect")), a_date(CourseFactory(title="Supervision"))
    answers(many, question, 3, 3, 3, 3, 3)
    answers(few, question, 1, 2)
    words = QuestionFactory(kind="words")
    answers(many, words, "One sentence of somebody.")
    for run in (many, few):
        EvaluationFactory(booking__run=run)


def test_the_board_reads_no_figure_of_few_and_no_words(client, settings, few_and_many):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client.force_login(PersonFactory(is_staff=True, groups=[BOARD_MEMBERS]))
    page = said(client.get(REPORT))
    assert "How sure are you?" in page
    assert '3.0 <span class="evaluation-people">of 5</span>' in page
    assert "Fewer than 5" in page
    assert '1.5 <span class="evaluation-people">of 2</span>' not in page
    assert "One sentence of somebody." not in page


def test_the_office_sees_all_and_takes_away_what_the_board_may(client, office, few_and_many):
    page = said(client.get(REPORT))
    assert '1.5 <span class="evaluation-people">of 2</span>' in page
    rows = read_csv(client.get(f"{REPORT}?export=csv")).by_heading()
    told = [
        (row["Counted by"], row["Name"], row["At the end: average"], row["At the end: people"])
        for row in rows
    ]
    assert told == [
        ("Course", "Neglect", "3.0", "5"),
        ("Date", "Neglect", "3.0", "5"),
        ("Course", "Supervision", "fewer than 5", ""),
        ("Date", "Supervision", "fewer than 5", ""),
        ("Question", "How sure are you?", "3.0", "5"),
    ]
    assert len(read_xlsx(client.get(f"{REPORT}?export=xlsx")).rows) == len(rows)


def test_the_report_is_of_the_days_and_the_course_that_are_asked_for(client, office, few_and_many):
    neglect = Run.objects.get(course__title="Neglect").course_id
    page = said(client.get(f"{REPORT}?course={neglect}"))
    assert "Neglect" in page
    assert '1.5 <span class="evaluation-people">of 2</span>' not in page
    nobody = said(client.get(f"{REPORT}?since=2020-01-01&until=2020-02-01"))
    assert "Nobody was asked about a date that is counted." in nobody
    assert "Choose a course from the list" in said(client.get(f"{REPORT}?course=999"))


@pytest.mark.parametrize("groups", [[], [PROTOCOL_EDITORS]])
def test_the_report_is_for_the_board(client, settings, groups):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client.force_login(PersonFactory(is_staff=True, groups=groups))
    assert client.get(REPORT).status_code in (302, 403)


def test_the_report_asks_the_same_of_one_date_and_of_three(client, office):
    question = QuestionFactory()

    def queries():
        run = a_date()
        answers(run, question, 3, 4)
        EvaluationFactory(booking__run=run)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(REPORT).status_code == 200
        return len(captured)

    queries()
    assert {queries(), queries(), queries()} == {queries()}
