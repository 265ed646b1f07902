from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lms", "0007_the_oldest_mail_is_found_by_index")]

    operations = [
        migrations.RemoveIndex(model_name="mail", name="mail_waiting"),
        migrations.RemoveIndex(model_name="mail", name="mail_waiting_for"),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(
                condition=models.Q(("state", "queued")), fields=["id"], name="mail_waiting"
            ),
        ),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(
                condition=models.Q(("state", "queued")),
                fields=["to", "id"],
                name="mail_waiting_for",
            ),
        ),
    ]
