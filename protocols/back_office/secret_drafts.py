"""Keep the titles of drafts from those of the office who do not work on them, whatever the view."""

from django.http import Http404

from agencies import access
from protocols.drafts import secrecy

OF_PAGES = (
    "cms/pages/", "cms/choose-page/", "cms/bulk/<str:app_label>/<str:model_name>/",
    "cms/api/main/pages/",
)  # fmt: skip
# Names the page of each kind that was edited last.
OF_LAST_EDITED = "cms/reports/page-types-usage/"


class SecretDraftMiddleware:
    """Answer with 404 wherever an address of Wagtail's names a draft that is secret to the reader.

    Wagtail asks most of its views for a permission, but not all, and each shows the draft's title.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        route = request.resolver_match.route
        if not route.startswith((*OF_PAGES, OF_LAST_EDITED)):
            return
        if request.user.is_anonymous or access.works_on_drafts(request.user):
            return
        named = numbers_in(request, args, kwargs)
        if named is None or route.startswith(OF_LAST_EDITED):
            raise Http404
        if named and secrecy.secret_drafts().filter(pk__in=named).exists():
            raise Http404


def numbers_in(request, args, kwargs):
    """Return the numbers that the address names; None if it names all of a list."""
    texts = [*args, *kwargs.values(), *request.GET.getlist("id")]
    if "all" in texts:
        return None
    return {int(text) for text in map(str, texts) if text.isdecimal() and len(text) < 19}
