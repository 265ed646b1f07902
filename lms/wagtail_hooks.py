"""Serialise saves of pages in the Wagtail admin, for all page types."""

from wagtail.admin.viewsets.pages import base_page_viewset

from lms.page_edits import EditViewInTurn

# Applies to every page type without an edit view of its own.
base_page_viewset.edit_view_class = EditViewInTurn
