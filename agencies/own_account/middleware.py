"""Ask who somebody is before they take a spreadsheet away, and record that they took it."""

from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.shortcuts import redirect
from django.urls import reverse

import history
from agencies.own_account import proving
from lms.spreadsheets.writing import CSV, XLSX

SHEETS = tuple(kind.partition(";")[0] for kind in (CSV, XLSX))


class ExportMiddleware:
    """Give a spreadsheet only to who proved within the hour who they are."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if not is_export(response) or not request.user.is_authenticated:
            return response
        if proving.is_due(request, after_sign_in=False):
            return to_proof(request)
        route = request.resolver_match.route if request.resolver_match else ""
        now = {"route": route, "kind": response["Content-Type"].partition(";")[0]}
        history.record("person.took_file", request.user, by=request.user, now=now)
        return response


def is_export(response):
    """Return whether this answer is a spreadsheet; uploads that are given back are none."""
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    is_attached = "attachment" in response.headers.get("Content-Disposition", "")
    return response.status_code == 200 and kind in SHEETS and is_attached


def to_proof(request):
    ready = f"{reverse('agencies:file_ready')}?{urlencode({'of': request.get_full_path()})}"
    method = get_adapter().get_reauthentication_methods(request.user)[0]
    return redirect(f"{method['url']}?{urlencode({'next': ready})}")
