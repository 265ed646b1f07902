from django.conf import settings
from django.db import migrations, models

DOUBLED = {
    "run_id": "courses_booking_run_id_b3877fd9",
    "person_id": "courses_booking_person_id_9c21fa87",
    "agency_id": "courses_booking_agency_id_2d4b9e95",
}


class Migration(migrations.Migration):
    """Leave out the indexes that only repeat the first column of others.

    booking_queue, booking_of_person and booking_of_agency serve in their place. They are dropped
    by name: to alter a field, Django would copy the whole table on SQLite, three times.
    """

    dependencies = [
        ("courses", "0013_index_bookings_in_list_order"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"DROP INDEX {name}", f"CREATE INDEX {name} ON courses_booking ({column})"
                )
                for column, name in DOUBLED.items()
            ],
            state_operations=[
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
            ],
        ),
    ]
