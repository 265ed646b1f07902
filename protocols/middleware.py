"""What does an editor see when a version is refused? Why, above the draft, which is kept."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse

from protocols.approving import ApprovalRefused
from protocols.revising import EditionRefused


class RefusalMiddleware:
    """Wagtail publishes in many places; wherever it was refused, it is said in the same way."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        refused = isinstance(exception, EditionRefused | ApprovalRefused)
        if not refused or not request.path.startswith("/cms/"):
            return None
        messages.error(request, str(exception))
        page = getattr(exception, "page", None)
        if page and page.pk:
            return redirect("wagtailadmin_pages:edit", page.pk)
        return redirect(reverse("wagtailadmin_home"))
