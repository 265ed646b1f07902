"""Add prefix indexes to the full-text tables on SQLite."""

from django.db import migrations

from home import search_index


class Migration(migrations.Migration):
    dependencies = [("home", "0004_pictures_in_pages")]

    operations = [migrations.RunPython(search_index.make_anew, migrations.RunPython.noop)]
