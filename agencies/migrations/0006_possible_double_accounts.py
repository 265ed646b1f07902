"""Fold the names of people, to find accounts that may be of one person."""

import re
import unicodedata

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def key(name):
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in plain if not "\u0300" <= letter <= "\u036f")
    plain = re.sub(r"['’‘`ʼ.]", "", plain)
    return " ".join(re.sub(r"[\u2010-\u2015-]", " ", plain).split())[:250]


def fold(apps, schema_editor):
    people = apps.get_model("agencies", "Person").objects.using(schema_editor.connection.alias)
    last = 0
    while some := list(people.filter(pk__gt=last).order_by("pk").only("name")[:1000]):
        for person in some:
            person.name_key = key(person.name)
        people.bulk_update(some, ["name_key"])
        last = some[-1].pk


class Migration(migrations.Migration):

    dependencies = [
        ('agencies', '0005_concern_contacts'),
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='TwoPeople',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('found_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
        ),
        migrations.AddField(
            model_name='person',
            name='name_key',
            field=models.CharField(blank=True, editable=False, help_text='The name folded, to find its like.', max_length=250),
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(fields=['name_key', 'id'], name='person_of_a_name'),
        ),
        migrations.AddField(
            model_name='twopeople',
            name='found_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='twopeople',
            name='newer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='twopeople',
            name='older',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='twopeople',
            constraint=models.UniqueConstraint(fields=('older', 'newer'), name='two_people_found_once'),
        ),
        migrations.AddConstraint(
            model_name='twopeople',
            constraint=models.CheckConstraint(condition=models.Q(('older__lt', models.F('newer'))), name='two_people_in_their_order'),
        ),
        migrations.RunPython(fold, migrations.RunPython.noop),
    ]
