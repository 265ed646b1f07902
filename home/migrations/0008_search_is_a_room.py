"""Hand the search's two tables to the app `search`, which keeps their names."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("home", "0007_what_documents_say")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel("Findable"),
                migrations.DeleteModel("KnownWord"),
            ]
        )
    ]
