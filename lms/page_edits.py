"""How are two saves of one page kept from undoing each other? `EditViewInTurn`."""

from django.db import transaction
from wagtail.admin.views.pages.edit import EditView
from wagtail.models import Page


class EditViewInTurn(EditView):
    """Wagtail's edit view, in which a save reads the page once no other save of it is under way.

    Wagtail reads the whole page, and writes it when the form is valid. What it saves by itself
    beside a press read it before that press had published it, and unpublished it again.
    """

    # A save that ends so is kept.
    refusals: tuple[type[Exception], ...] = ()

    def dispatch(self, request, page_id, **kwargs):
        if request.method != "POST":
            return super().dispatch(request, page_id, **kwargs)
        with transaction.atomic():
            Page.objects.select_for_update().filter(pk=page_id).first()
            try:
                return super().dispatch(request, page_id, **kwargs)
            except self.refusals as error:
                refused = error
        raise refused
