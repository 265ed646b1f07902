"""Say email, and sums with a £, in the names of fields: no column changes."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('courses', '0029_digests_of_handouts'),
    ]

    operations = [
        migrations.AlterField(
            model_name='booking',
            name='manager_email',
            field=models.EmailField(blank=True, max_length=254, verbose_name="manager's email address"),
        ),
        migrations.AlterField(
            model_name='bookingpolicy',
            name='day_charge',
            field=models.DecimalField(decimal_places=2, default=80, max_digits=7, verbose_name='late or absent, each day (£)'),
        ),
        migrations.AlterField(
            model_name='bookingpolicy',
            name='half_day_charge',
            field=models.DecimalField(decimal_places=2, default=40, max_digits=7, verbose_name='late or absent, half a day (£)'),
        ),
        migrations.AlterField(
            model_name='charge',
            name='amount',
            field=models.DecimalField(decimal_places=2, max_digits=8, verbose_name='£'),
        ),
    ]
