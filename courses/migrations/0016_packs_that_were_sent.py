"""Take over from history which trainers were sent their pack, so that none has it twice."""

import datetime as dt

from django.db import migrations
from django.utils import timezone


def take_over(apps, schema_editor):
    Event = apps.get_model("history", "Event")
    Run, TrainersPack = apps.get_model("courses", "Run"), apps.get_model("courses", "TrainersPack")
    Person = apps.get_model("agencies", "Person")
    # A pack is sent on the day before, or on the day.
    since = timezone.now() - dt.timedelta(days=4)
    for event in Event.objects.filter(action="run.pack_sent", at__gte=since).order_by("pk"):
        run = Run.objects.filter(pk=event.thing_id).first()
        people = Person.objects.filter(pk__in=event.now["trainers"])
        for person in people if run else []:
            TrainersPack.objects.get_or_create(run=run, person=person, for_day=event.now["day"])


class Migration(migrations.Migration):

    dependencies = [
        ("courses", "0015_trainers_packs"),
        ("history", "0001_initial"),
    ]

    operations = [migrations.RunPython(take_over, migrations.RunPython.noop, elidable=True)]
