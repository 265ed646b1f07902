"""Template tags for course hours and free places.

In Python rather than templates for speed: the catalogue, the busiest page, shows dozens.
"""

from django import template
from django.utils.html import format_html

register = template.Library()


@register.simple_tag
def places_left(run):
    """Render the places left of a run annotated by `with_waiting` as a GOV.UK tag."""
    colour, words = colour_and_words(run)
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
def in_hours(hours):
    """Format hours, such as '1 hour' or '1.5 hours'."""
    number = f"{hours:.1f}".removesuffix(".0")
    return f"{number} hour{'' if number == '1' else 's'}"
