"""Provide the WSGI application, preloaded before workers are forked."""

import gc
import os
import sys

gc.disable()  # While loading: lms/apps.py.

from django.core.exceptions import ImproperlyConfigured  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import get_resolver  # noqa: E402

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.production")
try:
    application = get_wsgi_application()
except ImproperlyConfigured as error:
    sys.exit(f"ImproperlyConfigured: {error}")

from lms.web.lock_timeout import limit_waiting  # noqa: E402

limit_waiting()
# Load the views before forking: the first access imports them.
get_resolver().url_patterns  # noqa: B018
# Exempt loaded objects from garbage collection, which need not scan them on every request.
gc.collect()
gc.freeze()
