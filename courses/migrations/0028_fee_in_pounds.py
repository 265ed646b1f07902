"""Name the unit of a fee as people write it: £ a day."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('courses', '0027_who_was_asked'),
    ]

    operations = [
        migrations.AlterField(
            model_name='fee',
            name='a_day',
            field=models.DecimalField(decimal_places=2, default=80, max_digits=7, verbose_name='£ a day'),
        ),
    ]
