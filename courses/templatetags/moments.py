"""Template filter for the time left until a deadline."""

from django import template
from django.utils import timezone

register = template.Library()
MINUTE, HOUR, DAY = 60, 3600, 86400


@register.filter
def time_left(until):
    """Format the time left, such as '1 day and 3 hours left'; empty once it is over."""
    seconds = int((until - timezone.now()).total_seconds())
    if seconds <= 0:
        return ""
    if seconds < MINUTE:
        return "less than a minute left"
    if seconds >= DAY:
        parts = [many(seconds // DAY, "day"), many(seconds % DAY // HOUR, "hour")]
    else:
        parts = [many(seconds // HOUR, "hour"), many(seconds % HOUR // MINUTE, "minute")]
    return " and ".join(filter(None, parts)) + " left"


def many(number, word):
    return f"{number} {word}{'' if number == 1 else 's'}" if number else ""
