"""What does somebody who works in the back office set for themself?"""

from wagtail.admin.auth import require_admin_access
from wagtail.admin.views import account


class AccountView(account.AccountView):
    """Without Wagtail's first and last name: a person has one name, changed in 'My jobs'."""

    def get_panels(self):
        return [panel for panel in super().get_panels() if panel.name != "name_email"]


own_account = require_admin_access(AccountView.as_view())
