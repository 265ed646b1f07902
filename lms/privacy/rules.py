"""Types of the registry of personal data, in which each room declares its models.

A rule names every field of a model: what it holds about whom, on what basis, for how long (a record
type), what erasing a person does to it, and what merging two accounts does to each field that names
a person. `privacy_rules` has a rule for every installed model; `lms.privacy.coverage` finds gaps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from lms.registries.base import Registry

# Whose data it is, where no path of fields leads to the person.
ITSELF = "itself"
WHOEVER_IT_NAMES = "whoever it names"
# Prefix of a field with an email address: the person is found by that address.
BY_ADDRESS = "@"


class Basis(Enum):
    """Lawful basis under the UK GDPR, in words that a board's data protection officer can check."""

    NONE = "Nothing about a person"
    PUBLIC_TASK = "Public task, article 6(1)(e): multi-agency training and procedures"
    SPECIAL = (
        "Public task, article 6(1)(e), and substantial public interest, article 9(2)(g): equal "
        "access to training"
    )
    CONSENT = "Consent, article 6(1)(a): they asked for it and can end it"
    SECURITY = "Legal obligation, article 6(1)(c): security of the data, article 32"


class Erasing(Enum):
    """Effect of erasing a person on a field or a row."""

    DELETED = "Deleted"
    BLANKED = "Blanked"
    REPLACED = "Replaced"
    KEPT = "Kept"


class Merging(Enum):
    """Effect of merging two accounts on a field that names one of them."""

    MOVE = "Moves to the account that stays"
    JOIN = "Moves; where both accounts have the same one, one is kept"
    KEEP_BOTH = "Stays with the account that it names"


@dataclass(frozen=True)
class Held:
    """Content of a field, and what becomes of it; what is empty is as the model's rule says."""

    what: str
    erasing: Erasing | None = None
    note: str = ""
    whose: str = ""
    basis: Basis | None = None
    record_type: str = ""
    merging: Merging | None = None


def blanked(what: str, **more: str | Basis) -> Held:
    return replace(Held(what, Erasing.BLANKED), **more)  # type: ignore[arg-type]


def replaced(what: str, by: str, **more: str | Basis) -> Held:
    return replace(Held(what, Erasing.REPLACED, f"by “{by}”"), **more)  # type: ignore[arg-type]


def left_as_is(what: str, because: str, **more: str | Basis) -> Held:
    return replace(Held(what, Erasing.KEPT, because), **more)  # type: ignore[arg-type]


def names(what: str, merging: Merging, whose: str = "") -> Held:
    """Describe a field that names a person, erased as its row is."""
    return Held(what, whose=whose, merging=merging)


def unlinked(what: str, merging: Merging, whose: str = "") -> Held:
    """Describe a field that names a person, and names nobody once that person is erased."""
    return Held(what, Erasing.BLANKED, whose=whose, merging=merging)


@dataclass(frozen=True)
class Rule:
    """Rule of one model, with every one of its fields.

    `name` is the model's label. `whose` is a path of fields to the person, such as
    "booking__person", an address field such as "@to", ITSELF or WHOEVER_IT_NAMES; it is empty if
    the model holds nothing about anybody. `erasing` is what becomes of the row, with its reason in
    `because`.
    """

    name: str
    about: str
    fields: Mapping[str, Held]
    whose: str = ""
    basis: Basis = Basis.NONE
    record_type: str = ""
    erasing: Erasing = Erasing.KEPT
    because: str = ""
    repeated: tuple[str, ...] = field(default=())
    order: int = 0

    @property
    def is_personal(self) -> bool:
        return self.basis is not Basis.NONE

    def held(self) -> Iterable[tuple[str, Held]]:
        """Yield each field with everything said of it, its own or its model's."""
        for name, each in self.fields.items():
            yield (
                name,
                replace(
                    each,
                    erasing=each.erasing or self.erasing,
                    note=each.note if each.erasing else self.because,
                    whose=each.whose or self.whose,
                    basis=each.basis or self.basis,
                    record_type=each.record_type or self.record_type,
                ),
            )


Fields = Mapping[str, Held | str]


def nobody(name: str, about: str, fields: str = "", **more: Held) -> Rule:
    """Declare a model that holds nothing about anybody: why, and all its fields.

    A field that names something else by number, which may be an account, is given with its Held.
    """
    plain = dict.fromkeys(fields.split(), Held(about))
    twice = tuple(each for each in more if each in plain)
    return Rule(name, about, plain | more, repeated=twice)


def personal(
    name: str,
    about: str,
    *,
    whose: str,
    basis: Basis,
    record_type: str,
    fields: Fields,
    because: str = "",
) -> Rule:
    """Declare a model that holds something about people.

    `fields` maps one or more names to what they hold. The row is deleted when its person is erased,
    unless `because` says why it is kept.
    """
    each = [
        (one, Held(held) if isinstance(held, str) else held)
        for together, held in fields.items()
        for one in together.split()
    ]
    named = [one for one, _ in each]
    return Rule(
        name,
        about,
        dict(each),
        whose=whose,
        basis=basis,
        record_type=record_type,
        erasing=Erasing.KEPT if because else Erasing.DELETED,
        because=because,
        repeated=tuple(one for one in named if named.count(one) > 1),
    )


privacy_rules = Registry[Rule]()
