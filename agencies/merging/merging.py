"""Merge two accounts of one person, and undo it for some days."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone

import history
from agencies import access
from agencies.merging import undoing
from agencies.merging.models import Merge, MergedRow
from agencies.merging.moving import Moving
from agencies.models import Person
from lms.formatting import day
from lms.gathering import A_STATEMENT
from lms.mail import outbox
from lms.refused import Refused
from lms.registries import leavers
from lms.registries.merging import settlers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class MergeRefused(Refused):
    """Refusal to merge two accounts, or to undo it, with the reason."""


class _OnlyTried(Exception):
    """Ends the transaction of a merge that was only tried."""


def address_of_closed(person: Person) -> str:
    """Return the address of an account whose own addresses have moved: nobody receives there.

    An account that never had one goes on without.
    """
    return f"merged-{person.pk}@merged.invalid"


def merge(kept: Person, other: Person, *, by: Person) -> Merge:
    """Move all that `other` has to `kept`, and close `other`; both addresses sign in to `kept`.

    By the registry of personal data; every value is noted, so that `undo` can put it back. Roles
    and groups do not move, nor does leading an agency. Raises Refused.
    """
    with _saying_what_came_between(), transaction.atomic():
        moving = _merge(kept, other, by=by)
        made = _keep(moving)
        for person in _written_to(moving.kept, moving.other):
            _write("accounts_merged", to=person, kept=moving.kept, other=moving.other)
        leavers.pass_on()
    return made


@contextmanager
def _saying_what_came_between() -> Iterator[None]:
    """Turn a collision with what one of the two did in the same moment into a refusal."""
    try:
        yield
    except IntegrityError as error:
        raise MergeRefused(
            "One of the two accounts changed in the same moment. Nothing has been done: try again."
        ) from error


def foresee(kept: Person, other: Person, *, by: Person) -> Moving:
    """Return what merging them would do; all of it is undone. Raises Refused."""
    tried: list[Moving] = []
    _try(lambda: tried.append(_merge(kept, other, by=by)))
    return tried[0]


def _try(act: Callable[[], object]) -> None:
    with suppress(_OnlyTried), transaction.atomic(), outbox.batch():
        act()
        raise _OnlyTried


def _merge(kept: Person, other: Person, *, by: Person) -> Moving:
    refuse_who_may_not(by)
    if kept.pk == other.pk:
        raise MergeRefused("This is one account. Choose two.")
    kept, other = _locked(kept, other)
    refuse_what_cannot_be(kept, other, by)
    moving = Moving(kept, other, by)
    for settler in settlers:
        settler.before(moving)
    moving.move_all()
    _close(moving)
    for settler in settlers:
        settler.after(moving)
    return moving


def _locked(*people: Person) -> list[Person]:
    """Lock these accounts in the order of their keys; return them fresh, in the order given."""
    rows = Person.objects.select_for_update(no_key=True).order_by("pk")
    fresh = {each.pk: each for each in rows.filter(pk__in=[person.pk for person in people])}
    return [fresh[person.pk] for person in people]


def refuse_who_may_not(by: Person) -> None:
    if not access.is_training_administrator(by):
        raise MergeRefused("Only the training office can merge accounts. Ask it to.")


def refuse_what_cannot_be(kept: Person, other: Person, by: Person) -> None:
    """Raise MergeRefused, with a sentence, where these two cannot be merged in this order."""
    for person in (kept, other):
        if into := merged_into(person):
            raise MergeRefused(f"{_named(person)} was merged into {_named(into.kept)} already.")
    if other.pk == by.pk:
        raise MergeRefused(
            "You are signed in with the account that would be closed. Keep this one instead, or "
            "ask a colleague to merge them."
        )
    if other.is_superuser or (kept.is_superuser and not by.is_superuser):
        administrator = other if other.is_superuser else kept
        raise MergeRefused(
            f"{_named(administrator)} is the account of a system administrator. It cannot be "
            "closed, and only a system administrator can add another account’s records to it."
        )
    if not kept.is_active:
        raise MergeRefused(
            f"{_named(kept)} is closed. Keep the other account, or open this one first."
        )


def _named(person: Person) -> str:
    return f"{person.name} ({person.email_in_words})"


def _written_to(kept: Person, other: Person) -> list[Person]:
    """List those of the two who have an address of their own; the office tells the others."""
    apart = [kept] if kept.email == other.email else [kept, other]
    return [person for person in apart if outbox.can_reach(person)]


def _close(moving: Moving) -> None:
    """Close the merged account: its addresses have moved, its sessions and links end.

    An account without an address takes that of the other as its main one.
    """
    kept, other = moving.kept, moving.other
    address = address_of_closed(other) if other.email else None
    moving.change(Person, [other.pk], is_active=False, email=address)
    if not kept.email and other.email:
        moving.change(Person, [kept.pk], email=other.email)
        kept.email = other.email
    # A new password, which nobody knows, ends every session, also after undoing.
    Person.objects.filter(pk=other.pk).update(password=make_password(None))


def roles_left(other: Person) -> list[str]:
    """List what the account may do for the board, which merging does not move."""
    groups = sorted(other.groups.values_list("name", flat=True))
    return groups or (["works for the board"] if other.is_staff else [])


def _keep(moving: Moving) -> Merge:
    """Store what the merge changed, and record it in history."""
    kept, other, by = moving.kept, moving.other, moving.by
    made = Merge.objects.create(kept=kept, other=other, merged_by=by)
    for row in moving.rows:
        row.merge = made
    MergedRow.objects.bulk_create(moving.rows, batch_size=A_STATEMENT)
    ids = {"merge": made.pk, "kept": kept.pk, "other": other.pk, "values": len(moving.rows)}
    history.record("person.merged", kept, by=by, now=ids)
    history.record("person.merged_into", other, by=by, now=ids)
    return made


def merged_into(person: Person) -> Merge | None:
    """Return the merge by which this account was closed, if that is in effect."""
    found = Merge.objects.in_effect().select_related("kept", "other")
    return found.filter(other=person.pk).first()


def undone_until(made: Merge) -> dt.datetime:
    """Return the moment until which a merge can be undone."""
    return made.merged_at + dt.timedelta(days=settings.LMS_MERGE_UNDO_DAYS)


def can_be_undone(made: Merge) -> bool:
    return made.undone_at is None and timezone.now() < undone_until(made)


@dataclass
class Undoing:
    """Number of values that undoing a merge puts back, and in sentences what it leaves."""

    made: Merge
    put_back: int = 0
    stays: list[str] = field(default_factory=list)


def undo(made: Merge, *, by: Person) -> Undoing:
    """Put back all that a merge changed, unless it has changed since. Idempotent.

    Raises MergeRefused.
    """
    with _saying_what_came_between(), transaction.atomic():
        undone = _undo(made, by=by)
        if undone.put_back:
            kept, other = undone.made.kept, undone.made.other
            for person in _written_to(kept, other):
                _write("accounts_unmerged", to=person, kept=kept, other=other)
    return undone


def foresee_undo(made: Merge, *, by: Person) -> Undoing:
    """Return what undoing would put back and leave; nothing is changed. Raises MergeRefused."""
    tried: list[Undoing] = []
    _try(lambda: tried.append(_undo(made, by=by)))
    return tried[0]


def _undo(made: Merge, *, by: Person) -> Undoing:
    refuse_who_may_not(by)
    kept, other = _locked(made.kept, made.other)
    made = Merge.objects.select_for_update(of=["self"]).get(pk=made.pk)
    made.kept, made.other = kept, other
    if made.undone_at:
        return Undoing(made)
    if not can_be_undone(made):
        raise MergeRefused(
            f"This could be undone until {day(timezone.localtime(undone_until(made)))}. What was "
            "recorded for it is deleted."
        )
    if later := merged_into(kept):
        raise MergeRefused(
            f"{kept.name} has since been merged into {_named(later.kept)}. Undo that first."
        )
    undone = Undoing(made)
    undone.put_back, undone.stays = undoing.put_back(made, by=by)
    kept.refresh_from_db()
    other.refresh_from_db()
    if other.email == address_of_closed(other):
        raise MergeRefused(
            f"{kept.name} now uses an address of the merged account. Change the address of "
            f"{_named(kept)} first."
        )
    made.undone_at, made.undone_by = timezone.now(), by
    made.save(update_fields=["undone_at", "undone_by"])
    ids = {"merge": made.pk, "kept": kept.pk, "other": other.pk, "values": undone.put_back}
    for person in (kept, other):
        history.record("person.unmerged", person, by=by, now=ids)
    return undone


def _write(kind: str, *, to: Person, kept: Person, other: Person) -> None:
    told = {"name": to.name, "email": kept.email_in_words, "kept_name": kept.name}
    outbox.enqueue(kind, to=to, about=kept, context=told | {"other_name": other.name})
