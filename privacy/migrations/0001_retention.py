import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Jobs that the one of this room has taken over, and the record type of each.
TAKEN_OVER = {
    "lms.jobs.worker.forget_finished_tasks": "tasks",
    "courses.booking.nightly_checks.forget_access_needs": "access_needs",
    "courses.evaluation.evaluation.forget_sheets": "evaluation_sheets",
    "protocols.readers.alerts.forget_unconfirmed": "unconfirmed_alerts",
}
JOB = "privacy.erasing.erase_what_is_due"


def take_over(apps, schema_editor):
    """Let the rows that failed be tried again by the job that erases them from now on."""
    failures = apps.get_model("lms", "JobFailure").objects
    for job, step in TAKEN_OVER.items():
        failures.filter(job=job, about_type="").delete()
        failures.filter(job=job).update(job=JOB, step=step)


def give_back(apps, schema_editor):
    failures = apps.get_model("lms", "JobFailure").objects
    for job, step in TAKEN_OVER.items():
        failures.filter(job=JOB, step=step).update(job=job, step="")
    failures.filter(job=JOB).delete()


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("lms", "0013_mail_outages"),
    ]

    operations = [
        migrations.CreateModel(
            name="Retention",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record_type", models.CharField(max_length=40, unique=True)),
                ("is_on", models.BooleanField(default=False)),
                ("switched_at", models.DateTimeField(blank=True, null=True)),
                (
                    "switched_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"ordering": ["record_type"]},
        ),
        migrations.RunPython(take_over, give_back),
    ]
