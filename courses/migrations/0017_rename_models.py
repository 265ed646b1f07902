"""Rename models; their tables keep their names."""

from django.db import migrations

MODELS = {
    "checked against": "protocol check",
    "known as": "meeting alias",
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
            of_model = permissions.filter(content_type__app_label="courses", codename=was)
            of_model.update(codename=now, name=f"Can {action} {new}")


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0016_packs_that_were_sent"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [
        migrations.AlterModelTable("checkedagainst", "courses_checkedagainst"),
        migrations.RenameModel("CheckedAgainst", "ProtocolCheck"),
        migrations.AlterModelTable("knownas", "courses_knownas"),
        migrations.RenameModel("KnownAs", "MeetingAlias"),
        migrations.AlterModelOptions(
            "MeetingAlias",
            {"ordering": ["words", "pk"], "verbose_name_plural": "meeting aliases"},
        ),
        migrations.RunPython(rename_permissions, rename_permissions_back),
    ]
