import datetime

from django.db import migrations, models

# 48 hours become 2 working days, 24 hours 1; what the office had set keeps its length.
DAYS = """
    UPDATE courses_bookingpolicy
    SET offer_days = CASE WHEN offer_days <= 24 THEN 1 ELSE (offer_days + 23) / 24 END
"""
# The old default, unless history has the office's own choice of it.
MINIMUM = """
    UPDATE courses_bookingpolicy SET minimum_days = 15
    WHERE minimum_days = 10 AND NOT EXISTS (
        SELECT 1 FROM history_event
        WHERE thing_type = 'bookingpolicy' AND CAST("now" AS text) LIKE '%minimum_days%'
    )
"""


class Migration(migrations.Migration):
    """Let offers end at 5pm of the second working day; tell of thin dates 15 days before."""

    dependencies = [("courses", "0018_kind_and_format"), ("history", "0001_initial")]

    operations = [
        migrations.RenameField("bookingpolicy", "offer_hours", "offer_days"),
        migrations.RunSQL(DAYS, migrations.RunSQL.noop),
        migrations.RunSQL(MINIMUM.replace("%", "%%"), migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="bookingpolicy",
            name="offer_days",
            field=models.PositiveSmallIntegerField(
                default=2,
                help_text="Near the date: half of the time left, and never under the hours below.",
                verbose_name="an offer lasts until the end of (working days later)",
            ),
        ),
        migrations.AddField(
            model_name="bookingpolicy",
            name="offer_until",
            field=models.TimeField(
                default=datetime.time(17, 0), verbose_name="on that day, until (time)"
            ),
        ),
        migrations.AlterField(
            model_name="bookingpolicy",
            name="minimum_days",
            field=models.PositiveSmallIntegerField(
                default=15,
                verbose_name="dates below their minimum are listed from (working days before)",
            ),
        ),
    ]
