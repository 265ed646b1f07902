"""Let the register of what was told keep who was asked to decide, too."""

from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [
        ("courses", "0026_imported_reports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="told", name="told_one_reader"),
        migrations.AlterField(
            model_name="told",
            name="role",
            field=models.CharField(
                choices=[
                    ("delegate", "Booked or waiting"),
                    ("trainer", "Trainer"),
                    ("booker", "Booked colleagues"),
                    ("asked", "Asked to decide"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="told",
            constraint=models.CheckConstraint(
                condition=Q(role="delegate", booking__isnull=False, person=None)
                | Q(role="booker", booking__isnull=False, person__isnull=False)
                | Q(role="trainer", booking=None, person__isnull=False)
                | Q(role="asked", booking__isnull=False, person=None)
                | Q(role="asked", booking=None, person__isnull=False),
                name="told_one_reader",
            ),
        ),
    ]
