"""Entry of *This week* about approved versions that wait for their day in force."""

from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone

from agencies import access
from lms.formatting import day
from lms.registries.base import Item
from lms.registries.this_week import WeekEntry
from protocols.editions import planning
from protocols.models import Edition, ProtocolPage


class ComingVersions(WeekEntry):
    """Approved versions that are not yet in force, by their published title.

    A protocol that was never published is left out for who works on no drafts: its title is secret.
    """

    name = "coming_versions"
    order = 75
    heading = "Approved versions of protocols, not yet in force"
    quiet = "No approved version waits for its day."

    def rows(self, viewer):
        text = Cast("page", CharField())
        published = Edition.objects.annotate(page_text=text).filter(page_text=OuterRef("object_id"))
        return planning.waiting().filter(Exists(published)).defer("content")

    def items(self, things, viewer):
        pages = ProtocolPage.objects.in_bulk({int(each.object_id) for each in things})
        numbers = planning.numbers_of(pages.values())
        is_editor = access.is_protocol_editor(viewer)
        return [self._item(pages[int(each.object_id)], each, numbers, is_editor) for each in things]

    def _item(self, page, revision, numbers, is_editor):
        on = day(timezone.localdate(revision.approved_go_live_at))
        versions = reverse("protocol_versions", args=[page.pk])
        note = f"Version {numbers[revision.pk]} is approved, in force from {on}."
        return Item(page.title, versions if is_editor else page.path_of_page, note)


ENTRIES = [ComingVersions()]
