from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lms", "0008_index_waiting_mail_alone")]

    operations = [
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(fields=["to", "id"], name="mail_to_address"),
        ),
        # The index above begins with the same column.
        migrations.AlterField(
            model_name="mail",
            name="to",
            field=models.CharField(max_length=254),
        ),
    ]
