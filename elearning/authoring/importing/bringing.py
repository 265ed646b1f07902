"""Read a file of questions, and add what was chosen to a draft's check."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.db import transaction

import history
from elearning.authoring.importing import gift, moodle
from elearning.authoring.importing.questions import FileRefused, Found, Read, checked
from elearning.models import Module
from lms.storage.contents import decoded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agencies.models import Person

MOST_BYTES = 5 * 1024**2
ZIPPED = (b"PK\x03\x04", b"\x1f\x8b")


def read_file(content: bytes) -> Read:
    """Read a file in Moodle XML or GIFT, by what is in it. Raises FileRefused."""
    if len(content) > MOST_BYTES:
        raise FileRefused("This file is larger than 5 MB. Bring the questions in in parts")
    if not content.strip():
        raise FileRefused("This file is empty")
    if content.startswith(ZIPPED):
        raise FileRefused("This file is packed. Unpack it, and choose the file within")
    if content[:1024].count(b"\0") and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileRefused("This is not a file of questions. Choose one in Moodle XML or GIFT")
    if decoded(content[:400]).lstrip().startswith("<"):
        return moodle.read_moodle(content)
    if b"{" not in content and b"{\0" not in content:
        raise FileRefused("There is no question in this file. Choose one in Moodle XML or GIFT")
    return gift.read_gift(decoded(content))


@transaction.atomic
def add(
    module: Module, questions: Sequence[Found], *, pool: str = "", outcome: str = "", by: Person
) -> int:
    """Add questions to a pool of the draft, or to a new one; return how many were added.

    `pool` is the id of one that is there. What it asks already, in the same words, is not added
    again. Raises FileRefused if that pool is there no longer.
    """
    module = Module.objects.select_for_update().get(pk=module.pk)
    pools = module.check_questions.get_prep_value()
    into = next((each for each in pools if each["id"] == pool), None)
    if pool and into is None:
        raise FileRefused("These questions were removed meanwhile. Choose where to put yours")
    if into is None:
        into = _new_pool(outcome)
    asked = [
        (each["type"], _texts(each["type"], each["value"])) for each in into["value"]["questions"]
    ]
    new = []
    for each in questions:
        said = (each.kind, _texts(each.kind, each.value))
        if said not in asked:
            asked.append(said)
            new.append({"type": each.kind, "value": each.value, "id": str(uuid.uuid4())})
    if not new:
        return 0
    into["value"]["questions"] += new
    if not pool:
        into["value"]["draws"] = min(len(new), 50)
        pools.append(into)
    field = Module._meta.get_field("check_questions")
    module.check_questions = field.to_python(pools)  # type: ignore[union-attr]
    module.save()
    history.record("module.questions_brought_in", module, by=by, now={"questions": len(new)})
    return len(new)


def _new_pool(outcome: str) -> dict[str, Any]:
    value = {"outcome": outcome.strip()[:200], "draws": 1, "questions": []}
    return {"type": "pool", "id": str(uuid.uuid4()), "value": value}


def _texts(kind: str, value: dict[str, Any]) -> list[Any]:
    """Return what a question asks and offers, without the ids of its answers."""
    value = checked(kind, value)
    lists = [value.get(name, ()) for name in ("options", "pairs", "items")]
    return [value["text"], [each["value"] for items in lists for each in items]]
