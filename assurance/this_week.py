"""Show the training office what needs its attention this week: what the rooms have registered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db.models import Case, When
from django.template.defaultfilters import filesizeformat
from wagtail.admin.ui.components import Component

from assurance import failed_jobs
from lms.formatting import many
from lms.models import FilesCheck, JobFailure
from lms.registries.base import Item
from lms.registries.this_week import Section, WeekEntry, this_week

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from agencies.models import Person


class ThisWeekPanel(Component):
    name = "this_week"
    template_name = "assurance/this_week.html"
    order = 50

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"sections": parts(parent_context["request"].user).values()}


def parts(viewer: Person) -> dict[str, Section]:
    """Build the section of each registered entry, by its name."""
    return {entry.name: entry.section(viewer) for entry in this_week}


class FailedJobs(WeekEntry):
    """The worker's failures with what to do: whole jobs first, then the oldest."""

    name = "failed"
    order = 70
    heading = "Jobs that failed"
    quiet = "Every job that runs by itself has been done."
    more_ends = ", once these are put right"

    def rows(self, viewer: Person) -> QuerySet[JobFailure]:
        is_of_a_row = Case(When(about_type="", then=0), default=1)
        failures = JobFailure.objects.visible_to(viewer)
        return failures.order_by(is_of_a_row, "first_failed_at", "pk")

    def items(self, things: Sequence[JobFailure], viewer: Person) -> list[Item]:
        return [
            Item(
                job.about.words,
                job.about.address,
                f"{job.doing}: this first failed {job.since}. {job.what_to_do}",
            )
            for job in failed_jobs.in_words(things, viewer)
        ]


class StoredFiles(WeekEntry):
    """Files without a record and records without their file, as the last night found them."""

    name = "files"
    order = 75
    heading = "Stored files"
    quiet = "Each stored file has its record, and each record its file."

    def rows(self, viewer: Person) -> QuerySet[FilesCheck]:
        return FilesCheck.objects.visible_to(viewer).order_by("pk")

    def items(self, things: Sequence[FilesCheck], viewer: Person) -> list[Item]:
        return [item for check in things for item in self.faults(check)]

    def faults(self, check: FilesCheck) -> list[Item]:
        """Say what is wrong, with what to do about it."""
        found = []
        if check.missing:
            words = f"{many(check.missing, 'record')} without {THEIR[check.missing == 1]}"
            found.append(Item(words, "", f"{TELL} They may be in a backup."))
        if check.strays:
            words = f"{many(check.strays, 'file')} that no record names"
            size = filesizeformat(check.stray_bytes).replace("\xa0", " ")
            found.append(Item(words, "", f"{size}. {TELL} They can delete them."))
        return found

    def section(self, viewer: Person) -> Section:
        found = super().section(viewer)
        if found.things:
            return found
        return replace(found, quiet="The stored files are compared with the records each night.")


THEIR = {True: "its file", False: "their files"}
TELL = "Ask whoever looks after this site to run “manage.py stray_files”, which names them."
