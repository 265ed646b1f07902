"""Test what pages say of a course that is an online module, and of how far people are in it."""

import datetime as dt

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.utils import timezone

from elearning.learning import learning
from elearning.models import Attempt, ExtraAttempt
from search import indexer
from tests.courses.test_given_elsewhere import (
    PAGES,
    TRAINING,
    about_it,
    of_a_date,
    queries_of,
    words,
)
from tests.elearning.learners import take_check
from tests.elearning.modules import lesson, make_issued
from tests.factories import (
    CourseFactory,
    CoursePageFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
    RunFactory,
    in_days,
)
from tests.sheets import read_csv

pytestmark = pytest.mark.django_db
TITLE = "Neglect online"


@pytest.fixture
def version():
    lessons = [lesson("Noticing"), *(lesson(f"Lesson {n}") for n in range(2, 7))]
    return make_issued("neglect", by=PersonFactory(), title=TITLE, content=lessons)


@pytest.fixture
def course(version):
    return CoursePageFactory(
        course__kind="module", course__format="", course__module=version.module,
        course__hours="0.5", course__code="NEG", course__title=TITLE, course__renewal_months=12,
    ).course  # fmt: skip


@pytest.fixture
def person(client):
    post = PostFactory(person__name="Ann Learner", agency__name="City Midwifery")
    client.force_login(post.person)
    return post.person


@pytest.fixture
def lead(client):
    """Sign in the lead of the Solent Trust."""
    post = PostFactory(is_lead=True, agency__name="Solent Trust", person__name="Lee Lead")
    client.force_login(post.person)
    return post


def begun(version, person, *, parts=0):
    attempt = learning.begin(version.module, by=person)
    for item in version.items[:parts]:
        learning.finish_item(attempt, item["key"], by=person)
    return attempt


def failed(version, person):
    return take_check(begun(version, person), right=0)


def passed(version, person):
    return take_check(begun(version, person))


# What is true of dates alone

OF_A_MODULE = {
    name: (path.replace("format=elsewhere", "format=module"), who)
    for name, (path, who) in PAGES.items()
    # What only a course given elsewhere has: a provider, a link, certificates that people send.
    if name
    not in ("this week", "of a provider's name", "my certificates", "the upload", "the link")
}
OF_A_MODULE |= {
    "its own, signed in": ("/courses/neg/", "person"),
    "its own, begun": ("/courses/neg/", "sent"),
    "its own, completed": ("/courses/neg/", "completed"),
    "the module": ("/learn/neglect/", "person"),
    "the module, begun": ("/learn/neglect/", "sent"),
}


@pytest.mark.parametrize("name", OF_A_MODULE)
def test_no_page_says_of_it_what_is_true_of_dates_alone(client, version, course, name, request):
    path, who = OF_A_MODULE[name]
    deep = CourseFactory(code="DEEP", title="Deep", prerequisites=[course])
    CoursePageFactory(course=deep)
    indexer.sync()
    who = who or ""
    if who == "lead":
        request.getfixturevalue("lead")
    if who not in ("", "lead", "office"):
        someone = request.getfixturevalue("person")
        if "completed" in who:
            passed(version, someone)
        elif "sent" in who:
            begun(version, someone, parts=2)
    if "office" in who:
        client.force_login(request.getfixturevalue("office"))
    if name == "behind its protocol":
        protocol = ProtocolPageFactory()
        course.protocols_taught.add(protocol)
        path = path.format(protocol.pk)
    if path == "book":
        path = f"/my/bookings/new/{RunFactory(course=deep).pk}/"
    answer = client.get(path.format(course.pk))
    assert answer.status_code == 200
    said = about_it(answer, "City Midwifery" if name == "the report" else TITLE)
    if name.startswith(("its own", "the module")):
        said = " ".join(BeautifulSoup(answer.content, "html.parser").main.get_text(" ").split())
    if name != "the report":
        assert TITLE in said
    assert of_a_date(said) == []


def test_the_home_page_says_how_long_it_takes(client, course):
    assert "on this site, about 30 minutes" in words(client.get("/"))


# How far people are


def ways(version, person):
    """Yield how somebody comes to be where they are, and what is said then."""
    begun(version, person)
    yield "Part 1 of 6", "Continue"
    begun(version, person, parts=2)
    yield "Part 3 of 6", "Continue"
    begun(version, person, parts=6)
    yield "The check is next", "Continue"
    attempt = failed(version, person)
    again = timezone.localtime(attempt.ended_at + dt.timedelta(hours=24))
    yield f"Not passed: can try again from {again.day} {again:%B %Y}", None
    Attempt.objects.update(ended_at=attempt.ended_at - dt.timedelta(days=2))
    yield "Not passed: can try again", "Try again"
    for _ in range(2):
        failed(version, person)
        Attempt.objects.update(ended_at=timezone.now() - dt.timedelta(days=2))
    yield "Not passed: no attempts left", None
    last = Attempt.objects.first()
    ExtraAttempt.objects.create(person=person, module=last.module, round=1, reason="Asked")
    yield "Not passed: can try again", "Try again"


def test_my_learning_says_how_far_somebody_is_and_what_they_can_press(
    client, version, course, person
):
    assert "E-learning" not in words(client.get("/my/"))
    for said, button in ways(version, person):
        page = BeautifulSoup(client.get("/my/").content, "html.parser")
        section = page.select_one("[aria-labelledby=modules]")
        for part in said.split(": "):
            assert part.lower() in " ".join(section.get_text(" ").split()).lower()
        buttons = [each.contents[0].strip() for each in section.select("button")]
        assert buttons == ([button] if button else [])
    passed(version, person)
    said = words(client.get("/my/"))
    assert "E-learning" not in said.split("Completed courses")[0]
    assert f"See your result in {TITLE}" in said


def test_the_course_page_says_how_far_somebody_is(client, version, course, person):
    for said, button in ways(version, person):
        page = BeautifulSoup(client.get("/courses/neg/").content, "html.parser")
        for part in said.split(": "):
            assert part.lower() in " ".join(page.main.get_text(" ").split()).lower()
        start = page.select_one("a.govuk-button--start").get_text(strip=True)
        assert start == (button or "See your result")
    passed(version, person)
    assert "You completed this on" in words(client.get("/courses/neg/"))


def test_a_button_of_my_learning_goes_on_where_they_were(client, version, course, person):
    begun(version, person, parts=2)
    form = BeautifulSoup(client.get("/my/").content, "html.parser").select_one(
        "[aria-labelledby=modules] form"
    )
    assert client.post(form["action"]).url == "/learn/neglect/3/"


def of_staff(client, name):
    page = BeautifulSoup(client.get(f"{TRAINING}?course=NEG").content, "html.parser")
    rows = {row.th.get_text(strip=True): row for row in page.select("tbody tr")}
    return " ".join(rows[name].select_one("[data-of=State]").get_text(" ").split())


def test_a_lead_sees_how_far_their_staff_are(client, version, course, lead):
    person = PostFactory(agency=lead.agency, person__name="Sam Staff").person
    assert of_staff(client, "Sam Staff") == "Not completed"
    for said, _ in ways(version, person):
        assert said in of_staff(client, "Sam Staff")
    file = read_csv(client.get(f"{TRAINING}staff.csv?course=NEG")).by_heading()
    assert {row["Name"]: row["How far"] for row in file} == {
        "Lee Lead": "", "Sam Staff": "Not passed: can try again",
    }  # fmt: skip
    passed(version, person)
    assert of_staff(client, "Sam Staff") == "Up to date"


def test_a_lead_sees_progress_of_their_own_staff_alone(version, lead):
    today = timezone.localdate()
    agency, day = lead.agency, dt.timedelta(days=1)
    mine = PostFactory(agency=agency).person
    seen = [begun(version, mine), begun(version, lead.person)]
    stranger, left, asked, joined = PostFactory(), *(PostFactory() for _ in range(3))
    for post in (stranger, left, asked, joined):
        begun(version, post.person)
    PostFactory(agency=agency, person=left.person, ends_on=today - day)
    PostFactory(agency=agency, person=asked.person, confirmed_at=None)
    PostFactory(agency=agency, person=joined.person, starts_on=today + day)
    assert set(Attempt.objects.of_staff_of(lead.person)) == set(seen)
    # What somebody began before they joined is theirs to show.
    with time_machine.travel(in_days(2), tick=False):
        assert set(Attempt.objects.of_staff_of(lead.person)) == set(seen)
    assert not Attempt.objects.of_staff_of(mine).exists()
    lead.is_lead = False
    lead.save()
    assert not Attempt.objects.of_staff_of(lead.person).exists()


def test_what_a_lead_sees_says_no_score(client, version, course, lead):
    failed(version, PostFactory(agency=lead.agency, person__name="Sam Staff").person)
    assert "%" not in about_it(client.get(f"{TRAINING}?course=NEG"), "Sam Staff")


@pytest.mark.parametrize("path", ["", "staff.csv"])
def test_a_lead_s_page_asks_as_much_for_30_as_for_3(client, version, course, lead, path):
    def asked():
        return queries_of(lambda: b"".join(client.get(f"{TRAINING}{path}?course=NEG")))

    def some(number):
        for at in range(number):
            person = PostFactory(agency=lead.agency).person
            (begun, failed)[at % 2](version, person)

    asked()
    some(3)
    few = asked()
    some(27)
    assert asked() == few


def test_my_learning_asks_as_much_for_30_modules_as_for_3(client, person):
    def asked():
        return queries_of(lambda: client.get("/my/"))

    def some(number):
        for at in range(number):
            made = make_issued(f"m{number}-{at}", by=PersonFactory())
            CoursePageFactory(course__kind="module", course__format="", course__module=made.module)
            (begun, failed, passed)[at % 3](made, person)

    asked()
    some(3)
    few = asked()
    some(27)
    assert asked() == few
