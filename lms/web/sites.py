"""Cache Wagtail's site and root page per host for 60 seconds.

Looking them up is a seventh of the work of a request, and the result is always the same.
"""

from copy import copy
from time import monotonic

from django.db.models.signals import post_delete, post_save
from wagtail.models import Page, Site

SECONDS_KEPT = 60
known: dict[tuple[str, str], tuple[float, Site, Page]] = {}


class SiteMiddleware:
    """Set Wagtail's site, with its root page, on the request from the cache.

    Not for the front page, whose content must be fresh, nor for /healthz, which must report a
    database that is down.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path not in ("/", "/healthz", "/healthz/jobs") and (
            found := site_and_root(request)
        ):
            site, root = map(copy, found)
            site.root_page = root
            request._wagtail_site = site
        return self.get_response(request)


def site_and_root(request) -> tuple[Site, Page] | None:
    host = (request._get_raw_host(), request.get_port())
    asked_at, *found = known.get(host, (-SECONDS_KEPT, None, None))
    if monotonic() - asked_at >= SECONDS_KEPT:
        site = Site.find_for_request(request)
        if site is None:
            return None
        if len(known) > 100:  # names that somebody makes up
            known.clear()
        found = [site, site.root_page.specific]
        known[host] = (monotonic(), *found)
    return tuple(found)


def forget(sender, **kwargs):
    if issubclass(sender, Site | Page):
        known.clear()


post_save.connect(forget)
post_delete.connect(forget)
