"""Issue versions of modules from their drafts, and withdraw them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

import history
from elearning.authoring import drawing
from elearning.authoring.blocks import edition_of
from elearning.authoring.recordings import files_of, why_not_ready
from elearning.models import (
    Module,
    ModuleVersion,
    Package,
    Question,
    QuestionVersion,
    Rule,
    VersionFile,
)
from elearning.models.drafts import KEPT, digest, digest_of_draft
from lms.refused import Refused
from protocols.drafts import copies
from protocols.models import Edition

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agencies.models import Person
    from elearning.models import Recording


class VersionRefused(Refused):
    """A version that cannot be issued or withdrawn; the message says all that is missing."""


@transaction.atomic
def issue(
    module: Module, *, by: Person, what_changed: str, is_major: bool = True, seen: str = ""
) -> ModuleVersion:
    """Issue the module's draft as its newest version: numbered, drawn and frozen.

    `seen` is the digest of the draft that was looked at. Raises VersionRefused with all that is
    missing, if nothing has changed since the last version, or if the draft has since it was seen.
    """
    module = Module.objects.select_for_update().get(pk=module.pk)
    last = module.versions.first()
    now = digest_of_draft(module)
    if seen and seen != now:
        raise VersionRefused(
            "The draft has changed since you opened this page. Look at what has changed, and "
            "issue it again."
        )
    missing = list(what_is_missing(module))
    if not what_changed.strip():
        missing.append("Say what has changed.")
    if missing:
        raise VersionRefused(" ".join(["It can’t be issued yet.", *missing]))
    drawn = drawing.drawn(module)
    content = {"items": drawn.items, "pools": _pools(module, by)}
    version = _issue(module, last, content, by, what_changed, is_major)
    _keep(version, drawn.files.values(), drawing.recordings_of(module))
    return version


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
        draft_sha256=digest_of_draft(module),
        issued_by=by,
        **kept,
        **of_package,
    )
    facts = {"module": module.pk, "number": version.number, "is_major": is_major, "sha256": sha256}
    history.record("module.issued", version, by=by, now=facts)
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
            {"key": part.identifier, "kind": "part", "title": part.title, "minutes": 0, "html": ""}
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


def what_is_missing(module: Module) -> Any:
    """Yield a sentence for each fact of the draft without which no version is issued."""
    if not module.content:
        yield "Add at least one lesson."
    titles: set[str] = set()
    for part in module.content:
        title = drawing.title_of(part)
        if title in titles:
            yield f"Two lessons have the title ‘{title}’. Change one."
        titles.add(title)
    for _, question in drawing.questions_of(module):
        lesson = (question.value["lesson"] or "").strip()
        if lesson and lesson not in titles:
            yield f"A question names the lesson ‘{lesson}’, which is not there."
    for recording in drawing.recordings_of(module):
        yield from why_not_ready(recording)
    try:
        drawing.drawn(module)
    except copies.CannotCopy as refused:
        yield str(refused)


def what_to_look_at(module: Module) -> Any:
    """Yield a sentence for each version of a protocol in the draft that a newer one has followed.

    None keeps a version from being issued: the older words may be the ones to teach.
    """
    newest = dict(Edition.objects.in_force().values_list("page", "number"))

    def newer(edition: Edition) -> str:
        number = newest.get(edition.page_id, 0)
        return f"version {number} is in force." if number > edition.number else ""

    if module.checked_against and (sentence := newer(module.checked_against)):
        yield (
            f"The module was checked against version {module.checked_against.number} of "
            f"{module.checked_against.title}; {sentence}"
        )
    for value in drawing.parts_of_kind(module, "quote"):
        edition = edition_of(value)
        if edition and (sentence := newer(edition)):
            yield f"It quotes version {edition.number} of {edition.title}; {sentence}"


def _keep(
    version: ModuleVersion, files: Iterable[copies.Copy], recordings: Iterable[Recording]
) -> None:
    """Keep the version's own files; a recording is stored under its digest already."""
    kept = [
        {
            "name": copy.name,
            "content_type": copy.content_type,
            "file": copies.keep(copy),
            "sha256": copy.sha256,
            "size": len(copy.content),
        }
        for copy in files
    ]
    for recording in recordings:
        kept += files_of(recording)
    once = {each["name"]: each for each in kept}
    VersionFile.objects.bulk_create(VersionFile(version=version, **each) for each in once.values())


def _pools(module: Module, by: Person) -> list[dict[str, Any]]:
    keys = drawing.keys_by_title(module)
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
    content = drawing.drawn_question(block, keys)
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
