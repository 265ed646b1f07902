"""What is different in the back office of every room?"""

from wagtail.admin.viewsets.pages import base_page_viewset

from lms.page_edits import EditViewInTurn

# Of every type of page that has no view of its own.
base_page_viewset.edit_view_class = EditViewInTurn
