"""Switch the erasing of a record type on, after a dry run was seen, and off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core import signing
from django.db import transaction
from django.utils import timezone

import history
from lms.privacy.record_types import ErasedInTime
from lms.refused import Refused
from privacy.models import Retention

if TYPE_CHECKING:
    from agencies.models import Person

SALT = "privacy.dry_run"
# Seconds for which a dry run that was shown can be acted on.
SEEN_LATELY = 60 * 60


class SwitchRefused(Refused):
    """Reason why the switch was not changed, as a sentence for the office."""


def seen_by(person: Person, record_type: ErasedInTime) -> str:
    """Return the proof that this person was shown what is due of the record type."""
    return signing.dumps([record_type.name, person.pk], salt=SALT)


@transaction.atomic
def switch_on(record_type: ErasedInTime, *, seen: str, by: Person) -> Retention:
    """Let the nightly job erase this record type. `seen` proves that `by` saw a dry run lately."""
    if not _has_seen(record_type, by, seen):
        raise SwitchRefused(
            "Look at what would be erased first: open this page again, then press the button."
        )
    return _switch(record_type, on=True, by=by)


@transaction.atomic
def switch_off(record_type: ErasedInTime, *, by: Person) -> Retention:
    """Keep what is due of this record type from now on."""
    return _switch(record_type, on=False, by=by)


def _has_seen(record_type: ErasedInTime, person: Person, seen: str) -> bool:
    try:
        shown: list[object] = signing.loads(seen, salt=SALT, max_age=SEEN_LATELY)
    except signing.BadSignature:
        return False
    return shown == [record_type.name, person.pk]


def _switch(record_type: ErasedInTime, *, on: bool, by: Person) -> Retention:
    if record_type.always:
        raise SwitchRefused(f"{record_type.title} are always erased: it was promised to people.")
    kept, _ = Retention.objects.select_for_update().get_or_create(record_type=record_type.name)
    if kept.is_on == on:
        raise SwitchRefused(f"It is already switched {'on' if on else 'off'}.")
    kept.is_on, kept.switched_at, kept.switched_by = on, timezone.now(), by
    kept.save()
    history.record("retention.switched_on" if on else "retention.switched_off", kept, by=by)
    return kept
