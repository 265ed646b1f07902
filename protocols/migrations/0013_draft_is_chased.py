"""Until when an agency is asked to answer a draft, and that it was reminded."""

import datetime as dt

from django.db import migrations, models


def give_those_asked_a_day(apps, schema_editor):
    waiting = apps.get_model("protocols", "Approval").objects.using(schema_editor.connection.alias)
    for approval in waiting.exclude(agency=None).filter(state="waiting"):
        approval.answer_by = (approval.asked_at + dt.timedelta(days=14)).date()
        approval.save(update_fields=["answer_by"])


class Migration(migrations.Migration):
    dependencies = [("protocols", "0012_reviews_and_checks")]

    operations = [
        migrations.AddField(
            "approval",
            "answer_by",
            models.DateField("to be answered by", null=True, editable=False),
        ),
        migrations.AddField("approval", "chased_on", models.DateField(null=True, editable=False)),
        migrations.AddField(
            "approval", "author_told_on", models.DateField(null=True, editable=False)
        ),
        migrations.RunPython(give_those_asked_a_day, migrations.RunPython.noop),
    ]
