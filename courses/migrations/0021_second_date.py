from django.db import migrations, models


class Migration(migrations.Migration):
    """Let a course say what becomes of a second date of it for one person."""

    dependencies = [("courses", "0020_what_certificates_say")]

    operations = [
        migrations.AddField(
            model_name="course",
            name="second_date",
            field=models.CharField(
                choices=[("warn", "is warned of"), ("refuse", "is refused")],
                default="warn",
                help_text="Where it is refused, the office can still make an exception.",
                max_length=6,
                verbose_name="a second date of it for the same person",
            ),
        ),
    ]
