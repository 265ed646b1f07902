from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("agencies", "0003_what_a_certificates_number_begins_with")]

    operations = [
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["name", "id"], name="person_in_order"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["starts_on", "id"], name="post_in_order"),
        ),
    ]
