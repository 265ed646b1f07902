"""Provide the WSGI application of the content host: its addresses alone, and no cookie.

A process of its own: the settings below are changed in this process only, once applications that
ask for middleware of the site's are ready.
"""

import os
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.production")
django.setup(set_prefix=False)

from lms.web.lock_timeout import limit_waiting  # noqa: E402

settings.ROOT_URLCONF = "elearning.playing.content_urls"
settings.MIDDLEWARE = ["django.middleware.security.SecurityMiddleware"]
if host := urlsplit(settings.CONTENT_ORIGIN).hostname:
    settings.ALLOWED_HOSTS = [host]
application = WSGIHandler()
limit_waiting()
