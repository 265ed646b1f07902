"""Test that two minutes of evaluation on a phone lead to certificate and handout."""

import re

import pytest
from playwright.sync_api import expect

from courses.attendance import register
from courses.completion import awarding
from courses.models import Answer
from lms.models import Mail
from tests.factories import (
    BookingFactory,
    CourseFactory,
    MarkFactory,
    MaterialFactory,
    PersonFactory,
    PostFactory,
    QuestionFactory,
    RunFactory,
    in_days,
)

PHONE = {"width": 390, "height": 844}
both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])


def signed_off():
    """Sign off a course whose certificate and workbook wait for evaluation; Mary attended."""
    mary = PostFactory(person__name="Mary May").person
    course = CourseFactory(title="Supervision", asks_evaluation=True)
    run = RunFactory(course=course, starts_at=in_days(-1))
    MarkFactory(booking=BookingFactory(run=run, person=mary))
    QuestionFactory(words="How confident are you?")
    QuestionFactory(words="Would you recommend it?", kind="yes_no")
    QuestionFactory(words="What will you do?", kind="words", is_needed=False)
    MaterialFactory(course=course, title="Workbook", after_evaluation=True)
    register.close(run, by=PersonFactory())
    return mary, run


@both_ways
def test_the_certificate_and_the_handout_follow_two_minutes_on_a_telephone(visit, javascript):
    mary, run = signed_off()
    awarding.award_certificates.call(run.pk)
    mail = Mail.objects.get(template="evaluation_asked")
    address = re.search(r"/evaluation/[\w-]{32}/", mail.text).group()

    page = visit(javascript=javascript, **PHONE)
    page.goto(address)
    expect(page.get_by_role("heading", name="How was it?")).to_be_visible()
    page.get_by_label("What will you do?").fill("Ask once more.")
    page.get_by_role("button", name="Send my answers").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    expect(page.get_by_label("What will you do?")).to_have_value("Ask once more.")
    page.get_by_role("group", name="How confident are you?").get_by_text("4", exact=True).click()
    page.get_by_role("group", name="Would you recommend it?").get_by_text("Yes").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="Send my answers").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    expect(page.get_by_text("Workbook")).to_be_visible()
    assert {(each.number, each.words) for each in Answer.objects.all()} == {
        (4, ""),
        (1, ""),
        (None, "Ask once more."),
    }
    page.goto(address)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()

    awarding.award_certificates.call(run.pk)
    mine = visit(mary, javascript=javascript, **PHONE)
    mine.goto("/my/")
    expect(mine.get_by_role("link", name=re.compile("^Certificate "))).to_be_visible()
    with mine.expect_download() as download:
        mine.get_by_role("link", name="Workbook (PDF)").click()
    assert download.value.suggested_filename == "workbook.pdf"
