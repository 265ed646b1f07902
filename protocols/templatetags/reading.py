"""Template tag for the reader's acknowledgement of an edition."""

from django import template

from agencies import access
from protocols.readers import acknowledgements

register = template.Library()


@register.inclusion_tag("protocols/_read_and_understood.html", takes_context=True)
def read_and_understood(context, edition):
    """Show a signed-in reader's acknowledgement, and the link to the acknowledgement page."""
    viewer = context["request"].user
    status = (
        acknowledgements.reading_status(viewer, edition) if access.is_signed_in(viewer) else None
    )
    return {"edition": edition, "status": status, "user": viewer}
