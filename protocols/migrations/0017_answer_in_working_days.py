"""Give agencies 20 working days to answer about a draft, where the board kept the default."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("protocols", "0016_rename_models")]

    operations = [
        migrations.AlterField(
            model_name="protocolpolicy",
            name="answer_days",
            field=models.PositiveSmallIntegerField(
                default=20,
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="an agency answers about a draft within (working days)",
            ),
        ),
        migrations.RunSQL(
            "UPDATE protocols_protocolpolicy SET answer_days = 20 WHERE answer_days = 14",
            migrations.RunSQL.noop,
        ),
    ]
