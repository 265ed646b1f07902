"""Provide the WSGI application of the content host: its addresses alone, and no cookie.

A process of its own: the settings below are changed in this process only.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from lms.web.lock_timeout import limit_waiting

settings.ROOT_URLCONF = "elearning.playing.content_urls"
settings.MIDDLEWARE = ["django.middleware.security.SecurityMiddleware"]
if host := urlsplit(settings.CONTENT_ORIGIN).hostname:
    settings.ALLOWED_HOSTS = [host]
application = get_wsgi_application()
limit_waiting()
