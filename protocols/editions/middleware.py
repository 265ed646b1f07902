"""Show an editor why an edition or answer was refused, above the draft, which is kept."""

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import reverse

from lms.refused import Refused


class RefusalMiddleware:
    """Turn a refusal raised anywhere in Wagtail's admin into a message and a redirect."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, Refused) or not request.path.startswith("/cms/"):
            return None
        messages.error(request, str(exception))
        page = getattr(exception, "page", None)
        address = reverse("wagtailadmin_home")
        if page and page.pk:
            address = reverse("wagtailadmin_pages:edit", args=[page.pk])
        if request.headers.get("x-requested-with") == "XMLHttpRequest":
            # A Wagtail modal navigates as its JSON says, and does not follow redirects.
            return JsonResponse({"step": "success", "redirect": address})
        return redirect(address)
