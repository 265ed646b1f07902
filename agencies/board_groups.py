"""Create the board's staff groups after every migration; never remove any.

Not a data migration, because the tests flush the tables, and Django creates permissions only
after migrations.
"""

from django.apps import apps
from django.contrib.auth.management import create_permissions

from agencies.access import STAFF_GROUPS, TRAINING_ADMINISTRATORS


def create_groups(*, using="default", **kwargs):
    """Create the staff groups and let their members into the Wagtail admin."""
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
