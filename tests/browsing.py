"""Post a form as a browser does: with the hidden fields that say what its page showed."""

from django.test import Client
from django.urls import Resolver404, resolve

from agencies.back_office.overtaken import OvertakenMixin
from lms.web.overtaken import FIELD
from tests.filling import filled_form

# Views that are functions, and whose forms carry what they showed.
CARRYING = {
    "agencies:line_manager",
    "agencies:name",
    "wagtailadmin_pages:edit",
    "protocols:agency_confirm",
}
HIDDEN = (FIELD, "loaded_revision_id", "loaded_revision_created_at")


def carries(path):
    """Return whether the form at this address says what it showed."""
    try:
        match = resolve(path.partition("?")[0])
    except Resolver404:
        return False
    view = getattr(match.func, "view_class", None)
    of_class = isinstance(view, type) and issubclass(view, OvertakenMixin)
    return of_class or match.view_name in CARRYING


class Browser(Client):
    """Test client that opens a form's page before it posts what a test enters into it.

    It adds the hidden fields that say what the page showed, and nothing else. A test that names the
    first itself, or posts by `without_page`, gets just what it sends.
    """

    def post(self, path, data=None, *args, **kwargs):
        if isinstance(data, dict) and data and FIELD not in data:
            data = {**self.shown_at(path), **data}
        return super().post(path, data, *args, **kwargs)

    def shown_at(self, path):
        """Return the hidden fields of the form at this address that say what it shows."""
        page = carries(path) and self.get(path, follow=True, headers={"accept": "text/html"})
        if not page or page.status_code != 200 or f'name="{FIELD}"' not in text_of(page):
            return {}
        form = filled_form(page.content, having=FIELD)
        return {name: form[name] for name in HIDDEN if name in form}

    def without_page(self, path, data, **kwargs):
        """Post what no page of ours has shown."""
        return super().post(path, data, **kwargs)


def text_of(answer):
    return answer.text if answer["Content-Type"].startswith("text/html") else ""
