"""Issue versions of modules from their drafts, and withdraw them."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

import history
from elearning.models import (
    Module,
    ModuleVersion,
    Package,
    Question,
    QuestionVersion,
    Rule,
)
from lms.refused import Refused

if TYPE_CHECKING:
    from agencies.models import Person

# Fields that a version keeps as they were.
KEPT = (
    "title",
    "summary",
    "before_you_start",
    "minutes",
    "pass_mark",
    "attempts_allowed",
    "pause_hours",
    "checked_against_id",
)


class VersionRefused(Refused):
    """A version that cannot be issued or withdrawn; the message says all that is missing."""


@transaction.atomic
def issue(module: Module, *, by: Person, what_changed: str, is_major: bool = True) -> ModuleVersion:
    """Issue the module's draft as its newest version: numbered, drawn and frozen.

    Raises VersionRefused with all that is missing, or if nothing has changed.
    """
    module = Module.objects.select_for_update().get(pk=module.pk)
    last = module.versions.first()
    missing = list(what_is_missing(module, what_changed))
    if missing:
        raise VersionRefused(" ".join(["It can’t be issued yet.", *missing]))
    content = {"items": drawn_items(module), "pools": _pools(module, by)}
    return _issue(module, last, content, by, what_changed, is_major)


def _issue(
    module: Module,
    last: ModuleVersion | None,
    content: dict[str, Any],
    by: Person,
    what_changed: str,
    is_major: bool,
    **of_package: Any,
) -> ModuleVersion:
    kept = {name: getattr(module, name) for name in KEPT}
    source = {name: str(getattr(each, "sha256", each)) for name, each in of_package.items()}
    sha256 = digest({"content": content, **kept, **source})
    if last and last.withdrawn_at is None and last.sha256 == sha256:
        raise VersionRefused(f"Nothing has changed since {last.label}.")
    version = ModuleVersion.objects.create(
        module=module,
        number=last.number + 1 if last else 1,
        is_major=is_major,
        what_changed=what_changed.strip(),
        content=content,
        sha256=sha256,
        issued_by=by,
        **kept,
        **of_package,
    )
    now = {"module": module.pk, "number": version.number, "is_major": is_major, "sha256": sha256}
    history.record("module.issued", version, by=by, now=now)
    return version


@transaction.atomic
def issue_package(
    package: Package, rule: str, *, by: Person, what_changed: str, is_major: bool = True
) -> ModuleVersion:
    """Issue a package as the newest version of its module; `rule` says when it is done.

    Raises VersionRefused if it is not ready, or is the newest version already.
    """
    module = Module.objects.select_for_update().get(pk=package.module_id)
    last = module.versions.first()
    if package.state != Package.State.READY:
        raise VersionRefused("This package isn’t ready. Wait until it has been read.")
    if not what_changed.strip():
        raise VersionRefused("Say what has changed.")
    parts = package.items.exclude(href="")
    content = {
        "items": [
            {"key": part.identifier, "kind": "part", "title": part.title, "minutes": 0}
            for part in parts
        ],
        "pools": [],
    }
    return _issue(
        module, last, content, by, what_changed, is_major, package=package, rule=Rule(rule)
    )


@transaction.atomic
def withdraw(version: ModuleVersion, reason: str, *, by: Person) -> None:
    """Withdraw a version: nobody begins it any more, and whoever has begun can finish."""
    version = ModuleVersion.objects.select_for_update().get(pk=version.pk)
    if version.withdrawn_at:
        raise VersionRefused(f"{version.label.capitalize()} was withdrawn already.")
    if not reason.strip():
        raise VersionRefused("Say why it is withdrawn.")
    version.withdrawn_at, version.withdrawn_reason = timezone.now(), reason.strip()
    version.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    history.record("module.withdrawn", version, by=by, now={"withdrawn": True})


def what_is_missing(module: Module, what_changed: str) -> Any:
    """Yield a sentence for each fact without which no version is issued."""
    if not module.content:
        yield "Add at least one lesson."
    if not what_changed.strip():
        yield "Say what has changed."
    titles = {_title(part) for part in module.content}
    for pool in module.check_questions:
        for question in pool.value["questions"]:
            lesson = question.value["lesson"].strip()
            if lesson and lesson not in titles:
                yield f"A question names the lesson ‘{lesson}’, which is not there."


def drawn_items(module: Module) -> list[dict[str, Any]]:
    """Draw lessons and scenarios as learners get them, by the shape in `ModuleVersion`."""
    return [_item(part) for part in module.content]


def _title(part: Any) -> str:
    return part.value["title"].strip()


def _item(part: Any) -> dict[str, Any]:
    value = part.value
    item = {
        "key": part.id,
        "kind": part.block_type,
        "title": _title(part),
        "minutes": value["minutes"],
    }
    if part.block_type == "lesson":
        return item | {"html": value["body"].render_as_block()}
    situations = [
        {
            "title": each["title"],
            "html": str(each["text"]),
            "choices": [
                {
                    "text": choice["text"],
                    "html": str(choice["consequence"]),
                    "goes_to": choice["goes_to"],
                }
                for choice in each["choices"]
            ],
        }
        for each in value["situations"]
    ]
    return item | {"html": str(value["introduction"] or ""), "situations": situations}


def _pools(module: Module, by: Person) -> list[dict[str, Any]]:
    keys = {_title(part): part.id for part in module.content}
    return [
        {
            "key": pool.id,
            "outcome": pool.value["outcome"],
            "draws": pool.value["draws"],
            "questions": [
                _question_version(module, question, keys, by).pk
                for question in pool.value["questions"]
            ],
        }
        for pool in module.check_questions
    ]


def _question_version(
    module: Module, block: Any, keys: dict[str, str], by: Person
) -> QuestionVersion:
    """Return the question's newest version if it says the same, else a new one."""
    question, _ = Question.objects.get_or_create(module=module, key=block.id)
    content = drawn_question(block, keys)
    last = question.versions.first()
    if last and last.sha256 == digest(content):
        return last
    return QuestionVersion.objects.create(
        question=question,
        number=last.number + 1 if last else 1,
        content=content,
        sha256=digest(content),
        made_by=by,
    )


def drawn_question(block: Any, keys: dict[str, str]) -> dict[str, Any]:
    """Draw a question by the shape in `QuestionVersion`; `keys` are of items by their titles."""
    value = block.value
    content = {
        "kind": block.block_type,
        "html": str(value["text"]),
        "feedback": str(value["feedback"] or ""),
        "lesson": keys.get(value["lesson"].strip(), ""),
    }
    if block.block_type in ("single", "multiple"):
        return content | {
            "options": [
                {
                    "text": each["text"],
                    "is_right": bool(each["is_right"]),
                    "feedback": each["feedback"],
                }
                for each in value["options"]
            ]
        }
    if block.block_type == "true_false":
        return content | {"is_true": bool(value["is_true"])}
    if block.block_type == "matching":
        pairs = [{"item": each["item"], "partner": each["partner"]} for each in value["pairs"]]
        return content | {"pairs": pairs}
    return content | {"items": list(value["items"])}


def digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
