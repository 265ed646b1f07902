from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("courses", "0012_checked_against_an_edition")]

    operations = [
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(fields=["queued_at", "id"], name="booking_in_office_order"),
        ),
    ]
