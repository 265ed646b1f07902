"""Settings for development and the demonstration, never for the open internet."""

from .base import *  # noqa: F403
from .base import ALLOWED_HOSTS, CONTENT_ORIGIN, CONTENT_PORT, STORAGES, env

SECRET_KEY = env("SECRET_KEY", default="development-only-" + "x" * 48)
DEBUG = env.bool("DEBUG", default=False)
LMS_DEVELOPMENT = True
ALLOWED_HOSTS = ALLOWED_HOSTS or ["127.0.0.1", "localhost", "[::1]"]
# A second port will do here, although it shares the site's cookies.
CONTENT_ORIGIN = CONTENT_ORIGIN or f"http://127.0.0.1:{CONTENT_PORT}"
LMS_DEMONSTRATION_LOGINS = True
LMS_SECOND_FACTOR_REQUIRED = env.bool("LMS_SECOND_FACTOR_REQUIRED", default=False)
# Mail is kept in the outbox and shown at /dev/mail/; nothing is sent.
LMS_MAIL_DELIVERY_BACKEND = env(
    "LMS_MAIL_DELIVERY_BACKEND", default="django.core.mail.backends.dummy.EmailBackend"
)
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
# Served in place: a build shows at once, and no collectstatic is needed.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
