"""How does a web server reach the site?"""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.production")
application = get_wsgi_application()
# Loaded once, for all the processes that are forked from here: the views, with the first look.
get_resolver().url_patterns  # noqa: B018
# What is loaded by now stays: the collector need not walk through it with every page.
gc.collect()
gc.freeze()
