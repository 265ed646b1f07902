"""Wagtail account page for the office's staff."""

from django.views.decorators.cache import never_cache
from wagtail.admin.auth import require_admin_access

from lms.web import uploads


class AccountView(uploads.AccountView):
    """Account page without Wagtail's first and last name: people change theirs in 'My jobs'."""

    def get_panels(self):
        return [panel for panel in super().get_panels() if panel.name != "name_email"]


own_account = never_cache(require_admin_access(AccountView.as_view()))
