"""What does somebody who works in the back office set for themself?"""

from django.views.decorators.cache import never_cache
from wagtail.admin.auth import require_admin_access

from lms.web import uploads


class AccountView(uploads.AccountView):
    """Without Wagtail's first and last name: a person has one name, changed in 'My jobs'."""

    def get_panels(self):
        return [panel for panel in super().get_panels() if panel.name != "name_email"]


own_account = never_cache(require_admin_access(AccountView.as_view()))
