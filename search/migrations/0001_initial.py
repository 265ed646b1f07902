"""Take over the search's tables from the app `home`, with their content types and permissions."""

from django.db import migrations, models

# (Old model, new model): old and new words of its permissions.
MODELS = {
    ("findable", "searchdocument"): ("findable", "search document"),
    ("knownword", "term"): ("known word", "term"),
}
JOBS = {
    "home.search_keeping.sync": "search.indexer.sync",
    "home.search_keeping.forget_words": "search.indexer.forget_terms",
}


def rename(apps, schema_editor):
    rename_content_types(apps, ("home", "search"), MODELS)
    replace(apps.get_model("lms", "Chore"), "path", JOBS)
    replace(apps.get_model("lms", "JobFailure"), "job", JOBS)


def rename_back(apps, schema_editor):
    models_before = {(new, old): words[::-1] for (old, new), words in MODELS.items()}
    rename_content_types(apps, ("search", "home"), models_before)
    jobs_before = {new: old for old, new in JOBS.items()}
    replace(apps.get_model("lms", "Chore"), "path", jobs_before)
    replace(apps.get_model("lms", "JobFailure"), "job", jobs_before)


def rename_content_types(apps, labels, names):
    ContentType = apps.get_model("contenttypes", "ContentType")
    for (old, new), words in names.items():
        for kind in ContentType.objects.filter(app_label=labels[0], model=old):
            kind.app_label, kind.model = labels[1], new
            kind.save()
            for permission in kind.permission_set.all():
                permission.codename = permission.codename.replace(old, new)
                permission.name = permission.name.replace(*words)
                permission.save()


def replace(model, field, names):
    for old, new in names.items():
        is_there = model._meta.get_field(field).unique and model.objects.filter(**{field: new})
        if not is_there:
            model.objects.filter(**{field: old}).update(**{field: new})


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("home", "0008_search_is_a_room"),
        ("lms", "0011_jobs_by_process"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Term",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("word", models.CharField(max_length=40, unique=True)),
                    ],
                    options={"db_table": "home_knownword"},
                ),
                migrations.CreateModel(
                    name="SearchDocument",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("kind", models.PositiveSmallIntegerField(help_text="The number of its kind: sources.Kind.")),
                        ("address", models.CharField(max_length=500)),
                        ("title", models.CharField(max_length=400)),
                        ("facts", models.CharField(blank=True, help_text="Shown beside it.", max_length=400)),
                        ("summary", models.TextField(blank=True)),
                        ("keywords", models.TextField(blank=True, help_text="What else it is found by; not shown.")),
                        ("text", models.TextField(blank=True)),
                        ("read_of", models.CharField(blank=True, help_text="The digest of the file whose text it is.", max_length=40)),
                        ("origin", models.CharField(db_index=True, max_length=40)),
                        ("stamp", models.CharField(max_length=32)),
                        ("page", models.BigIntegerField(null=True)),
                        ("edition", models.BigIntegerField(null=True)),
                        ("indicator", models.BigIntegerField(null=True)),
                        ("document", models.BigIntegerField(null=True)),
                    ],
                    options={
                        "db_table": "home_findable",
                        "constraints": [models.UniqueConstraint(fields=("origin", "address"), name="findable_once")],
                    },
                ),
            ]
        ),
        migrations.RunPython(rename, rename_back),
    ]
