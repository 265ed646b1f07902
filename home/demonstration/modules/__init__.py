"""Make the demonstration's online modules, issue them, and offer them as courses."""

from __future__ import annotations

from types import ModuleType

from agencies.models import Person
from elearning.authoring import issuing
from elearning.models import Module, ModuleVersion
from home.demonstration.modules import early_help, unborn_baby
from protocols.models import Edition

# Text of each module, and the slug of the protocol that it teaches.
MODULES = [(early_help, "early-help"), (unborn_baby, "unborn-baby")]


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
