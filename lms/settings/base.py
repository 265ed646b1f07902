"""Settings common to all environments; what differs comes from environment variables."""

import sys
from pathlib import Path

import environ

from lms.settings.renamed import refuse_old_variables

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")
refuse_old_variables()

DATA_DIR = Path(env("DATA_DIR", default=str(BASE_DIR / "data"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)

SITE_URL = env("SITE_URL", default=f"http://127.0.0.1:{env('PORT', default='8000')}").rstrip("/")
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
DEBUG = False

INSTALLED_APPS = [
    "home",
    "record",
    "privacy",
    "assurance",
    "courses",
    "protocols",
    "certificates",
    "search",
    "agencies",
    "history",
    "lms",
    "wagtail.contrib.settings",
    "wagtail.contrib.table_block",
    "wagtail.embeds",
    "wagtail.sites",
    "agencies.apps.PeopleConfig",  # wagtail.users
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_tasks_db",
    "django_htmx",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "lms.web.probes.ProbeMiddleware",
    "lms.web.faults.FaultMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "agencies.middleware.SecondFactorMiddleware",
    "agencies.middleware.SignOutMiddleware",
    "protocols.editions.middleware.RefusalMiddleware",
    "lms.web.sites.SiteMiddleware",
]

ROOT_URLCONF = "lms.urls"
WSGI_APPLICATION = "lms.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
            ],
            "builtins": ["lms.templatetags.ui"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# A page that only reads takes no write lock: no ATOMIC_REQUESTS. What writes begins IMMEDIATE on
# SQLite, so that two writers queue for 20 seconds rather than fail (docs/decisions/0002).
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'lms.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
    # Keep connections open: opening the file took a seventh of each request.
    DATABASES["default"]["CONN_MAX_AGE"] = 60
else:
    # Look at each connection before a request has it: after a restart of PostgreSQL those that the
    # pool kept are dead.
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"] = DATABASES["default"].get("OPTIONS", {}) | {
        "pool": {
            "min_size": env.int("DATABASE_POOL_MIN", default=1),
            "max_size": env.int("DATABASE_POOL_MAX", default=8),
            "timeout": 20,
        },
        # Prepare frequent statements once per connection: a rush of bookings is a sixth faster.
        "server_side_binding": True,
        "prepare_threshold": 2,
    }
# Seconds for which a request waits for a lock on PostgreSQL before it says "not saved, try again"
# (lms/web/lock_timeout.py); 0: without end. The worker and migrations wait.
LMS_WEB_LOCK_TIMEOUT = env.int("LMS_WEB_LOCK_TIMEOUT", default=3)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Shared by all processes, because rate limits are counted in it.
CACHES = {
    "default": env.cache("CACHE_URL", default="dbcache://cache"),
}
if CACHES["default"]["BACKEND"] == "django.core.cache.backends.db.DatabaseCache":
    CACHES["default"]["BACKEND"] = "lms.storage.counting_cache.CountingCache"
    # Django's 300 forget an address within seconds of a busy day. Above these, what is over goes
    # first, and a twentieth of the rest only if that is not enough.
    CACHES["default"]["OPTIONS"] = {"MAX_ENTRIES": 200_000, "CULL_FREQUENCY": 20} | CACHES[
        "default"
    ].get("OPTIONS", {})

AUTH_USER_MODEL = "agencies.Person"
AUTHENTICATION_BACKENDS = ["agencies.signing_in.PersonBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/my/"
ACCOUNT_ADAPTER = "agencies.signing_in.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "agencies.forms.SignInForm",
    "request_login_code": "agencies.forms.RequestCodeForm",
    "signup": "agencies.forms.SignUpForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
# Long enough for mail delayed by the filters of an NHS trust or a police force.
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_SIGNUP_REDIRECT_URL = "/welcome/"
ACCOUNT_EMAIL_CONFIRMATION_AUTHENTICATED_REDIRECT_URL = "/accounts/email/"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 5
# Number of our own proxies, so that rate limits count by the client's address. Production asks.
LMS_TRUSTED_PROXIES = env("LMS_TRUSTED_PROXIES", default="").strip()
ALLAUTH_TRUSTED_PROXY_COUNT = int(LMS_TRUSTED_PROXIES) if LMS_TRUSTED_PROXIES.isdecimal() else 0
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# For so many days merging two accounts can be undone.
LMS_MERGE_UNDO_DAYS = env.int("LMS_MERGE_UNDO_DAYS", default=30)
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = SITE_URL.split(":")[0]
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = env("LMS_SECOND_FACTOR_ISSUER", default="Safeguarding training")
# Staff without a second factor must set one up before anything else in /cms/.
LMS_SECOND_FACTOR_REQUIRED = True
# Lets people made by `manage.py demo` sign in; only ever in development.
LMS_DEMONSTRATION_LOGINS = False

# The worker sends mail from the outbox (lms.mail) through LMS_MAIL_DELIVERY_BACKEND to EMAIL_URL.
EMAIL_BACKEND = "lms.mail.outbox.OutboxBackend"
LMS_MAIL_DELIVERY_BACKEND = "lms.mail.smtp.SmtpBackend"
vars().update(env.email("EMAIL_URL", default="smtp://127.0.0.1:25", backend=EMAIL_BACKEND))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env("FROM_EMAIL", default="training@board.example.org")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Model with the board's name and address for mails (a Wagtail site setting).
LMS_BOARD_MODEL = "agencies.Board"

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
# Idempotent functions without arguments: the worker runs them once a night.
LMS_NIGHTLY_JOBS = [
    "privacy.erasing.erase_what_is_due",
    "courses.booking.nightly_checks.check_counters",
    "lms.registries.leavers.pass_on",
    "agencies.staff_list_review.ask_leads",
    "agencies.concern_contacts.remind_office",
    "courses.scheduling.minimum_numbers.tell_office",
    "courses.scheduling.telling.compare",
    "courses.completion.prerequisites.tell_untold",
    "certificates.telling.tell_ends",
    "protocols.cascade.reminders.chase",
    "protocols.approval.reminders.chase",
    "protocols.editions.reviews.tell_owners",
    "search.indexer.forget_terms",
]
# Idempotent functions without arguments, run about once a minute by one worker at a time, in
# small transactions. One that returns True has more to do and goes on after mail and others.
LMS_PERIODIC_JOBS = [
    "courses.booking.outage.keep_offers",
    "courses.booking.outage.ask_again",
    "courses.booking.expiry.lapse_offers",
    "courses.booking.expiry.pursue_requests",
    "courses.booking.expiry.release_reserves",
    "courses.booking.expiry.offer_again",
    "courses.scheduling.reminders.remind",
    "courses.scheduling.trainers.send_packs",
    "courses.scheduling.telling.tell_again",
    "courses.evaluation.evaluation.remind",
    "courses.evaluation.evaluation.invite_later",
    "courses.completion.awarding.award_again",
    "protocols.readers.alerts.send",
    "protocols.editions.scheduling.publish_due",
    "search.indexer.sync",
    "lms.jobs.nightly.try_again",
]
# Run when the mail server answers after an outage, before the mail that waited is sent.
LMS_MAIL_IS_BACK_JOBS = [
    "courses.booking.outage.keep_offers",
    "courses.booking.outage.ask_again",
]

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [("build", BASE_DIR / ".cache" / "front-end")]
(BASE_DIR / ".cache" / "front-end").mkdir(parents=True, exist_ok=True)
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    # Never below MEDIA_ROOT: certificates are served by their view, to those who may see them.
    "certificates": {
        "BACKEND": "lms.storage.durable_files.DurableFileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "certificates", "base_url": None},
    },
    # Uploaded evidence of external training: also never below MEDIA_ROOT.
    "evidence": {
        "BACKEND": "lms.storage.durable_files.DurableFileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "evidence", "base_url": None},
    },
    # Course handouts: also never below MEDIA_ROOT.
    "materials": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "materials", "base_url": None},
    },
    # Documents and pictures of protocol editions: also never below MEDIA_ROOT.
    "editions": {
        "BACKEND": "lms.storage.durable_files.DurableFileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "editions", "base_url": None},
    },
}
# Typefaces from npm, and the cache of their printable form and the board's logo: the only folder
# that certificate rendering may read from.
LMS_PRINTING_FONTS = BASE_DIR / "node_modules" / "@fontsource"
LMS_PRINTING_ASSETS = BASE_DIR / ".cache" / "certificates"
# Rate limit of certificate verification, per IP address.
LMS_CERTIFICATE_VERIFY_RATE = env("LMS_CERTIFICATE_VERIFY_RATE", default="30/m/ip")
# Megabytes that must be free on the disk with the data, or /healthz says "unavailable".
LMS_HEALTH_FREE_MB = env.int("LMS_HEALTH_FREE_MB", default=100)
# Rate limit of alert sign-ups for protocol changes, per IP address.
LMS_ALERT_SIGNUP_RATE = env("LMS_ALERT_SIGNUP_RATE", default="10/h/ip")
# Path of a square PNG on white; without it a default logo is drawn.
LMS_BOARD_LOGO = env("LMS_BOARD_LOGO", default="")

WAGTAIL_SITE_NAME = env("LMS_BOARD_NAME", default="Safeguarding Children Board")
WAGTAILADMIN_BASE_URL = SITE_URL
WAGTAILADMIN_LOGIN_URL = LOGIN_URL
WAGTAIL_FRONTEND_LOGIN_URL = "/accounts/login/"
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_WORKFLOW_ENABLED = True
WAGTAIL_FINISH_WORKFLOW_ACTION = "protocols.approval.workflow_steps.put_in_force"
# Edits after an approval need a new approval.
WAGTAIL_WORKFLOW_REQUIRE_REAPPROVAL_ON_EDIT = True
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "lms.search_backend"}}
WAGTAIL_ALLOW_UNICODE_SLUGS = False
WAGTAILEMBEDS_FINDERS: list[dict[str, str]] = []
# Allowed uploads, served as downloads so that they never run on our origin.
WAGTAILDOCS_EXTENSIONS = [
    "csv", "docx", "odp", "ods", "odt", "pdf", "pptx", "rtf", "txt", "xlsx",
]  # fmt: skip
WAGTAILDOCS_MAX_UPLOAD_SIZE = 20 * 1024**2
WAGTAILDOCS_DOCUMENT_FORM_BASE = "lms.web.uploads.DocumentForm"
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILDOCS_INLINE_CONTENT_TYPES: list[str] = []
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpeg", "jpg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024**2
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 50_000_000  # 200 MB in memory at most
WAGTAILIMAGES_IMAGE_FORM_BASE = "lms.web.uploads.PictureForm"
# One time zone and language for all: an office that types 09:30 means local time.
WAGTAIL_USER_TIME_ZONES = [TIME_ZONE]
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
WAGTAIL_DATE_FORMAT = "%d/%m/%Y"
WAGTAIL_DATETIME_FORMAT = "%d/%m/%Y %H:%M"
WAGTAIL_TIME_FORMAT = "%H:%M"

# Excludes the Wagtail admin, whose own pages and previews need inline scripts.
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ["/cms/"],
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    },
}
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
SILENCED_SYSTEM_CHECKS: list[str] = []
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"hides_links": {"()": "lms.logs.HidesLinks"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "stream": sys.stderr,
            "formatter": "line",
            "filters": ["hides_links"],
        }
    },
    "loggers": {name: {"level": "WARNING"} for name in ("fontTools", "wagtail", "xhtml2pdf")},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
}
