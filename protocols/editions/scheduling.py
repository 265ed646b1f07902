"""Publish and expire pages at their scheduled time."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, Revision

from agencies.access import PROTOCOL_EDITORS
from agencies.models import Person
from lms import jobs
from lms.mail import outbox
from protocols.editions.editions import EditionRefused
from protocols.models import Edition

if TYPE_CHECKING:
    from django.db.models import QuerySet

logger = logging.getLogger(__name__)
A_BATCH = 50


@jobs.in_words("Publish, or take off, a page at the moment that was set for it")
def publish_due() -> bool:
    """Publish or unpublish pages whose time has come; return whether more are due.

    Like Wagtail's `publish_scheduled`, but a refused page does not block the others: it is
    unscheduled and the protocol editors are told. Runs every minute.
    """
    now = timezone.now()
    expired = Page.objects.live().filter(expire_at__lt=now).order_by("pk")
    expired = expired.exclude(pk__in=Edition.objects.values("page"))  # Those are withdrawn instead.
    due = _due()
    more = jobs.for_each(publish_due, expired, _take_off, most=A_BATCH, step="take off")
    return jobs.for_each(publish_due, due, _publish, most=A_BATCH, step="publish") or more


def _due() -> QuerySet[Revision]:
    return Revision.objects.filter(approved_go_live_at__lt=timezone.now()).order_by("pk")


def _take_off(page: Page) -> None:
    page.specific.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")


def _publish(revision: Revision) -> None:
    try:
        with transaction.atomic():
            Page.objects.select_for_update().filter(pk=revision.object_id).first()
            # Called off, moved or published since the job read what is due.
            if (now_due := _due().filter(pk=revision.pk).first()) is None:
                return
            now_due.publish(log_action="wagtail.publish.scheduled")
    except EditionRefused as refused:
        logger.warning("Not published: revision %s: %s", revision.pk, refused)
        _tell_editors(revision, str(refused))


def _tell_editors(revision: Revision, sentence: str) -> None:
    if (
        not Revision.objects.filter(pk=revision.pk)
        .exclude(approved_go_live_at=None)
        .update(approved_go_live_at=None)
    ):
        return
    address = reverse("wagtailadmin_pages:edit", args=[revision.object_id])
    told = {
        "protocol": revision.object_str,
        "reason": sentence,
        "address": settings.SITE_URL + address,
    }

    def tell(editor: Person) -> None:
        outbox.enqueue("protocol_not_in_force", to=editor, context=told | {"name": editor.name})

    editors = Person.objects.filter(is_active=True, groups__name=PROTOCOL_EDITORS)
    outbox.enqueue_each(editors.order_by("pk"), tell)
