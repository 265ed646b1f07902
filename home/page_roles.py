"""Which pages may the board's staff edit? Granted after every migration; nothing is taken back.

Not in a migration: the tests empty the tables, and permissions are themselves made afterwards.
"""

from django.apps import apps
from django.contrib.auth.management import create_permissions

from agencies.access import (
    COMMITTEE_CHAIRS,
    POLICY_LEADS,
    PROTOCOL_EDITORS,
    TRAINING_ADMINISTRATORS,
)

WRITES = ("add", "change", "publish", "lock", "unlock")
# Who has a step of the workflow reads a draft, and compares it, while it is with them. Without any
# permission on pages Wagtail would not let them compare.
HAS_A_STEP = ("lock",)


def grant(*, using="default", **kwargs):
    """Each group adds, edits and publishes below its own index, with pictures and documents."""
    from courses.models import CourseIndexPage
    from protocols.models import ProtocolIndexPage

    for label in ("wagtailcore", "wagtailimages", "wagtaildocs"):
        create_permissions(apps.get_app_config(label), verbosity=0, using=using)
    for name, index, actions in (
        (PROTOCOL_EDITORS, ProtocolIndexPage, WRITES),
        (POLICY_LEADS, ProtocolIndexPage, HAS_A_STEP),
        (COMMITTEE_CHAIRS, ProtocolIndexPage, HAS_A_STEP),
        (TRAINING_ADMINISTRATORS, CourseIndexPage, WRITES),
    ):
        _grant(name, index.objects.using(using).first(), actions, using)


def _grant(name, index, actions, using):
    from django.contrib.auth.models import Group, Permission
    from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission

    group, _ = Group.objects.using(using).get_or_create(name=name)
    permissions = Permission.objects.using(using)
    if index:
        for action in actions:
            GroupPagePermission.objects.using(using).get_or_create(
                group=group,
                page_id=index.pk,
                permission=permissions.get(
                    content_type__app_label="wagtailcore", codename=f"{action}_page"
                ),
            )
    if "add" not in actions:
        return
    if root := Collection.objects.using(using).filter(depth=1).first():
        for label, kind in (("wagtailimages", "image"), ("wagtaildocs", "document")):
            for action in ("add", "choose"):
                GroupCollectionPermission.objects.using(using).get_or_create(
                    group=group,
                    collection=root,
                    permission=permissions.get(
                        content_type__app_label=label, codename=f"{action}_{kind}"
                    ),
                )
