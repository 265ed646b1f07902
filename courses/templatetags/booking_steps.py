"""Template tag for the pages between 'Book a place' and the booking form."""

from django import template
from django.urls import Resolver404, resolve

from courses.models import Run

register = template.Library()


@register.simple_tag
def date_to_book(address):
    """Return the date whose booking form is at this address; None for all else.

    A date that the catalogue does not show is None too, as if there were none.
    """
    try:
        found = resolve((address or "").partition("?")[0])
    except Resolver404:
        return None
    if found.view_name != "courses:book":
        return None
    dates = Run.objects.in_catalogue().upcoming().select_related("course__page")
    return dates.filter(pk=found.kwargs["run_id"]).first()
