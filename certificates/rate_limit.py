"""Rate limit and privacy headers for public pages about somebody's training."""

from allauth.core.internal import ratelimit
from django.conf import settings
from django.utils.cache import patch_cache_control


def may_try(request):
    """Count a try against the client address's rate limit (shared cache); False if exceeded."""
    return bool(
        ratelimit.consume(
            request,
            app="certificates",
            action="check",
            config={"check": settings.LMS_CERTIFICATE_VERIFY_RATE},
            limit_get=True,
        )
    )


def discreet(response):
    """Forbid search engines, caches and referrers."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    patch_cache_control(response, private=True, no_store=True)
    return response
