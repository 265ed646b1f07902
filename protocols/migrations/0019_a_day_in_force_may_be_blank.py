"""Let a draft leave its day in force blank: it is then the day of the last approval."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("protocols", "0018_agreement_elsewhere")]

    operations = [
        migrations.AlterField(
            model_name="protocolpage",
            name="in_force_from",
            field=models.DateField(
                blank=True,
                help_text="When left blank, or when it is approved later: the day of the last "
                "approval.",
                null=True,
            ),
        ),
        # Backwards, a blank day needs one.
        migrations.RunSQL(
            migrations.RunSQL.noop,
            "UPDATE protocols_protocolpage SET in_force_from = CURRENT_DATE"
            " WHERE in_force_from IS NULL",
        ),
    ]
