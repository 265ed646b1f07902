"""Provide the WSGI application, preloaded before workers are forked."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.production")
application = get_wsgi_application()
# Load the views before forking: the first access imports them.
get_resolver().url_patterns  # noqa: B018
# Exempt loaded objects from garbage collection, which need not scan them on every request.
gc.collect()
gc.freeze()
