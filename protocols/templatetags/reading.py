"""Has the reader of this page read what is in force?"""

from django import template

from agencies import access
from protocols.readers import acknowledgements

register = template.Library()


@register.inclusion_tag("protocols/read_and_understood.html", takes_context=True)
def read_and_understood(context, edition):
    """What somebody who is signed in has read, and where anybody says that they have."""
    viewer = context["request"].user
    standing = acknowledgements.standing(viewer, edition) if access.is_signed_in(viewer) else None
    return {"edition": edition, "standing": standing, "user": viewer}
