"""Create the search's rows and, beside them, the database's own full-text index."""

from django.db import migrations, models

CREATE = {
    "sqlite": [
        "CREATE VIRTUAL TABLE home_findable_words USING fts5(title, lead, text)",
        "CREATE VIRTUAL TABLE home_findable_stems USING"
        " fts5(title, lead, text, tokenize = 'porter unicode61')",
    ],
    "postgresql": [
        "CREATE TABLE home_findable_words (id bigint PRIMARY KEY, words tsvector NOT NULL)",
        "CREATE INDEX home_findable_words_index ON home_findable_words USING gin (words)",
    ],
}
DROP = {
    "sqlite": ["DROP TABLE home_findable_words", "DROP TABLE home_findable_stems"],
    "postgresql": ["DROP TABLE home_findable_words"],
}


def make(apps, schema_editor):
    for statement in CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def unmake(apps, schema_editor):
    for statement in DROP[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("home", "0002_front_door")]

    operations = [
        migrations.CreateModel(
            name="KnownWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.CharField(max_length=40, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="Findable",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.PositiveSmallIntegerField(choices=[(1, "Protocol"), (2, "Course"), (3, "Page"), (4, "Document"), (5, "Indicator of need")])),
                ("address", models.CharField(max_length=500)),
                ("title", models.CharField(max_length=400)),
                ("facts", models.CharField(blank=True, help_text="Shown beside it.", max_length=400)),
                ("summary", models.TextField(blank=True)),
                ("keywords", models.TextField(blank=True, help_text="What else it is found by; not shown.")),
                ("text", models.TextField(blank=True)),
                ("origin", models.CharField(db_index=True, max_length=40)),
                ("stamp", models.CharField(max_length=32)),
                ("page", models.BigIntegerField(null=True)),
                ("edition", models.BigIntegerField(null=True)),
                ("indicator", models.BigIntegerField(null=True)),
                ("document", models.BigIntegerField(null=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("origin", "address"), name="findable_once")],
            },
        ),
        migrations.RunPython(make, unmake),
    ]
