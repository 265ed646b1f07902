"""Template filters about registers, for pages of other apps."""

from django import template

from agencies import access
from courses.models import Mark, Run

register = template.Library()

COLOURS = {
    Mark.Kind.PRESENT: "green",
    Mark.Kind.LATE: "yellow",
    Mark.Kind.LEFT_EARLY: "yellow",
    Mark.Kind.APOLOGIES: "purple",
    Mark.Kind.ABSENT: "red",
}


@register.filter
def keeps_registers(person):
    """Return whether this person keeps any register; one query at most for a professional."""
    if person.is_staff and access.is_training_administrator(person):
        return True
    return Run.trainers.through.objects.filter(person=person).exists()


@register.filter
def mark_colour(kind):
    return COLOURS[kind]
