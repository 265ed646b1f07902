"""Provide the WSGI application, preloaded before workers are forked."""

import gc
import os
import sys
from pathlib import Path

gc.disable()  # While loading: lms/apps.py.

from django.core.exceptions import ImproperlyConfigured  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.template.loader import get_template  # noqa: E402
from django.urls import get_resolver  # noqa: E402

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.production")
try:
    application = get_wsgi_application()
except ImproperlyConfigured as error:
    sys.exit(f"ImproperlyConfigured: {error}")

import wagtail.admin  # noqa: E402
from django.conf import settings  # noqa: E402
from django.utils import timezone  # noqa: E402
from wagtail.admin import icons  # noqa: E402
from wagtail.admin.menu import admin_menu, reports_menu, settings_menu  # noqa: E402

from lms.web.lock_timeout import limit_waiting  # noqa: E402
from lms.working_days import is_working_day  # noqa: E402

limit_waiting()

# What each process would load with its first pages, a quarter of a second, is loaded before
# forking, without a database: views, templates, the back office's menus and icons, bank holidays.
OURS = settings.BASE_DIR / "templates"
WAGTAILS = Path(wagtail.admin.__file__).parent / "templates"


def load_with_the_first_pages():
    get_resolver().url_patterns  # noqa: B018
    for menu in (admin_menu, settings_menu, reports_menu):
        menu.registered_menu_items  # noqa: B018
    icons.get_icon_sprite_url()
    is_working_day(timezone.localdate())
    parts = [WAGTAILS.glob(f"wagtailadmin/{part}") for part in ("*.html", "shared/**/*.html")]
    for folder, paths in ((OURS, OURS.rglob("*.html")), *((WAGTAILS, part) for part in parts)):
        for path in paths:
            get_template(str(path.relative_to(folder)))


load_with_the_first_pages()
# Exempt loaded objects from garbage collection, which need not scan them on every request.
gc.collect()
gc.freeze()
