"""Which groups does the board's staff belong to? Made after every migration, never undone.

Not in a migration: the tests empty the tables, and the permission is itself made afterwards.
"""

from django.apps import apps
from django.contrib.auth.management import create_permissions

from agencies.access import STAFF_GROUPS, TRAINING_ADMINISTRATORS


def make(*, using="default", **kwargs):
    """The three groups are there, and their members may enter the back office."""
    from django.contrib.auth.models import Group, Permission

    for label in ("wagtailadmin", "lms"):
        create_permissions(apps.get_app_config(label), verbosity=0, using=using)
    enter = Permission.objects.using(using).get(
        content_type__app_label="wagtailadmin", codename="access_admin"
    )
    for name in STAFF_GROUPS:
        group, _ = Group.objects.using(using).get_or_create(name=name)
        group.permissions.add(enter)
    outbox = Permission.objects.using(using).get(
        content_type__app_label="lms", codename="view_mail"
    )
    Group.objects.using(using).get(name=TRAINING_ADMINISTRATORS).permissions.add(outbox)
