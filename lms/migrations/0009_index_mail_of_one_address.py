from django.db import migrations, models

OLD = "lms_mail_to_b5a1b931"


class Migration(migrations.Migration):
    """Find the mails of one address in order, by an index that takes the place of the old one.

    The old one is dropped by name: to alter the field, Django would copy the whole outbox on
    SQLite. PostgreSQL has a second one, for words that an address begins with.
    """

    dependencies = [("lms", "0008_index_waiting_mail_alone")]

    operations = [
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(fields=["to", "id"], name="mail_to_address"),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"DROP INDEX {OLD}", f'CREATE INDEX {OLD} ON lms_mail ("to")'
                ),
                migrations.RunSQL(f"DROP INDEX IF EXISTS {OLD}_like", migrations.RunSQL.noop),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="mail", name="to", field=models.CharField(max_length=254)
                ),
            ],
        ),
    ]
