"""Settings for the tests: fast hashing, unhashed static files, mail kept in memory."""

from .base import *  # noqa: F403
from .base import CACHES, CONTENT_ORIGIN, STORAGES, env

SECRET_KEY = "tests-only-" + "x" * 50
LMS_DEVELOPMENT = True
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
CONTENT_ORIGIN = CONTENT_ORIGIN or "http://modules.localhost"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LMS_MAIL_DELIVERY_BACKEND = env(
    "LMS_MAIL_DELIVERY_BACKEND", default="django.core.mail.backends.locmem.EmailBackend"
)
MEMORY = "django.core.cache.backends.locmem.LocMemCache"
# A served site counts tries as in production; within one process memory will do.
CACHES = CACHES if env("CACHE_URL", default="") else CACHES | {"default": {"BACKEND": MEMORY}}
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
# Look static files up one by one: indexing them all suits a server, not each test client.
WHITENOISE_AUTOREFRESH = env.bool("WHITENOISE_AUTOREFRESH", default=True)

# Each process of a served site reads its time from this file, which a test writes.
if LMS_TEST_CLOCK_FILE := env("LMS_TEST_CLOCK_FILE", default=""):
    from tests.clock import SharedClock, follow

    follow(SharedClock(LMS_TEST_CLOCK_FILE, skew=env.int("LMS_TEST_CLOCK_SKEW", default=0) * 10**9))
