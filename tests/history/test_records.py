"""Test that a plain record is saved with what changed, and with no words about people."""

import pytest

from courses.models import Course, Trainer, Venue
from history import records
from history.models import Event
from tests.factories import CourseFactory, PersonFactory, TrainerFactory, VenueFactory

pytestmark = pytest.mark.django_db


def last(thing):
    event = Event.objects.about(thing).first()
    return event and (event.action, event.was, event.now)


def test_a_new_record_is_added_with_its_facts_and_by_whom():
    person = PersonFactory()
    venue = records.save(Venue(name="Hall", address="1 High Street"), by=person)
    assert last(venue) == (
        "venue.added", {},
        {"name": "changed", "address": "changed", "travel": "changed", "access": "changed"},
    )  # fmt: skip
    assert Event.objects.get().by_person == person.pk


def test_only_what_changed_is_recorded_with_what_it_was():
    course, first = CourseFactory(hours=6), CourseFactory()
    changed = Course.objects.get(pk=course.pk)
    changed.hours, changed.title = 3, "Secret words"
    records.save(changed, by="IMPORT", prerequisites=[first])
    assert last(course) == (
        "course.changed",
        {"hours": "6.0", "title": "changed", "prerequisites": []},
        {"hours": "3", "title": "changed", "prerequisites": [first.pk]},
    )
    assert list(changed.prerequisites.all()) == [first]


def test_nothing_is_recorded_where_nothing_changed():
    venue = VenueFactory()
    records.save(Venue.objects.get(pk=venue.pk), by="IMPORT")
    assert last(venue) is None


def test_an_action_may_have_a_name_of_its_own_and_free_text_stays_out_of_history():
    trainer = Trainer.objects.get(pk=TrainerFactory().pk)
    trainer.notes = "Ill until May"
    records.save(trainer, by="IMPORT", action="trainer.changed")
    assert last(trainer) == ("trainer.changed", {"notes": "changed"}, {"notes": "changed"})
