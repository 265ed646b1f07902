"""Serialise saves of one page, so that they cannot undo each other (`EditViewInTurn`)."""

from django.db import transaction
from wagtail.admin.views.pages.edit import EditView
from wagtail.models import Page

from lms.refused import Refused


class EditViewInTurn(EditView):
    """Wagtail edit view that locks the page while it is saved.

    Wagtail reads the whole page and writes it back when the form is valid: an autosave that had
    read the page before it was published unpublished it again.
    """

    def dispatch(self, request, page_id, **kwargs):
        if request.method != "POST":
            return super().dispatch(request, page_id, **kwargs)
        with transaction.atomic():
            Page.objects.select_for_update().filter(pk=page_id).first()
            try:
                return super().dispatch(request, page_id, **kwargs)
            except Refused as error:  # The save is committed before the refusal propagates.
                refused = error
        raise refused
