import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


def copy_from_history(apps, schema_editor):
    """Copy what history says of imported reports into rows that can be erased."""
    runs = apps.get_model("courses", "Run").objects
    imported = apps.get_model("courses", "ImportedReport").objects
    events = apps.get_model("history", "Event").objects
    kept = events.filter(action="register.imported", thing_type="courses.run", now__has_key="there")
    for event in kept.order_by("pk"):
        if runs.filter(pk=event.thing_id).exists():
            imported.create(
                run_id=event.thing_id,
                digest=event.now["report"],
                there=event.now["there"],
                said=event.now["said"],
                imported_at=event.at,
            )


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0025_counted_as_complete"),
        ("history", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportedReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                (
                    "there",
                    models.JSONField(default=list, help_text="Booking, times in and out, minutes."),
                ),
                (
                    "said",
                    models.JSONField(default=list, help_text="Session, booking and mark."),
                ),
                ("imported_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="imported_reports",
                        to="courses.run",
                    ),
                ),
            ],
            options={"ordering": ["pk"]},
        ),
        migrations.RunPython(copy_from_history, migrations.RunPython.noop),
    ]
