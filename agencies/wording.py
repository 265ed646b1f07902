"""Let the board replace the wording of our mails (`put`) and restore it (`take_back`)."""

from __future__ import annotations

import re

from django.db import transaction

import history
from agencies import access
from agencies.models import Person
from lms.mail import templates
from lms.mail.templates import MailText
from lms.models import Wording
from lms.refused import Refused


class WordingRefused(Refused):
    """Reason why a wording cannot be used, as a sentence for the office."""


@transaction.atomic
def customise(kind: str, words: MailText, *, by: Person) -> None:
    """Use these words for mails of this kind from now on; queued mails stay as they are.

    Raises WordingRefused for an unknown placeholder or a missing required one.
    """
    refuse_who_may_not(by)
    if sentence := why_wrong(kind, words):
        raise WordingRefused(sentence)
    was = templates.in_use(kind)
    if words == was:
        return
    wording, _ = Wording.objects.update_or_create(
        kind=kind, defaults={"subject": words.subject, "text": words.text}
    )
    history.record("wording.changed", wording, by=by, was=facts(kind, was), now=facts(kind, words))


@transaction.atomic
def restore_default(kind: str, *, by: Person) -> None:
    """Restore our default wording for mails of this kind."""
    refuse_who_may_not(by)
    for wording in Wording.objects.select_for_update().filter(kind=kind):
        was, now = templates.in_use(kind), templates.ours(kind)
        history.record(
            "wording.taken_back", wording, by=by, was=facts(kind, was), now=facts(kind, now)
        )
        wording.delete()


def why_wrong(kind: str, words: MailText) -> str:
    """Return what is wrong as a sentence; empty if the words can be used."""
    of = templates.kinds()[kind]
    if not words.subject.strip():
        return "Write a subject: people see it first."
    if not words.text.strip():
        return "Enter what the email says."
    if unknown := sorted(words.names - set(of.placeholders)):
        return f"This email does not know {as_written(unknown)}. Use the placeholders listed below."
    if re.search(
        r"\{\{|\}\}|\{%|%\}", templates.PLACEHOLDER.sub("", f"{words.subject}{words.text}")
    ):
        return "A placeholder is a name between double braces and nothing else, as {{ course }}."
    if missing := [name for name in of.required if name not in words.names]:
        return f"People need what {as_written(missing)} tells: put it in."
    return ""


def as_written(names: list[str]) -> str:
    return ", ".join(f"{{{{ {name} }}}}" for name in names)


def refuse_who_may_not(by: Person) -> None:
    if not access.is_training_administrator(by):
        raise WordingRefused(
            "Only the training office may change the wording of emails. Ask it to."
        )


def facts(kind: str, words: MailText) -> dict[str, object]:
    return {"kind": kind, "subject": words.subject, "text": words.text}
