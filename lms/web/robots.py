"""Tell search engines which addresses are for nobody but those who were sent there."""

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

# The back office, what is behind signing in, and what links of emails and certificates open.
DISALLOWED = (
    "/accounts/",
    "/agency/",
    "/approvals/",
    "/cancel/",
    "/certificates/",
    "/cms/",
    "/delivery/",
    "/evaluation/",
    "/my/",
    "/offers/",
    "/protocols/alerts/confirm/",
    "/protocols/alerts/stop/",
    "/record/",
    "/register/",
    "/search/",
    "/welcome/",
)


@require_safe
@cache_control(max_age=24 * 3600, public=True)
def robots(request):
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in DISALLOWED), "Allow: /"]
    lines += ["", f"Sitemap: {settings.SITE_URL}/sitemap.xml", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
