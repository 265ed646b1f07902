"""Settings for development and the demonstration, never for the open internet."""

from .base import *  # noqa: F403
from .base import ALLOWED_HOSTS, STORAGES, env

SECRET_KEY = env("SECRET_KEY", default="development-only-" + "x" * 48)
DEBUG = env.bool("DEBUG", default=False)
DEVELOPMENT = True
ALLOWED_HOSTS = ALLOWED_HOSTS or ["127.0.0.1", "localhost", "[::1]"]
DEMONSTRATION_LOGINS = True
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=False)
# Mail is kept in the outbox and shown at /dev/mail/; nothing is sent.
MAIL_DELIVERY_BACKEND = env(
    "MAIL_DELIVERY_BACKEND", default="django.core.mail.backends.dummy.EmailBackend"
)
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
# Served in place: a build shows at once, and no collectstatic is needed.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
