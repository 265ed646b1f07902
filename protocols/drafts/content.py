"""Extract a protocol page's content as plain data: to digest, compare and store."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from lms.blocks import contents
from protocols.models import Edition, ProtocolPage


def facts_of(page: ProtocolPage) -> dict[str, Any]:
    """Return the page's content as JSON-compatible data."""
    owners = [owner.agency for owner in page.owners.select_related("agency")]
    facts = {
        "title": page.title,
        "slug": page.slug,
        "reference": page.reference,
        "summary": page.summary,
        "reason": page.reason.strip(),
        "is_major": page.is_major,
        "in_force_from": page.in_force_from,
        "next_review_on": page.next_review_on,
        "owners": [{"agency": agency.pk, "name": agency.name} for agency in owners],
        "topics": [{"name": topic.name, "slug": topic.slug} for topic in page.topics.all()],
        "answers": [
            {"kind": answer.kind, "citation": answer.citation} for answer in page.answers.all()
        ],
        "elsewhere": [{"name": place.name, "url": place.url} for place in page.elsewhere.all()],
        "check_question": page.check_question,
        "check_answers": [
            {"text": answer.text, "is_right": answer.is_right}
            for answer in page.check_answers.all()
        ],
        "contents": contents(page.body),
        "body": page.body.get_prep_value(),
    }
    return json.loads(canonical(facts))


def canonical(facts: Any) -> str:
    """Serialise facts as JSON with sorted keys: equal facts give equal text."""
    return json.dumps(facts, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False)


def digest(facts: dict[str, Any]) -> str:
    """Return the SHA-256 of the text that is approved: the facts without the day in force.

    The files that the body now refers to are part of it.
    """
    return digests(facts)[0]


def digests(facts: dict[str, Any]) -> list[str]:
    """Return the digest, and the one of approvals from when they were of the day in force too."""
    if files := _files_of(facts["body"]):
        facts = facts | {"files": files}
    return [
        hashlib.sha256(canonical(each).encode()).hexdigest()
        for each in (without_the_day(facts), facts)
    ]


def without_the_day(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts that are approved: the day in force can be moved without approving anew."""
    return {name: fact for name, fact in facts.items() if name != "in_force_from"}


def day_in_force(page: ProtocolPage) -> dt.date:
    """Return the day from which the draft is in force if its last approval comes today.

    A planned day that has passed counts for nothing: no version is in force before its approval.
    """
    today = timezone.localdate()
    return max(page.in_force_from or today, today)


def _files_of(body: Any) -> list[list[Any]]:
    """List the files of a body as [model, pk, file, hash].

    They may be replaced without a change of the text.
    """
    block = ProtocolPage._meta.get_field("body").stream_block
    shown: dict[Any, set[str]] = {get_document_model(): set(), get_image_model(): set()}
    for model, pk, *_ in block.extract_references(block.to_python(body)):
        shown.get(model, set()).add(pk)
    return [
        [model._meta.label, *file]
        for model, pks in shown.items()
        for file in model.objects.filter(pk__in=pks).order_by("pk").values_list(*FILE)
    ]


FILE = ("pk", "file", "file_hash")


def draft_of(page: ProtocolPage, in_force_from: dt.date | None = None) -> Edition:
    """Build the edition that this page would become: unsaved, its files not copied.

    Without a day it is the one that follows if it were approved today.
    """
    on = in_force_from or day_in_force(page)
    facts = facts_of(page) | {"in_force_from": on.isoformat()}
    # Rendered from the stored form, not the page's: only stored rich text has been cleaned.
    body = page.body.stream_block.to_python(facts["body"])
    last = page.editions.order_by("-number").values_list("number", flat=True).first()
    return Edition(
        page=page,
        number=last + 1 if last else page.numbered_from,
        html=render_to_string("protocols/text.html", {"body": body}),
        data=facts,
        in_force_from=on,
        next_review_on=page.next_review_on,
        **{name: facts[name] for name in COPIED},
    )


COPIED = [
    "title", "reference", "summary", "reason", "is_major", "owners", "answers", "check_question",
    "check_answers",
]  # fmt: skip


def changes(was: dict[str, Any], now: dict[str, Any]) -> list[dict[str, str]]:
    """List the new, changed and removed parts of the body: {what, heading, id}.

    A part is matched by its anchor, which survives a change of its heading.
    """
    before, after = _parts(was), _parts(now)
    told = []
    for key, part in after.items():
        if key not in before:
            told.append(_told("New", part))
        elif _words(part) != _words(before[key]):
            told.append(_told("Changed", part))
    return told + [_told("Gone", part) for key, part in before.items() if key not in after]


def _parts(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {part["value"].get("anchor") or part["id"]: part for part in data["body"]}


def _words(part: dict[str, Any]) -> str:
    return canonical(_without_ids(part["value"]))


def _without_ids(value: Any) -> Any:
    """Drop the ids of list items, which may differ after each save."""
    if isinstance(value, dict):
        return {name: _without_ids(each) for name, each in value.items() if name != "id"}
    return [_without_ids(each) for each in value] if isinstance(value, list) else value


def _told(what: str, part: dict[str, Any]) -> dict[str, str]:
    value = part["value"]
    heading = value.get("heading") or part["type"].replace("_", " ").capitalize()
    return {
        "what": what,
        "heading": heading,
        "id": "" if what == "Gone" else value.get("anchor", ""),
    }
