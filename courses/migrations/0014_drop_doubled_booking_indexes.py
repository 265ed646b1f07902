from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """booking_queue, booking_of_person and booking_of_agency begin with the same columns."""

    dependencies = [
        ("courses", "0013_index_bookings_in_list_order"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="booking",
            name="run",
            field=models.ForeignKey(
                db_index=False,
                on_delete=models.PROTECT,
                related_name="bookings",
                to="courses.run",
            ),
        ),
        migrations.AlterField(
            model_name="booking",
            name="person",
            field=models.ForeignKey(
                db_index=False,
                on_delete=models.PROTECT,
                related_name="bookings",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="booking",
            name="agency",
            field=models.ForeignKey(
                db_index=False,
                on_delete=models.PROTECT,
                related_name="bookings",
                to="agencies.agency",
            ),
        ),
    ]
