"""Test the office’s form of a course that is an online module."""

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from courses.models import Course
from courses.rules import kinds
from courses.scheduling import shared_facts
from elearning.learning import learning
from history.models import Event
from tests.elearning.learners import take_check
from tests.elearning.modules import make_issued, make_module
from tests.factories import (
    CourseElsewhereFactory,
    CourseFactory,
    CoursePageFactory,
    EvidenceFactory,
    LevelFactory,
    PersonFactory,
    PostFactory,
    RunFactory,
)

pytestmark = pytest.mark.django_db
NEW = "/cms/course/new/"


@pytest.fixture
def version():
    return make_issued("neglect", by=PersonFactory(), title="Neglect: a first look", minutes=20)


@pytest.fixture
def course(version):
    return CoursePageFactory(
        course__kind="module", course__format="", course__module=version.module, course__code="NEG"
    ).course


def entered(module, **more):
    """Build what the office enters about a course that is a module."""
    return {
        "kind": "module", "title": "Neglect online", "code": "NEG", "summary": "In short.",
        "audience": "Everybody.", "outcomes": "Notice it.", "level": LevelFactory().pk,
        "module": module.pk if module else "", "renewal_months": 24, "is_offered": "on",
    } | more  # fmt: skip


def errors(answer, name):
    return " ".join(answer.context["form"].errors[name])


def test_the_form_has_the_fields_of_its_kind_alone(client, office):
    form = BeautifulSoup(client.get(f"{NEW}?kind=module").content, "html.parser")
    for name in ("module", "renewal_months", "topics", "protocols_taught", "certificate_design"):
        assert form.find(attrs={"name": name}), name
    without = {"hours", "version", *Course.ONLY_ELSEWHERE, *Course.ONLY_ON_DATES}
    for name in without - {"certificate_design"}:
        assert not form.find(attrs={"name": name}), name
    assert form.select_one("[name=kind] [selected]")["value"] == "module"
    assert f"{NEW}?kind=module" in client.get("/cms/course/").text


def test_the_office_adds_one_that_is_as_long_as_its_module(client, office, version):
    assert client.post(NEW, entered(version.module)).status_code == 302
    course = Course.objects.get()
    assert (course.module, course.format_label) == (version.module, "E-learning")
    assert (f"{course.hours}", course.length) == ("0.3", "20 minutes")
    assert (course.renewal_months, course.runs_a_year_intended) == (24, 0)
    assert Event.objects.about(course).get().action == "course.added"


def a_draft(version):
    return make_module("draft", title="A draft")


def withdrawn(version):
    version.withdrawn_at, version.withdrawn_reason = timezone.now(), "Wrong"
    version.save()
    return version.module


def of_another(version):
    CourseFactory(kind="module", format="", module=version.module, code="OLD", title="Old one")
    return version.module


@pytest.mark.parametrize(
    ("module", "sentence"),
    [
        (lambda version: None, "Choose the module that people do"),
        (a_draft, "‘A draft’ has no issued version, so nobody could begin it. Open it under Online "
         "modules, choose Issue a version"),
        (withdrawn, "‘Neglect: a first look’ has no issued version"),
        (of_another, "‘Neglect: a first look’ completes the course ‘Old one’ (OLD) already, and a "
         "module completes one course. Choose another module"),
    ],
)  # fmt: skip
def test_a_module_that_cannot_be_done_is_refused_at_its_field(
    client, office, version, module, sentence
):
    answer = client.post(NEW, entered(module(version)))
    assert answer.status_code == 200
    assert sentence in errors(answer, "module")
    assert not Course.objects.filter(code="NEG").exists()


def shown(page):
    return BeautifulSoup(page.content, "html.parser").find(attrs={"name": "shown"})["value"]


def test_a_course_keeps_its_module_when_each_version_is_withdrawn(client, office, course, version):
    withdrawn(version)
    page = f"/cms/course/edit/{course.pk}/"
    data = entered(version.module, title="Another title", shown=shown(client.get(page)))
    assert client.post(page, data).status_code == 302
    course.refresh_from_db()
    assert (course.title, course.module) == ("Another title", version.module)


def test_who_chooses_the_kind_gets_its_fields_with_the_first_press(client, office, version):
    course = CourseFactory(kind="taught", code="NEG")
    page = f"/cms/course/edit/{course.pk}/"
    answer = client.post(page, entered(None))
    assert "Choose the module that people do" in errors(answer, "module")
    assert "format" not in answer.context["form"].fields
    assert client.post(page, entered(version.module, shown=shown(answer))).status_code == 302
    course.refresh_from_db()
    assert (course.is_module, course.module) == (True, version.module)


def done(course):
    version = course.module.versions.get()
    take_check(learning.begin(version.module, by=PostFactory().person))


@pytest.mark.parametrize(
    ("kind", "made", "to", "why"),
    [
        ("taught", lambda it: RunFactory(course=it), "module", "has 1 course date,"),
        ("elsewhere", lambda it: EvidenceFactory(course=it), "module",
         "has 1 certificate that people sent,"),
        ("module", done, "taught", "has 1 completion,"),
        ("module", done, "elsewhere", "has 1 completion,"),
    ],
)  # fmt: skip
def test_a_course_stays_of_its_kind_once_that_would_make_no_sense(
    client, office, version, course, kind, made, to, why
):
    if kind != "module":
        course = (CourseElsewhereFactory if kind == "elsewhere" else CourseFactory)(code="X")
    made(course)
    answer = client.post(
        f"/cms/course/edit/{course.pk}/", entered(None, kind=to, format="classroom")
    )
    assert why in errors(answer, "kind") and "so it stays" in errors(answer, "kind")
    course.kind = to
    with pytest.raises(kinds.KindRefused, match="so it stays"):
        kinds.refuse_change(Course.objects.get(pk=course.pk), to)
    course.refresh_from_db()
    assert course.kind == kind


def test_one_that_nobody_has_done_becomes_taught_and_lets_its_module_go(office, course, version):
    learning.begin(version.module, by=PostFactory().person)
    course.kind, course.format = "taught", "classroom"
    course.clean()
    saved = shared_facts.save(course, by=office)
    assert (saved.kind, saved.module) == ("taught", None)
    assert kinds.why_not_module(CourseFactory.build(), version.module) == ""
