"""Serve the content host: the runner, the files of packages, and the address that saves.

Nothing here reads or sets a cookie, and the site serves none of it: `content_urls`.
"""

from __future__ import annotations

import json
import mimetypes
import posixpath
from functools import cache, wraps
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from elearning.models import Attempt, ItemState, PackageItem
from elearning.packages.bringing import packages_storage
from elearning.packages.manifest import SCORM_12
from elearning.playing import launch, saving
from elearning.playing.tokens import read_token
from lms.storage.ranges import range_of

MOST_BYTES = 1024**2
A_DAY = 86_400
# Types that a browser may show; a file of any other is offered for download.
SHOWN = (
    "text/", "image/", "audio/", "video/", "font/", "application/javascript", "application/json",
    "application/pdf", "application/xml", "application/xhtml+xml", "application/wasm",
    "application/font", "application/vnd.ms-fontobject", "application/x-font",
)  # fmt: skip
SCRIPTS = {"runner.js", "scorm12.js", "scorm2004.js"}


def content_policy() -> str:
    """Return the Content-Security-Policy of the content host: packages reach nothing but it."""
    return (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "media-src 'self' data: blob:; connect-src 'self' data: blob:; "
        "frame-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; "
        "base-uri 'self'; form-action 'self'; "
        f"frame-ancestors 'self' {settings.SITE_URL}"
    )


PERMISSIONS = (
    "unload=(self), camera=(), microphone=(), geolocation=(), payment=(), usb=(), "
    "display-capture=()"
)


def on_content_host(view):
    """Wrap a view of the content host: its headers, and 403 for a token that is not good."""

    @wraps(view)
    def wrapped(request, token, **more):
        if request.headers.get("Service-Worker") == "script":
            return with_headers(HttpResponse("No service workers here.", status=403))
        play = read_token(token)
        if play is None:
            return with_headers(render(request, "elearning/playing/over.html", status=403))
        return with_headers(view(request, play, **more))

    return wrapped


def with_headers(answer):
    answer["Content-Security-Policy"] = content_policy()
    answer["Permissions-Policy"] = PERMISSIONS
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Referrer-Policy"] = "same-origin"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.setdefault("Cache-Control", "no-store")
    return answer


@require_safe
@on_content_host
def runner(request, play):
    """Show the page that has the API, and the package in a frame below it."""
    items = PackageItem.objects.select_related("package")
    attempts = Attempt.objects.select_related("version", "person", "module")
    item, attempt = items.filter(pk=play.item).first(), attempts.filter(pk=play.attempt).first()
    if item is None or attempt is None:
        raise Http404
    state, token = saving.open_session(attempt, item), play.token
    standard = "12" if item.package.standard == SCORM_12 else "2004"
    starts = {
        "standard": standard,
        "session": str(state.attempt.session),
        "data": launch.starting_data(state, item),
        "commit": f"/p/{token}/commit",
        "opens": f"/p/{token}/{address_of(item.href)}",
        "site": settings.SITE_URL,
    }
    scripts = f"/play/{token}/"
    page = {"starts": starts, "item": item, "scripts": scripts, "standard": standard}
    return render(request, "elearning/playing/runner.html", page)


@require_safe
@on_content_host
def script(request, play, name):
    """Serve the scripts of the runner, which come from the site's own static files."""
    if name not in SCRIPTS:
        raise Http404
    answer = HttpResponse(_script(name), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = f"private, max-age={A_DAY}"
    return answer


@cache
def _script(name: str) -> bytes:
    found = finders.find(f"build/player/{name}")
    if not found:
        raise Http404
    return Path(found).read_bytes()


@require_safe
@on_content_host
def asset(request, play, path):
    """Serve a file of the package that the token names; asks no database."""
    path = posixpath.normpath(path)
    if path.startswith(("/", "..")):
        raise Http404
    kind, encoding = mimetypes.guess_type(path)
    kind = "application/octet-stream" if encoding or not kind else kind
    try:
        answer = _file(request, f"{play.folder}/{path}", kind)
    except (FileNotFoundError, IsADirectoryError):
        raise Http404 from None
    if not kind.startswith(SHOWN):
        name = quote(posixpath.basename(path))
        answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    answer["Cache-Control"] = f"private, max-age={A_DAY}, immutable"
    return answer


def _file(request, name, kind):
    """Return the stored file, or the range of it that is asked for, cut short: 200, 206 or 416."""
    file = packages_storage().open(name)
    size = file.size
    asked = range_of(request.headers.get("Range", ""), size)
    if asked is None:
        answer = FileResponse(file, content_type=kind)
    else:
        first, last = asked
        with file:
            file.seek(first)
            part = file.read(max(last - first + 1, 0))
        answer = HttpResponse(part, status=206 if part else 416, content_type=kind)
        said = f"{first}-{last}" if part else "*"
        answer["Content-Range"] = f"bytes {said}/{size}"
    answer["Accept-Ranges"] = "bytes"
    return answer


@csrf_exempt
@require_POST
@on_content_host
def commit(request, play):
    """Save what the runner sends: {"session", "number", "changed": {element: value}, "ends"}."""
    if request.headers.get("Origin") != settings.CONTENT_ORIGIN:
        return HttpResponse("Only the runner saves here.", status=403)
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        return HttpResponse("Too long.", status=413)
    try:
        said = json.loads(request.body)
        session, number = str(said["session"]), int(said["number"])
        changed: dict[str, Any] = dict(said["changed"])
    except (ValueError, KeyError, TypeError):
        return HttpResponse("That is no report.", status=400)
    ends = bool(said.get("ends"))
    try:
        attempt = saving.report(play.attempt, play.item, session, number, changed, ends=ends)
    except saving.TakenOver as refused:
        return JsonResponse({"why": str(refused)}, status=409)
    except saving.PlayingRefused as refused:
        return JsonResponse({"why": str(refused)}, status=400)
    except ItemState.DoesNotExist:
        raise Http404 from None
    return JsonResponse({"state": attempt.state})


def address_of(href: str) -> str:
    """Quote a part's address for a URL; what follows ? and # stays as the package has it."""
    for sign in "?#":
        if sign in href:
            path, _, rest = href.partition(sign)
            if "?" in path or "#" in path:
                continue
            return quote(path) + sign + rest
    return quote(href)


def not_found(request, exception=None):
    """Answer 404 for every other address of the content host."""
    return with_headers(HttpResponse("Not found", status=404, content_type="text/plain"))


def player_of(token: str) -> str:
    """Return the address of the runner, on the content host, for a token."""
    address = reverse("runner", args=[token], urlconf="elearning.playing.content_urls")
    return f"{settings.CONTENT_ORIGIN}{address}"
