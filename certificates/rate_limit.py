"""Rate limit and privacy headers for public pages about somebody's training."""

from django.conf import settings
from django.utils.cache import patch_cache_control

from lms.web import rate_limits


def may_try(request):
    """Count a try against the rate limit (shared cache); False if exceeded."""
    return rate_limits.may(request, "check", settings.LMS_CERTIFICATE_VERIFY_RATE)


def discreet(response):
    """Forbid search engines, caches and referrers."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    patch_cache_control(response, private=True, no_store=True)
    return response
