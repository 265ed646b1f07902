"""Say of many modules at once what is issued, what has changed since, and what is behind."""

from __future__ import annotations

from django.db.models import F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from elearning.models import Module, ModuleVersion
from protocols.models import Edition


def with_state(modules: QuerySet[Module]) -> QuerySet[Module]:
    """Annotate the last version, and the editions taught and in force."""
    versions = ModuleVersion.objects.filter(module=OuterRef("pk")).order_by("-number")
    newest = versions.filter(withdrawn_at=None)
    of_page = Edition.objects.in_force().filter(page=OuterRef("taught_page"))
    return modules.defer("content", "check_questions").annotate(
        last_number=Subquery(versions.values("number")[:1]),
        last_issued_at=Subquery(versions.values("issued_at")[:1]),
        last_draft=Subquery(versions.values("draft_sha256")[:1]),
        newest_number=Subquery(newest.values("number")[:1]),
        taught_page=Coalesce(
            Subquery(newest.values("checked_against__page")[:1]),
            F("checked_against__page"),
            output_field=IntegerField(),
        ),
        taught_number=Coalesce(
            Subquery(newest.values("checked_against__number")[:1]), F("checked_against__number")
        ),
        in_force_number=Subquery(of_page.values("number")[:1]),
    )


def behind(modules: QuerySet[Module]) -> QuerySet[Module]:
    """Filter to those that teach a version of a protocol which a newer one has followed."""
    return with_state(modules).filter(in_force_number__gt=F("taught_number"))


def state_of(module: Module) -> str:
    """Say what is issued of a module with its state; and whether the draft has changed since."""
    if module.last_number is None:  # type: ignore[attr-defined]
        return "Not issued yet"
    if module.last_draft != module.draft_sha256:  # type: ignore[attr-defined]
        return f"Changed since version {module.last_number}"  # type: ignore[attr-defined]
    if module.newest_number is None:  # type: ignore[attr-defined]
        return "Withdrawn"
    return f"Version {module.last_number}"  # type: ignore[attr-defined]


def behind_of(module: Module) -> str:
    """Say which version of its protocol a module with its state teaches, if that is not the one."""
    taught, now = module.taught_number, module.in_force_number  # type: ignore[attr-defined]
    if not taught or not now or now <= taught:
        return ""
    return f"Teaches version {taught}; version {now} is in force"
