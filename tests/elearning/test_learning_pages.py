"""Test the pages on which people do a module: what they show, and what they never show."""

import re

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from elearning.authoring import issuing
from elearning.learning import checking, learning
from elearning.models import Answer, Attempt, Module
from tests.elearning.learners import (
    answer_for,
    begin_check,
    give,
    make_of_each_kind,
    read_all,
    shown_numbers,
    take_check,
)
from tests.elearning.modules import lesson, make_issued, pool, scenario, single
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db
State = Attempt.State
HERE = "/learn/early-help/"


@pytest.fixture
def version(editor):
    return make_of_each_kind(editor, before_you_start="This module speaks of harm to children.")


@pytest.fixture
def attempt(version, person, client):
    client.force_login(person)
    return learning.begin(version.module, by=person)


def words(answer):
    page = BeautifulSoup(answer.content, "html.parser").find("main")
    return " ".join(page.get_text(" ").split())


def told(client, path):
    return words(client.get(path, follow=True))


def post_of(attempt, **more):
    return {"attempt": attempt.pk, **more}


def post_answer(client, attempt, position, is_right=True):
    """Answer a question as a browser does, by the numbers on the page."""
    answer = attempt.answers.select_related("question_version").get(position=position)
    numbers = shown_numbers(answer, attempt.seed, answer_for(answer, is_right))
    return client.post(f"{HERE}check/{position}/", {"asked": answer.pk, **numbers}, follow=True)


# The module and its list


def test_strangers_see_what_a_module_is_and_are_led_to_sign_in_and_back(version, client):
    page = client.get(HERE)
    for said in ("About 30 minutes", "speaks of harm to children", "5 questions", "Noticing"):
        assert said in words(page)
    link = BeautifulSoup(page.content, "html.parser").find("a", string="Sign in to begin")
    assert link["href"] == "/accounts/login/?next=/learn/early-help/"
    for path in ("", "1/", "check/", "check/1/", "attempts/1/"):
        assert path == "" or client.get(f"{HERE}{path}")["Location"].startswith("/accounts/login/")


def test_the_list_says_where_somebody_is(version, attempt, client):
    assert "Early Help" in told(client, "/learn/")
    assert "Begun" in told(client, "/learn/")
    client.logout()
    assert "Begun" not in told(client, "/learn/")
    Module.objects.update(is_open=False)
    assert "no online modules at the moment" in told(client, "/learn/")


def test_a_module_is_begun_and_continued_from_its_page(version, person, client, follower):
    client.force_login(person)
    assert "A certificate of half an hour" in told(client, HERE)
    first = client.post(f"{HERE}begin/", follow=True)
    assert first.redirect_chain[-1][0] == f"{HERE}1/"
    assert "Lesson, part 1 of 2" in words(first)
    assert "You are at part 1 of 2: Noticing" in told(client, HERE)
    made = Attempt.objects.get()
    following = client.post(f"{HERE}1/", post_of(made, item=version.items[0]["key"]), follow=True)
    assert following.redirect_chain[-1][0] == f"{HERE}2/"
    client.logout()  # goes on elsewhere
    client.force_login(person)
    assert client.post(f"{HERE}continue/")["Location"] == f"{HERE}2/"
    check = client.post(f"{HERE}2/", post_of(made, item=version.items[1]["key"]), follow=True)
    assert check.redirect_chain[-1][0] == f"{HERE}check/"
    assert "You need 80% to pass" in words(check)


def test_why_a_module_cannot_be_begun_is_said_and_there_is_no_button(
    version, person, client, follower
):
    follower.refusal = "Complete Neglect first."
    client.force_login(person)
    page = client.get(HERE)
    assert "Complete Neglect first." in words(page)
    assert not BeautifulSoup(page.content, "html.parser").select("main button")
    assert "Complete Neglect first." in words(client.post(f"{HERE}begin/", follow=True))
    assert not Attempt.objects.exists()


def test_a_newer_version_is_offered_with_the_last_day_for_the_old(version, attempt, client, editor):
    Module.objects.update(summary="Another.")
    issuing.issue(Module.objects.get(), by=editor, what_changed="Much.")
    assert "begin again on the new one" in told(client, HERE)
    answer = client.post(f"{HERE}again/")
    assert answer["Location"] == f"{HERE}1/"
    assert set(Attempt.objects.values_list("version__number", "state")) == {
        (1, "set_aside"),
        (2, "begun"),
    }


def test_who_has_not_begun_is_led_to_the_module_and_who_has_done_it_reads_it(
    version, person, client
):
    client.force_login(person)
    for path in ("1/", "1/1/", "check/", "check/1/"):
        assert client.get(f"{HERE}{path}")["Location"] == HERE
    take_check(learning.begin(version.module, by=person))
    page = client.get(f"{HERE}1/")
    assert "What to look for." in words(page)
    assert not BeautifulSoup(page.content, "html.parser").select("main form")
    for path in ("9/", "check/9/"):
        assert client.get(f"{HERE}{path}").status_code == 404


def test_another_persons_attempt_is_not_there(version, person, client):
    theirs = take_check(learning.begin(version.module, by=PersonFactory()))
    client.force_login(person)
    assert client.get(f"{HERE}attempts/{theirs.pk}/").status_code == 404
    mine = learning.begin(version.module, by=person)
    other = learning.begin(version.module, by=PersonFactory())
    key = version.items[0]["key"]
    answer = client.post(f"{HERE}1/", post_of(other, item=key), follow=True)
    assert "of another attempt" in words(answer)
    assert not Attempt.objects.get(pk=mine.pk).items.exclude(done_at=None).exists()
    assert not other.items.exclude(done_at=None).exists()


def test_a_page_of_an_ended_attempt_changes_nothing(version, attempt, client, person):
    take_check(attempt, right=0)
    with time_machine.travel(timezone.now() + timezone.timedelta(hours=25)):
        client.force_login(person)
        now = learning.begin(version.module, by=person)
        now.items.update(done_at=None)
        key = version.items[0]["key"]
        answer = client.post(f"{HERE}1/", post_of(attempt, item=key), follow=True)
        assert "of another attempt" in words(answer)
        assert not now.items.exclude(done_at=None).exists()


@pytest.mark.parametrize("choice", ["", "x", "9" * 5000, "-1", "\x00"])
def test_a_choice_that_no_page_offers_is_refused(editor, person, client, choice):
    client.force_login(person)
    version = make_issued(by=editor, content=[scenario(), lesson("Noticing")])
    made = learning.begin(version.module, by=person)
    sent = post_of(made, item=version.items[0]["key"], choice=choice)
    assert "Choose what to do" in words(client.post(f"{HERE}1/1/", sent))
    for item in ("", "\x00", "another"):
        told_so = client.post(f"{HERE}1/", post_of(made, item=item), follow=True)
        assert "not part of your module" in words(told_so)
    assert made.items.get().place == {}


def test_an_answer_sent_after_the_session_ended_is_kept_until_they_are_back(
    version, attempt, client, person
):
    begin_check(attempt)
    row = attempt.answers.get(position=1)
    page = f"{HERE}check/1/"
    client.get(page)
    client.cookies.pop("sessionid", None)
    client.cookies.pop("__Host-sessionid", None)
    gone = client.post(page, {"asked": row.pk, "answer": "1"}, headers={"referer": page})
    assert gone["Location"].startswith("/accounts/login/?next=/learn/early-help/check/1/")
    row.refresh_from_db()
    assert row.given_at is None
    client.force_login(person)
    assert "Question 1 of 5" in told(client, page)


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_costs_the_same_number_of_queries(editor, person, client, many):
    for number in range(many):
        made = make_issued(f"module-{number}", by=editor)
        learning.begin(made.module, by=person)
    client.force_login(person)
    client.get("/learn/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/learn/")
    assert len(queries) == 10


# Scenarios


def test_a_scenario_is_a_page_for_each_situation(editor, person, client):
    client.force_login(person)
    version = make_issued(by=editor, content=[scenario(), lesson("Noticing")])
    made = learning.begin(version.module, by=person)
    key = version.items[0]["key"]
    first = client.get(f"{HERE}1/", follow=True)
    assert first.redirect_chain[-1][0] == f"{HERE}1/1/"
    assert "Nobody opens." in words(first)
    assert "After call again" not in words(first)
    none = client.post(f"{HERE}1/1/", post_of(made, item=key))
    assert "Choose what to do" in none.content.decode()
    assert "<title>Error: " in none.content.decode()
    assert client.get(f"{HERE}1/2/")["Location"] == f"{HERE}1/1/"
    chosen = client.post(f"{HERE}1/1/", post_of(made, item=key, choice=1), follow=True)
    assert "You chose: Call again" in words(chosen) and "After call again." in words(chosen)
    again = client.post(f"{HERE}1/1/", post_of(made, item=key, choice=2), follow=True)
    assert "already chosen" in words(again)
    client.post(f"{HERE}1/2/", post_of(made, item=key, choice=2))
    assert "Try another way" in told(client, f"{HERE}1/2/")
    on = client.post(f"{HERE}1/", post_of(made, item=key), follow=True)
    assert on.redirect_chain[-1][0] == f"{HERE}2/"
    assert "You chose: Call again" in told(client, f"{HERE}1/1/")  # Back
    back = client.post(f"{HERE}1/again/", post_of(made, item=key), follow=True)
    assert "What do you do?" in words(back)


# The check


def test_a_question_of_each_kind_is_answered_on_its_page(version, attempt, client):
    begin_check(attempt)
    for position in range(1, 6):
        assert "That’s right" in words(post_answer(client, attempt, position))
    attempt.refresh_from_db()
    assert (attempt.state, attempt.score) == (State.PASSED, 100)
    result = told(client, f"{HERE}attempts/{attempt.pk}/")
    assert "You’ve passed" in result and "100%" in result


def test_what_was_wrong_is_said_with_its_lesson_and_never_what_would_be_right(
    version, attempt, client
):
    begin_check(attempt)
    for answer in attempt.answers.select_related("question_version"):
        said = words(post_answer(client, attempt, answer.position, is_right=False))
        assert "That’s not right" in said
        if answer.question_version.content["kind"] == "single":
            assert "Not so." in said and "Read about it: Noticing" in said
            assert "That is so." not in said
    attempt.refresh_from_db()
    assert (attempt.state, attempt.score) == (State.FAILED, 0)
    result = told(client, f"{HERE}attempts/{attempt.pk}/")
    for part in ("You have not passed yet", "You need 80%", "Read again: Noticing", "0 of 5 right"):
        assert part in result
    assert "You can try again from" in result
    assert "You can try again from" in told(client, HERE)


@pytest.mark.parametrize("position", range(1, 6))
def test_the_key_is_not_in_the_page_of_a_question(version, attempt, client, position):
    """Compare with the same question under every other key: the pages are the same."""
    begin_check(attempt)
    answer = attempt.answers.select_related("question_version").get(position=position)
    asked, content = answer.question_version, answer.question_version.content
    before = plain(client.get(f"{HERE}check/{position}/"))
    for hidden in ("is_right", "That is so", "Not so", "Said of", "It is so.", "Noticing</a>"):
        assert hidden not in before
    # Its values are places on the page, whatever their order in the question.
    radios = BeautifulSoup(before, "html.parser").select("main input[name=answer]")
    assert [each["value"] for each in radios] == [str(n) for n in range(1, len(radios) + 1)]
    selects = BeautifulSoup(before, "html.parser").select("main select")
    assert all(
        [each["value"] for each in one.select("option")][1:]
        == [str(n) for n in range(1, len(one.select("option")))]
        for one in selects
    )
    if content["kind"] in ("single", "multiple"):
        for option in content["options"]:
            option["is_right"] = not option["is_right"]
    elif content["kind"] == "true_false":
        content["is_true"] = not content["is_true"]
    asked.save()
    assert plain(client.get(f"{HERE}check/{position}/")) == before
    shown = re.findall(r"(?:First|Second|Third|Partner \d)", before)[:3]
    assert shown not in (["First", "Second", "Third"], ["Partner 1", "Partner 2", "Partner 3"])


def kind_of(answer):
    return answer.question_version.content["kind"]


def plain(answer):
    return re.sub(r'(name="csrfmiddlewaretoken" value=")\w+', r"\1", answer.content.decode())


def test_a_draw_stays_the_same_on_reload_and_a_new_attempt_draws_anew(editor, person, client):
    questions = [single(f"Question {n}?", wrong=("No", "Never", "Nowhere")) for n in range(12)]
    client.force_login(person)
    version = make_issued(by=editor, pools=[pool(questions, draws=4)], pause_hours=0)
    seen = set()
    for _ in range(3):
        attempt = begin_check(learning.begin(version.module, by=person))
        first = plain(client.get(f"{HERE}check/1/"))
        assert plain(client.get(f"{HERE}check/1/")) == first
        drawn = tuple(attempt.answers.values_list("question_version", flat=True))
        checking.begin_check(attempt, by=person)
        assert tuple(attempt.answers.values_list("question_version", flat=True)) == drawn
        assert len(set(drawn)) == 4
        seen.add(drawn)
        take_check(attempt, right=0)
    assert len(seen) == 3


@pytest.mark.parametrize("position", range(1, 6))
def test_nothing_chosen_is_said_and_nothing_is_kept(version, attempt, client, position):
    answer = in_front_of(attempt, position)
    page = client.post(f"{HERE}check/{position}/", {"asked": answer.pk})
    html = page.content.decode()
    assert page.status_code == 200 and "<title>Error: Question" in html
    summary = BeautifulSoup(html, "html.parser").select(".govuk-error-summary a")
    assert summary and all(
        BeautifulSoup(html, "html.parser").find(id=link["href"][1:]) for link in summary
    )
    assert len({link.text for link in summary}) == len(summary)
    answer.refresh_from_db()
    assert answer.given_at is None


def in_front_of(attempt, position):
    """Begin the check, answer all questions before this one, and return its row."""
    begin_check(attempt)
    for before in range(1, position):
        give(attempt, before)
    return attempt.answers.get(position=position)


def test_two_lines_cannot_have_one_place(version, attempt, client):
    begin_check(attempt)
    [at] = [a.position for a in attempt.answers.all() if kind_of(a) == "order"]
    answer = in_front_of(attempt, at)
    sent = {"asked": answer.pk, "place1": "1", "place2": "1", "place3": "2"}
    page = client.post(f"{HERE}check/{answer.position}/", sent)
    assert "has number 1 too" in words(page)
    answer.refresh_from_db()
    assert answer.given_at is None


def test_an_answer_cannot_be_changed_from_another_tab_or_by_back(version, attempt, client):
    begin_check(attempt)
    post_answer(client, attempt, 1)
    again = post_answer(client, attempt, 1)
    assert "There is a problem" not in words(again)  # pressed twice
    before = Answer.objects.filter(attempt=attempt).values().first()
    changed = post_answer(client, attempt, 1, is_right=False)
    assert "You answered question 1 before" in words(changed)
    assert Answer.objects.filter(attempt=attempt).values().first() == before


def test_a_tab_of_an_earlier_attempt_answers_no_question_of_the_new_one(
    version, attempt, client, person
):
    Module.objects.update(pause_hours=0)
    take_check(attempt, right=0)
    old = attempt.answers.get(position=1)
    issuing.issue(Module.objects.get(), by=person, what_changed="No pause.", is_major=False)
    now = begin_check(learning.begin(version.module, by=person))
    page = client.post(f"{HERE}check/1/", {"asked": old.pk, "answer": "1"}, follow=True)
    assert "of another attempt" in words(page)
    assert not now.answers.exclude(given_at=None).exists()
    with pytest.raises(learning.LearningRefused, match="of another attempt"):
        checking.give(now, old.pk, 0, by=person)


def test_questions_are_asked_in_turn(version, attempt, client):
    assert client.get(f"{HERE}check/1/")["Location"] == f"{HERE}check/"
    assert "Finish these parts first" in told(client, f"{HERE}check/")
    begin_check(attempt)
    assert client.get(f"{HERE}check/4/")["Location"] == f"{HERE}check/1/"
    give(attempt, 1)
    assert client.get(f"{HERE}check/")["Location"] == f"{HERE}check/2/"
    assert client.get(f"{HERE}attempts/{attempt.pk}/")["Location"] == f"{HERE}check/2/"


def test_what_is_right_is_told_once_they_have_passed(version, attempt, client):
    begin_check(attempt)
    kinds = {a.question_version.content["kind"]: a.position for a in attempt.answers.all()}
    wrong = kinds["single"]
    for position in range(1, 6):
        give(attempt, position, position != wrong)
    assert Attempt.objects.get().state == State.PASSED
    assert "That is so." in told(client, f"{HERE}check/{wrong}/")


def test_last_years_attempt_can_be_read_after_a_refresher(version, attempt, client, follower):
    take_check(attempt)
    follower.again_on = timezone.localdate()
    refresher = learning.begin(version.module, by=attempt.person)
    assert "You’ve passed" in told(client, f"{HERE}attempts/{attempt.pk}/")
    assert f"{HERE}attempts/{attempt.pk}/" in client.get(HERE).content.decode()
    assert client.get(f"{HERE}attempts/{refresher.pk}/")["Location"] == f"{HERE}1/"


def test_thoughts_have_no_name_and_are_in_no_form(editor, person, client):
    body = [{"type": "reflection", "value": {"question": "What would you do?", "hint": "Ask."}}]
    version = make_issued(by=editor, content=[lesson("Noticing", body=body)])
    client.force_login(person)
    learning.begin(version.module, by=person)
    page = BeautifulSoup(client.get(f"{HERE}1/").content, "html.parser")
    box = page.find("textarea")
    assert not box.has_attr("name")
    assert box.find_parent("form") is None
    assert "not sent or saved" in box.find_parent("label").get_text()


# What it costs


@pytest.mark.parametrize("many", [3, 30])
def test_a_page_and_a_press_cost_the_same_number_of_queries(editor, person, client, many):
    questions = [single(f"Question {n}?", lesson="Lesson 1") for n in range(many)]
    version = make_issued(
        by=editor, content=[lesson(f"Lesson {n}") for n in range(many)], pools=[pool(questions)]
    )
    client.force_login(person)
    attempt = learning.begin(version.module, by=person)
    counted = {}

    def count(what, do):
        do()
        with CaptureQueriesContext(connection) as queries:
            do()
        counted[what] = len(queries)

    count("lesson", lambda: client.get(f"{HERE}1/"))
    keys = iter([item["key"] for item in version.items])
    count("finish", lambda: client.post(f"{HERE}1/", post_of(attempt, item=next(keys))))
    read_all(attempt)
    checking.begin_check(attempt, by=person)
    count("question", lambda: client.get(f"{HERE}check/1/"))
    positions = iter([1, 2])

    def answer():
        position = next(positions)
        row = Answer.objects.get(attempt=attempt, position=position)
        client.post(f"{HERE}check/{position}/", {"asked": row.pk, "answer": "1"})

    count("answer", answer)
    count("module", lambda: client.get(HERE))
    count("list", lambda: client.get("/learn/"))
    assert counted == {
        "lesson": 9, "finish": 17, "question": 10, "answer": 14, "module": 15, "list": 10,
    }  # fmt: skip
