from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("certificates", "0002_designs")]

    operations = [
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(fields=["completed_on", "id"], name="certificate_in_office_order"),
        ),
    ]
