"""Keep the PDF of each edition; the worker makes those of the editions that are there."""

import django.db.models.deletion
import django.utils.timezone
import protocols.models.editions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("protocols", "0019_a_day_in_force_may_be_blank"),
    ]

    operations = [
        migrations.CreateModel(
            name="EditionPdf",
            fields=[
                (
                    "edition",
                    models.OneToOneField(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="pdf",
                        serialize=False,
                        to="protocols.edition",
                    ),
                ),
                (
                    "file",
                    models.FileField(
                        editable=False,
                        max_length=120,
                        storage=protocols.models.editions.edition_storage,
                        upload_to="",
                    ),
                ),
                ("sha256", models.CharField(editable=False, max_length=64)),
                ("size", models.PositiveIntegerField(editable=False, verbose_name="bytes")),
                (
                    "withdrawn_at",
                    models.DateTimeField(
                        editable=False, help_text="The withdrawal that the PDF tells of.", null=True
                    ),
                ),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
    ]
