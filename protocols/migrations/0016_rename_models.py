"""Rename models; their tables keep their names."""

from django.db import migrations

MODELS = {
    "still right": "review confirmation",
    "elsewhere check": "publication check",
    "what it answers": "edition source",
    "elsewhere": "external publication",
}

ACTIONS = ("add", "change", "delete", "view")


def rename_permissions(apps, schema_editor):
    rename(apps, MODELS)


def rename_permissions_back(apps, schema_editor):
    rename(apps, {new: old for old, new in MODELS.items()})


def rename(apps, models):
    """Rename permissions, so that groups keep them; `migrate` renames the content types."""
    permissions = apps.get_model("auth", "Permission").objects
    for old, new in models.items():
        for action in ACTIONS:
            was = f"{action}_{old}".replace(" ", "")
            now = f"{action}_{new}".replace(" ", "")
            of_model = permissions.filter(content_type__app_label="protocols", codename=was)
            of_model.update(codename=now, name=f"Can {action} {new}")


class Migration(migrations.Migration):
    dependencies = [
        ("protocols", "0015_policy"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [
        migrations.AlterModelTable("stillright", "protocols_stillright"),
        migrations.RenameModel("StillRight", "ReviewConfirmation"),
        migrations.AlterModelTable("elsewherecheck", "protocols_elsewherecheck"),
        migrations.RenameModel("ElsewhereCheck", "PublicationCheck"),
        migrations.AlterModelTable("whatitanswers", "protocols_whatitanswers"),
        migrations.RenameModel("WhatItAnswers", "EditionSource"),
        migrations.AlterModelTable("elsewhere", "protocols_elsewhere"),
        migrations.RenameModel("Elsewhere", "ExternalPublication"),
        migrations.RunPython(rename_permissions, rename_permissions_back),
    ]
