"""Say email, and sums with a £, in the names of fields: no column changes."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('protocols', '0020_keep_pdfs_of_editions'),
    ]

    operations = [
        migrations.AlterField(
            model_name='dissemination',
            name='mailed_to',
            field=models.PositiveIntegerField(editable=False, help_text='How many of its staff it was emailed to from here.', null=True),
        ),
    ]
