"""What protects a page on which anyone may read of somebody's training?"""

from allauth.core.internal import ratelimit
from django.conf import settings
from django.utils.cache import patch_cache_control


def may_try(request):
    """Guessing is slow work: so many tries a minute from one address, in the shared cache."""
    return bool(
        ratelimit.consume(
            request,
            app="certificates",
            action="check",
            config={"check": settings.CERTIFICATE_CHECKS},
            limit_get=True,
        )
    )


def discreet(response):
    """Found by no search engine, kept by no cache, told to no other site."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    patch_cache_control(response, private=True, no_store=True)
    return response
