"""Settings for production; refuse to start when incomplete or with anything for development."""

from django.core.exceptions import ImproperlyConfigured

from .base import *  # noqa: F403
from .base import ALLOWED_HOSTS, LMS_TRUSTED_PROXIES, SITE_URL, env

SECRET_KEY = env("SECRET_KEY", default="")
LMS_DEVELOPMENT = False
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("Set SECRET_KEY: at least 50 random characters.")
if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("Set ALLOWED_HOSTS: the names that this site answers to.")
if not SITE_URL.startswith("https://"):
    raise ImproperlyConfigured("Set SITE_URL: the site's own address, beginning with https://.")
if not LMS_TRUSTED_PROXIES.isdecimal():
    raise ImproperlyConfigured("Set LMS_TRUSTED_PROXIES: how many proxies are in front (0: none).")
for name in ("LMS_DEMONSTRATION_LOGINS", "DEBUG"):
    if env.bool(name, default=False):
        raise ImproperlyConfigured(f"{name} is for development only.")
if env("LMS_TEST_CLOCK_FILE", default=""):
    raise ImproperlyConfigured("LMS_TEST_CLOCK_FILE is for tests only.")
if not env.bool("LMS_SECOND_FACTOR_REQUIRED", default=True):
    raise ImproperlyConfigured("LMS_SECOND_FACTOR_REQUIRED cannot be turned off here.")

SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^healthz(/jobs)?$"]
SECURE_HSTS_SECONDS = env.number("HSTS_SECONDS", default=31536000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
# X_FRAME_OPTIONS is not DENY: the Wagtail admin shows page previews in a frame of this site.
SILENCED_SYSTEM_CHECKS = ["security.W019"]
