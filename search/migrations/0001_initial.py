"""Take over the search's tables from the app `home`, with their content types and permissions."""

from django.db import migrations, models

MODELS = {"findable": "search document", "known word": "term"}
JOBS = {
    "home.search_keeping.sync": "search.indexer.sync",
    "home.search_keeping.forget_words": "search.indexer.forget_terms",
}


def rename(apps, schema_editor):
    rename_models(apps, ("home", "search"), MODELS)
    rename_jobs(apps, JOBS)


def rename_back(apps, schema_editor):
    rename_models(apps, ("search", "home"), {new: old for old, new in MODELS.items()})
    rename_jobs(apps, {new: old for old, new in JOBS.items()})


def rename_models(apps, labels, models):
    """Move content types and permissions, so that groups keep them."""
    for old, new in models.items():
        was, now = old.replace(" ", ""), new.replace(" ", "")
        of_model = {"app_label": labels[0], "model": was}
        for kind in apps.get_model("contenttypes", "ContentType").objects.filter(**of_model):
            kind.app_label, kind.model = labels[1], now
            kind.save()
            for permission in kind.permission_set.all():
                permission.codename = permission.codename.replace(was, now)
                permission.name = permission.name.replace(old, new)
                permission.save()


def rename_jobs(apps, jobs):
    replace(apps.get_model("lms", "PeriodicJob"), "path", jobs)
    replace(apps.get_model("lms", "JobFailure"), "job", jobs)


def replace(model, field, names):
    for old, new in names.items():
        is_there = model._meta.get_field(field).unique and model.objects.filter(**{field: new})
        if not is_there:
            model.objects.filter(**{field: old}).update(**{field: new})


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("home", "0008_search_is_a_room"),
        ("lms", "0012_rename_models"),
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
