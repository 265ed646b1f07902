"""Allow people without an email address."""

from django.db import migrations, models


def give_addresses(apps, schema_editor):
    """Give those without an address one that nobody has, as each must have one again."""
    people = apps.get_model("agencies", "Person").objects.using(schema_editor.connection.alias)
    for person in people.filter(email=None).only("pk"):
        people.filter(pk=person.pk).update(email=f"nobody-{person.pk}@no-email.invalid")


class Migration(migrations.Migration):

    dependencies = [
        ('agencies', '0011_merging'),
    ]

    operations = [
        migrations.AlterField(
            model_name='person',
            name='email',
            field=models.EmailField(blank=True, help_text='Leave it empty if they have none: they cannot sign in or book, and we ask the lead of their agency to tell them what we would have emailed.', max_length=254, null=True, unique=True, verbose_name='email address'),
        ),
        migrations.RunPython(migrations.RunPython.noop, give_addresses),
    ]
