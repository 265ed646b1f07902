"""Template tags for course hours, free places and a booking's state.

In Python rather than templates for speed: the catalogue, the busiest page, shows dozens.
"""

from django import template
from django.utils.html import format_html

from courses.booking.status import missed_words_of, words_of
from courses.rules import prerequisites
from lms import formatting

register = template.Library()


@register.simple_tag
def places_left(run):
    """Render the places left of a run annotated by `with_waiting` as a GOV.UK tag."""
    return tag(*colour_and_words(run))


@register.simple_tag
def booking_state(booking, *, own=False):
    """Render a booking's state as a GOV.UK tag; `own` addresses the person themself."""
    words = words_of(booking)
    return tag(words.colour, words.own if own else words.label)


@register.filter
def missed(booking):
    """Return the words about a booking without a place whose date has begun, or None."""
    return missed_words_of(booking)


@register.filter
def state_title(booking):
    """Return the title of a booking's page, as its state tells the person."""
    return words_of(booking).title


def tag(colour, words):
    return format_html('<strong class="govuk-tag govuk-tag--{}">{}</strong>', colour, words)


def colour_and_words(run):
    waiting = f"{run.waiting} waiting" if run.waiting else ""
    if run.why_not_bookable:
        return "grey", "Not open for booking"
    if run.is_full:
        return "yellow", ", ".join(filter(None, ["Full", waiting]))
    if waiting:
        return "yellow", waiting
    if run.free is None:
        return "green", "Places for everybody"
    return "green", f"{run.free} place{'' if run.free == 1 else 's'} left"


@register.filter
def next_date_in_words(course):
    """Say in a sentence when a prerequisite is next."""
    return prerequisites.next_date_in_words(course)


@register.filter
def in_hours(hours):
    """Format hours, such as '1 hour' or '1.5 hours'."""
    return formatting.in_hours(hours)


@register.filter
def sentence(words):
    """End what the office has entered with a full stop, if it has no end of its own."""
    words = words.strip()
    return words if words.endswith((".", "!", "?")) else f"{words}."
