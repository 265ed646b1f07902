"""Name the source and the record of each search document in columns of their own.

Until then the two stood in one column, "edition:12", and the record a second time in the columns
`edition` and `indicator`.
"""

from django.db import migrations, models
from django.db.models import BigIntegerField, Value
from django.db.models.functions import Cast, Concat, Left, StrIndex, Substr


def split(apps, schema_editor):
    colon = StrIndex("source", Value(":"))
    apps.get_model("search", "SearchDocument").objects.update(
        record=Cast(Substr("source", colon + 1), BigIntegerField()),
        source=Left("source", colon - 1),
    )


def join(apps, schema_editor):
    apps.get_model("search", "SearchDocument").objects.update(
        source=Concat("source", Value(":"), Cast("record", models.CharField())),
    )


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]

    operations = [
        migrations.RemoveConstraint("searchdocument", "findable_once"),
        migrations.RenameField("searchdocument", "origin", "source"),
        migrations.RenameField("searchdocument", "edition", "record"),
        migrations.RunPython(split, join),
        migrations.RemoveField("searchdocument", "indicator"),
        migrations.AlterField("searchdocument", "source", models.CharField(max_length=40)),
        migrations.AlterField("searchdocument", "record", models.BigIntegerField()),
        migrations.AddConstraint(
            "searchdocument",
            models.UniqueConstraint(
                fields=("source", "record", "address"), name="search_document_once"
            ),
        ),
    ]
