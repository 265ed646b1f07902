from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("agencies", "0011_merging")]

    operations = [
        migrations.AddField(
            model_name="person",
            name="sort_as",
            field=models.CharField(
                blank=True,
                help_text="Only where the last word of the name is not it, as in van der Berg.",
                max_length=120,
                verbose_name="last name in lists",
            ),
        ),
    ]
