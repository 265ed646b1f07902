"""Revoke the committee chairs' publish permission: they publish by their workflow step only.

Until then that group held the permission to publish protocols; `page_roles` only ever grants.
"""

from django.db import migrations


def take_from_chairs(apps, schema_editor):
    apps.get_model("wagtailcore", "GroupPagePermission").objects.filter(
        group__name="Case Review Committee chairs",
        permission__codename="publish_page",
        page__content_type__model="protocolindexpage",
    ).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0005_beginnings_of_words"),
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [migrations.RunPython(take_from_chairs, migrations.RunPython.noop)]
