"""Test an online module from beginning to end: on a phone by keys alone, and without JavaScript."""

import datetime as dt

import pytest
from django.db.models import F
from playwright.sync_api import expect

from agencies.access import TRAINING_ADMINISTRATORS
from certificates.models import Certificate
from courses.completion import awarding
from courses.models import Completion
from elearning.learning import draw, learning
from elearning.models import Answer, Attempt
from tests.browser.test_keyboard import fits, press, tab_to
from tests.elearning.learners import answer_for, each_kind, read_all
from tests.elearning.modules import lesson, make_issued, pool, scenario
from tests.factories import CoursePageFactory, PersonFactory, PostFactory

REFLECTION = {
    "type": "reflection",
    "value": {"question": "Whom would you tell?", "hint": "Think of your safeguarding lead."},
}


@pytest.fixture
def person(served_site):
    return PersonFactory()


@pytest.fixture
def version(served_site):
    body = [
        {"type": "section", "value": {"heading": "Signs", "text": "<p>What to look for.</p>"}},
        REFLECTION,
    ]
    return make_issued(
        by=PersonFactory(),
        before_you_start="This module speaks of harm to children.",
        content=[lesson("Noticing", body=body), scenario()],
        pools=[pool(each_kind())],
        pause_hours=0,
    )


def shown_texts(answer, is_right):
    """Return what to choose on the page of a question, by its words."""
    content, given = answer.question_version.content, answer_for(answer, is_right)
    kind = content["kind"]
    if kind in ("single", "multiple"):
        numbers = given if kind == "multiple" else [given]
        return [content["options"][number]["text"] for number in numbers]
    if kind == "true_false":
        return ["True" if given else "False"]
    if kind == "matching":
        pairs = content["pairs"]
        return [(pairs[n]["item"], pairs[p]["partner"]) for n, p in enumerate(given)]
    return [(content["items"][number], str(at)) for at, number in enumerate(given, 1)]


def answer_by_keys(page, answer, is_right=True):
    """Choose an answer by Tab, arrows, Space and the letters of a list."""
    kind = answer.question_version.content["kind"]
    for choice in shown_texts(answer, is_right):
        if kind in ("single", "true_false"):
            choose_radio(page, choice, answer)
        elif kind == "multiple":
            tab_to(page, choice).press("Space")
        else:
            label, text = choice
            tab_to(page, label)
            page.keyboard.type(text)
            expect(page.locator(":focus option:checked")).to_have_text(text)
            page.evaluate("document.activeElement.blur()")
    press(page, "Give this answer")


def choose_radio(page, words, answer):
    """Tab to the first radio of the group, and go down to the one with these words."""
    texts = [each["text"] for each in answer.question_version.content.get("options", ())]
    texts = texts or ["False", "True"]
    seed = Attempt.objects.get(pk=answer.attempt_id).seed
    shown = draw.shown(answer.question_version.content, seed, answer.question_version_id)
    in_order = [texts[number] for number in shown]
    tab_to(page, in_order[0]).press("Space")
    for _ in range(in_order.index(words)):
        page.keyboard.press("ArrowDown")
    expect(page.locator(":focus")).to_be_checked()


@pytest.mark.long(reason="every kind of question by keys, and each of 25 pages is examined")
def test_a_module_is_done_with_the_keys_alone_on_a_phone(visit, version, person):
    page = visit(person, width=390, height=844)
    page.goto("/learn/")
    fits(page)
    press(page, "Early Help")
    expect(page.get_by_text("This module speaks of harm to children.")).to_be_visible()
    fits(page)
    press(page, "Begin")
    expect(page.get_by_role("heading", name="Noticing", level=1)).to_be_visible()
    fits(page)
    tab_to(page, "For yourself alone.")
    page.keyboard.type("My safeguarding lead.")
    sent = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    press(page, "Go on to the next part")
    expect(page.get_by_role("heading", name="The first visit", level=1)).to_be_visible()
    assert sent and not any("safeguarding" in each for each in sent)
    fits(page)
    press(page, "See what follows")
    expect(page.get_by_role("alert")).to_contain_text("Choose what to do")
    tab_to(page, "Call again").press("Space")
    press(page, "See what follows")
    expect(page.get_by_role("heading", name="You chose: Call again")).to_be_visible()
    press(page, "What happens next")
    tab_to(page, "Ask").press("Space")
    press(page, "See what follows")
    expect(page.get_by_role("heading", name="You chose: Ask")).to_be_visible()
    fits(page)
    press(page, "Go on to the check")
    expect(page.get_by_role("heading", name="Check what you have learned")).to_be_visible()
    fits(page)
    press(page, "Begin the check")
    for answer in Answer.objects.select_related("question_version").order_by("position"):
        expect(page.get_by_role("heading", name=f"Question {answer.position} of 5")).to_be_visible()
        press(page, "Give this answer")
        expect(page.get_by_role("alert")).to_be_visible()
        fits(page)
        answer_by_keys(page, answer)
        expect(page.get_by_role("heading", name="That’s right")).to_be_visible()
        fits(page)
        press(page, "Next question" if answer.position < 5 else "See your result")
    expect(page.get_by_role("heading", name="You’ve passed")).to_be_visible()
    fits(page)
    page.go_back()
    expect(page.get_by_role("heading", name="That’s right")).to_be_visible()
    assert Attempt.objects.get().state == "passed"


def test_a_check_is_failed_and_tried_again_without_javascript_on_another_device(
    visit, version, person
):
    read_all_but_the_check(version, person)
    phone = visit(person, javascript=False, width=320, height=640)
    phone.goto("/learn/early-help/")
    phone.get_by_role("button", name="Continue").click()
    phone.get_by_role("button", name="Begin the check").click()
    first, *others = Answer.objects.select_related("question_version").order_by("position")
    answer_by_mouse(phone, first, False)
    expect(phone.get_by_role("heading", name="That’s not right")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 320

    desk = visit(person, javascript=False)
    desk.goto("/learn/early-help/")
    desk.get_by_role("button", name="Continue").click()
    for answer in others:
        answer_by_mouse(desk, answer, False)
        desk.get_by_role("button", name="Next question").or_(
            desk.get_by_role("button", name="See your result")
        ).click()
    expect(desk.get_by_role("heading", name="You have not passed yet")).to_be_visible()
    expect(desk.get_by_role("link", name="Noticing").first).to_be_visible()

    # The phone still shows the first question. It replaces nothing, and finds the result.
    phone.get_by_role("button", name="Next question").click()
    phone.get_by_role("button", name="See your result").click()
    expect(phone.get_by_role("heading", name="You have not passed yet")).to_be_visible()
    phone.get_by_role("button", name="Try again").click()
    expect(phone.get_by_role("button", name="Begin the check")).to_be_visible()
    assert set(Attempt.objects.values_list("number", "state")) == {(1, "failed"), (2, "begun")}


@pytest.mark.long(reason="a course from a phone to a certificate, a lead's page and a report")
def test_a_course_goes_from_a_phone_to_a_desk_a_certificate_a_lead_and_a_report(
    visit, version, settings
):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    CoursePageFactory(
        course__kind="module", course__format="", course__module=version.module,
        course__title="Early Help online", course__code="EHM", course__hours="0.5",
        course__renewal_months=12,
    )  # fmt: skip
    post = PostFactory(person__name="Amina Yusuf", agency__name="Solent Trust")
    lead = PostFactory(agency=post.agency, is_lead=True, person__name="Lee Lead").person

    phone = visit(post.person, width=390, height=844)
    phone.goto("/courses/ehm/")
    fits(phone)
    phone.get_by_role("button", name="See what is in it, and start").click()
    phone.get_by_role("button", name="Begin", exact=True).click()
    phone.get_by_role("button", name="Go on to the next part").click()
    expect(phone.get_by_role("heading", name="The first visit", level=1)).to_be_visible()
    phone.goto("/my/")
    fits(phone)
    phone.close()

    theirs = visit(lead)
    theirs.goto("/agency/training/?course=EHM")
    row = theirs.get_by_role("row").filter(has_text="Amina Yusuf")
    expect(row).to_contain_text("Part 2 of 2")

    desk = visit(post.person)
    desk.goto("/my/")
    expect(desk.get_by_text("Part 2 of 2")).to_be_visible()
    desk.get_by_role("button", name="Continue").click()
    for choice in ("Call again", "Ask"):
        desk.get_by_label(choice, exact=True).check()
        desk.get_by_role("button", name="See what follows").click()
        going_on = desk.get_by_role("button", name="What happens next")
        going_on.or_(desk.get_by_role("button", name="Go on to the check")).click()
    take_check_by_mouse(desk, Attempt.objects.get(), is_right=False)
    expect(desk.get_by_role("heading", name="You have not passed yet")).to_be_visible()
    expect(desk.get_by_role("heading", name="What to read again")).to_be_visible()
    theirs.reload()
    expect(row).to_contain_text("Not passed: can try again")

    # A day goes by.
    day = dt.timedelta(days=1, hours=1)
    Attempt.objects.update(begun_at=F("begun_at") - day, ended_at=F("ended_at") - day)
    desk.goto("/my/")
    desk.get_by_role("button", name="Try again").click()
    take_check_by_mouse(desk, Attempt.objects.get(number=2), is_right=True)
    expect(desk.get_by_role("heading", name="You’ve passed")).to_be_visible()

    awarding.award_online.func(Completion.objects.get().pk)
    desk.goto("/my/")
    expect(desk.get_by_text("Refresh recommended by")).to_be_visible()
    desk.get_by_role("link", name=Certificate.objects.get().number).first.click()
    expect(desk.get_by_text("E-learning").first).to_be_visible()

    theirs.reload()
    expect(row).to_contain_text("Up to date")
    expect(row).to_contain_text("E-learning")

    office = visit(PersonFactory(is_staff=True, groups=[TRAINING_ADMINISTRATORS]), watched=False)
    office.goto("/cms/reports/attendance/")
    cells = office.locator("#by-agency ~ .office-scroll tbody tr").first.get_by_role("cell")
    expect(office.get_by_role("row").filter(has_text="Solent Trust").first).to_be_visible()
    assert cells.all_inner_texts()[-2:] == ["1", "0.5"]


def take_check_by_mouse(page, attempt, *, is_right):
    page.get_by_role("button", name="Begin the check").click()
    for answer in attempt.answers.select_related("question_version").order_by("position"):
        answer_by_mouse(page, answer, is_right)
        page.get_by_role("button", name="Next question").or_(
            page.get_by_role("button", name="See your result")
        ).click()


def read_all_but_the_check(version, person):
    attempt = learning.begin(version.module, by=person)
    key = version.items[1]["key"]
    learning.choose(attempt, key, 1, 2, by=person)
    read_all(attempt)


def answer_by_mouse(page, answer, is_right):
    kind = answer.question_version.content["kind"]
    for choice in shown_texts(answer, is_right):
        if kind in ("matching", "order"):
            page.get_by_label(choice[0], exact=True).select_option(choice[1])
        else:
            page.get_by_label(choice, exact=True).check()
    page.get_by_role("button", name="Give this answer").click()
