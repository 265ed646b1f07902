"""Make the demonstration's online modules, issue them, and offer them as courses."""

from __future__ import annotations

import datetime as dt
from types import ModuleType
from typing import Any

from django.db.models import F
from django.utils.text import slugify

from agencies.models import Person, Post
from courses.models import Course, CourseIndexPage, CoursePage, Level
from elearning.authoring import issuing
from elearning.learning import checking, learning
from elearning.models import Attempt, Module, ModuleVersion
from home.demonstration.modules import early_help, unborn_baby
from protocols.models import Edition, ProtocolPage, Topic

# Text of each module, and the slug of the protocol that it teaches.
MODULES = [(early_help, "early-help"), (unborn_baby, "unborn-baby")]
# Of each module: code, place of the level, refresh after months, topics, audience, outcomes.
COURSES = {
    early_help.CODE: (
        "EHM", 0, 36, ["Early help", "Stepping up and stepping down"],
        "Anyone who may be the first to notice that a family needs support.",
        "Notice early, and talk with a family about what would help"
        "\nSay what an Early Help Assessment is, and who begins it"
        "\nUse the indicators of need to describe what you see"
        "\nSay when a family steps up, and when it steps down",
    ),
    unborn_baby.CODE: (
        "UBM", 0, 24, ["Unborn babies", "Concealed pregnancy"],
        "Anyone who may meet somebody who is pregnant, or who may be.",
        "Say what concealed and late-booked pregnancies can mean"
        "\nAsk kindly, and write down the answer"
        "\nSay what to do the same day",
    ),
}  # fmt: skip


def make_online_courses(personas: dict[str, Person]) -> None:
    """Offer both modules as courses, and let people pass, fail and be in the middle of them."""
    office, lead = personas["training administrator"], personas["agency lead"]
    index = CourseIndexPage.objects.get()
    early, unborn = (_offer(each, index, by=office) for each in make_modules(by=office))
    _read(early, personas["professional"], parts=2, days_ago=3)
    theirs = Post.objects.current().filter(agency__in=lead.posts.values("agency"))
    staff = theirs.exclude(person__in=personas.values()).select_related("person")
    people = list(dict.fromkeys(post.person for post in staff.order_by("-pk")))
    done = [
        lambda who: _take_check(early, who, is_right=True, days_ago=9),
        lambda who: _take_check(unborn, who, is_right=True, days_ago=2),
        lambda who: _read(early, who, parts=5, days_ago=20),
        lambda who: _take_check(early, who, is_right=False, days_ago=4),
        lambda who: _take_check(unborn, who, is_right=False, days_ago=0),
    ]
    for person, does in zip(people, done, strict=False):
        does(person)


def _offer(version: ModuleVersion, index: CourseIndexPage, *, by: Person) -> Module:
    module = version.module
    code, level, months, topics, audience, outcomes = COURSES[module.code]
    course = Course(
        kind=Course.Kind.MODULE,
        code=code,
        title=module.title,
        module=module,
        level=Level.objects.order_by("position")[level],
        renewal_months=months,
        summary=module.summary,
        audience=audience,
        outcomes=outcomes,
    )
    course.clean()
    course.save()
    course.topics.set(Topic.objects.filter(name__in=topics))
    taught = {text.CODE: slug for text, slug in MODULES}[module.code]
    course.protocols_taught.set(ProtocolPage.objects.filter(slug=taught))
    page = CoursePage(title=course.title, slug=slugify(course.title), course=course)
    index.add_child(instance=page).save_revision(user=by).publish()
    return module


def _read(module: Module, person: Person, *, parts: int, days_ago: int) -> Attempt:
    """Let somebody begin a module and finish some of its parts, so many days ago."""
    attempt = learning.begin(module, by=person)
    for item in attempt.version.items[:parts]:
        attempt = learning.finish_item(_chosen(attempt, item, person), item["key"], by=person)
    _move_back(attempt, days_ago)
    return attempt


def _chosen(attempt: Attempt, item: dict[str, Any], person: Person) -> Attempt:
    """Choose in a scenario what comes first, until it ends."""
    at = 1 if item["kind"] == "scenario" else 0
    while at:
        at = learning.choose(attempt, item["key"], at, 1, by=person).place["at"]
    return attempt


def _take_check(module: Module, person: Person, *, is_right: bool, days_ago: int) -> None:
    attempt = _read(module, person, parts=1000, days_ago=0)
    attempt = checking.begin_check(attempt, by=person)
    for answer in attempt.answers.select_related("question_version").order_by("position"):
        content = answer.question_version.content
        given = _right(content) if is_right else _wrong(content)
        checking.give(attempt, answer.pk, given, by=person)
    _move_back(attempt, days_ago)


def _move_back(attempt: Attempt, days_ago: int) -> None:
    """Let an attempt be so many days old, with all its moments."""
    moments = ("begun_at", "check_begun_at", "last_at", "ended_at")
    earlier = {name: F(name) - dt.timedelta(days=days_ago) for name in moments}
    Attempt.objects.filter(pk=attempt.pk).update(**earlier)


def _right(content: dict[str, Any]) -> Any:
    """Return the right answer to a question, as `Answer.given` says."""
    if content["kind"] == "true_false":
        return content["is_true"]
    if content["kind"] in ("matching", "order"):
        return list(range(len(content.get("pairs") or content["items"])))
    right = [number for number, each in enumerate(content["options"]) if each["is_right"]]
    return right if content["kind"] == "multiple" else right[0]


def _wrong(content: dict[str, Any]) -> Any:
    right = _right(content)
    if content["kind"] == "true_false":
        return not right
    if content["kind"] in ("matching", "order"):
        return right[::-1]
    wrong = [number for number, each in enumerate(content["options"]) if not each["is_right"]]
    return wrong if content["kind"] == "multiple" else wrong[0]


def make_modules(*, by: Person) -> list[ModuleVersion]:
    """Make and issue both modules, checked against the protocol that is in force."""
    return [_make(text, protocol, by) for text, protocol in MODULES]


def _make(text: ModuleType, protocol: str, by: Person) -> ModuleVersion:
    module = Module(code=text.CODE, **text.FACTS)
    module.checked_against = Edition.objects.in_force().filter(page__slug=protocol).first()
    for name, parts in (("content", text.CONTENT), ("check_questions", text.CHECK)):
        block = Module._meta.get_field(name).stream_block
        value = block.to_python(parts)
        block.clean(value)
        setattr(module, name, value)
    module.save()
    return issuing.issue(module, by=by, what_changed="First version.")
