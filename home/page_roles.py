"""Grant the staff groups their page permissions after every migration; never revoke any.

Not a data migration, because the tests flush the tables, and Django creates permissions only
after migrations.
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
# Workflow reviewers read and compare drafts during their step. Wagtail requires some permission on
# pages for comparing.
HAS_A_STEP = ("lock",)


def grant(*, using="default", **kwargs):
    """Let groups add, edit and publish below their own index, with pictures and documents."""
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
