"""Tell search engines which pages there are, and researchers whom to tell of a weakness."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from wagtail.contrib.sitemaps import views
from wagtail.contrib.sitemaps.sitemap_generator import Sitemap

from agencies.models import Board
from protocols.models import Edition, ProtocolPage

if TYPE_CHECKING:
    from django.http import HttpRequest
    from wagtail.query import PageQuerySet

A_DAY = 24 * 3600
# RFC 9116 wants a day less than a year ahead; whoever reads it later asks again.
SECURITY_TEXT_LASTS = dt.timedelta(days=180)


class PublicPages(Sitemap):
    """Every page that anybody may read; a protocol once it has a version in force."""

    def items(self) -> PageQuerySet:
        in_force = Edition.objects.in_force().values("page")
        never = ProtocolPage.objects.exclude(pk__in=in_force)
        return super().items().exclude(pk__in=never.values("pk"))


@require_safe
@cache_control(max_age=A_DAY, public=True)
def sitemap(request: HttpRequest) -> HttpResponse:
    return views.sitemap(request, {"pages": PublicPages}).render()


@require_safe
@cache_control(max_age=A_DAY, public=True)
def security(request: HttpRequest) -> HttpResponse:
    """Say whom to tell of a weakness: the board's own address (RFC 9116)."""
    email = Board.load().email
    if not email:
        raise Http404
    ends = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0) + SECURITY_TEXT_LASTS
    lines = [
        f"Contact: mailto:{email}",
        f"Expires: {ends:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
