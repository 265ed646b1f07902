"""Name the account that stays in the drafts of protocols, when two accounts are merged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from wagtail.models import Revision

from lms.registries.merging import Settler
from protocols.models import ProtocolPage

if TYPE_CHECKING:
    from agencies.merging.moving import Moving


class Drafts(Settler):
    """Approvers in the newest drafts, which publishing would otherwise bring back."""

    name = "wagtailcore.Revision"
    order = 85

    def before(self, moving: Moving) -> None:
        newest = Q(pk__in=ProtocolPage.objects.values("latest_revision"))
        waits_for_its_day = Q(approved_go_live_at__isnull=False)
        of_protocols = ContentType.objects.get_for_model(ProtocolPage)
        drafts = Revision.objects.filter(newest | waits_for_its_day, content_type=of_protocols)
        for draft in drafts.order_by("pk").iterator(chunk_size=50):
            approvers = draft.content.get("approvers", [])
            if any(each["person"] == moving.other.pk for each in approvers):
                changed = [_of_who_stays(each, moving) for each in approvers]
                content = draft.content | {"approvers": changed}
                moving.change(Revision, [draft.pk], content=content)


def _of_who_stays(approver: dict[str, Any], moving: Moving) -> dict[str, Any]:
    is_theirs = approver["person"] == moving.other.pk
    return approver | {"person": moving.kept.pk} if is_theirs else approver


SETTLERS = [Drafts()]
