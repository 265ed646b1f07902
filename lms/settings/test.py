"""Settings of the tests: fast hashing, static files as they stand, mail kept in memory."""

from .base import *  # noqa: F403
from .base import CONTENT_SECURITY_POLICY, STORAGES  # noqa: F401

SECRET_KEY = "tests-only-" + "x" * 50
DEVELOPMENT = True
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MAIL_DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
