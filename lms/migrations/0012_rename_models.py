"""Rename models; their tables keep their names."""

from django.db import migrations

MODELS = {
    "chore": "periodic job",
    "night": "nightly run",
    "link": "action link",
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
            of_model = permissions.filter(content_type__app_label="lms", codename=was)
            of_model.update(codename=now, name=f"Can {action} {new}")


class Migration(migrations.Migration):
    dependencies = [
        ("lms", "0011_jobs_by_process"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [
        migrations.AlterModelTable("chore", "lms_chore"),
        migrations.RenameModel("Chore", "PeriodicJob"),
        migrations.AlterModelTable("night", "lms_night"),
        migrations.RenameModel("Night", "NightlyRun"),
        migrations.AlterModelTable("link", "lms_link"),
        migrations.RenameModel("Link", "ActionLink"),
        migrations.RunPython(rename_permissions, rename_permissions_back),
    ]
