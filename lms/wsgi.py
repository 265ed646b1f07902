"""How does a web server reach the site?"""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.production")
application = get_wsgi_application()
# What is loaded by now stays: the collector need not walk through it with every page.
gc.collect()
gc.freeze()
