"""Settings common to all environments; what differs comes from environment variables."""

import sys
from pathlib import Path

from lms.settings import files
from lms.settings.environment import Environment, make_folder
from lms.settings.renamed import refuse_old_variables

BASE_DIR = Path(__file__).resolve().parents[2]
env = Environment()
Environment.read_env(BASE_DIR / ".env")
refuse_old_variables()

DATA_DIR = make_folder("DATA_DIR", env("DATA_DIR", default=str(BASE_DIR / "data")))

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
    "elearning",  # after protocols, whose blocks its lessons use
    "certificates",
    "search",
    "agencies",
    "history",
    "lms",
    "wagtail.contrib.settings",
    "wagtail.contrib.typed_table_block",
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
    "django.contrib.sitemaps",
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
    "agencies.own_account.middleware.FragmentMiddleware",
    "agencies.own_account.middleware.NoStoreMiddleware",
    "agencies.own_account.devices.DeviceMiddleware",
    "agencies.own_account.middleware.SessionMiddleware",
    "agencies.own_account.kept_text_middleware.KeptTextMiddleware",
    "agencies.own_account.audit.AuditMiddleware",
    "agencies.middleware.SecondFactorMiddleware",
    "agencies.middleware.SignOutMiddleware",
    "agencies.own_account.middleware.ExportMiddleware",
    "protocols.editions.middleware.RefusalMiddleware",
    "protocols.back_office.secret_drafts.SecretDraftMiddleware",
    "lms.web.sites.SiteMiddleware",
    "lms.web.rate_limits.RateLimitMiddleware",
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
    # A pooler that hands out transactions (PgBouncer) gives each to another connection: nothing may
    # be kept on one, so no prepared statements, no cursors of the server and no pool of our own.
    LMS_DATABASE_POOLER = env.bool("LMS_DATABASE_POOLER", default=False)
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = LMS_DATABASE_POOLER
    # Prepare frequent statements once per connection: a rush of bookings is a sixth faster.
    prepare = env.number("LMS_DATABASE_PREPARE", default=0 if LMS_DATABASE_POOLER else 2)
    pool_max = env.number("DATABASE_POOL_MAX", default=0 if LMS_DATABASE_POOLER else 8)
    DATABASES["default"]["OPTIONS"] = DATABASES["default"].get("OPTIONS", {}) | {
        "server_side_binding": env.bool("LMS_DATABASE_SERVER_BINDING", default=True),
        "prepare_threshold": prepare or None,
    }
    if pool_max:
        DATABASES["default"]["OPTIONS"]["pool"] = {
            "min_size": env.number("DATABASE_POOL_MIN", default=1),
            "max_size": pool_max,
            "timeout": 20,
        }
    else:
        DATABASES["default"]["CONN_MAX_AGE"] = 60
# Seconds for which a request waits for a lock on PostgreSQL before it says "not saved, try again"
# (lms/web/lock_timeout.py); 0: without end. The worker and migrations wait.
LMS_WEB_LOCK_TIMEOUT = env.number("LMS_WEB_LOCK_TIMEOUT", default=3)
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
# Of one process: what is counted there is lost with it, and costs no query.
CACHES["memory"] = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "LOCATION": "memory",
    "OPTIONS": {"MAX_ENTRIES": 20_000},
}

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
    "add_email": "agencies.forms.AddAddressForm",
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
# Seconds for which a proof of who somebody is lets them change addresses and take files away.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 60 * 60
# Number of our own proxies, so that rate limits count by the client's address. Production asks.
LMS_TRUSTED_PROXIES = env("LMS_TRUSTED_PROXIES", default="").strip()
ALLAUTH_TRUSTED_PROXY_COUNT = int(LMS_TRUSTED_PROXIES) if LMS_TRUSTED_PROXIES.isdecimal() else 0
# By person first (key: an email address), by address generously: a training room has one.
ACCOUNT_RATE_LIMITS = {
    "login": "600/m/ip",
    "signup": "120/m/ip,1000/h/ip",
    "request_login_code": "600/m/ip",
    "code_to_address": "3/m/key",
    "login_failed": "100/m/ip,5/5m/key",
}
# Emails to one address because somebody typed it at signing in or signing up (h: hour, d: day).
LMS_ACCOUNT_EMAIL_RATE = env.rate("LMS_ACCOUNT_EMAIL_RATE", default="10/h/key,30/d/key")
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# For so many days merging two accounts can be undone.
LMS_MERGE_UNDO_DAYS = env.number("LMS_MERGE_UNDO_DAYS", default=30)
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = SITE_URL.split(":")[0]
MFA_ADAPTER = "agencies.signing_in.SecondFactorAdapter"
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
DEFAULT_FROM_EMAIL = env.address("FROM_EMAIL", default="training@board.example.org")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Model with the board's name and address for mails (a Wagtail site setting).
LMS_BOARD_MODEL = "agencies.Board"

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
# Idempotent functions without arguments: the worker runs them once a night.
LMS_NIGHTLY_JOBS = [
    "privacy.erasing.erase_what_is_due",
    "lms.storage.counting_cache.forget_expired",
    "lms.storage.strays.check_files",
    "courses.booking.nightly_checks.check_counters",
    "lms.registries.leavers.pass_on",
    "agencies.leaving.unproven.forget",
    "agencies.staff_list_review.ask_leads",
    "agencies.concern_contacts.remind_office",
    "courses.catalogue.provider_links.remind_office",
    "courses.scheduling.minimum_numbers.tell_office",
    "courses.scheduling.telling.compare",
    "courses.completion.prerequisites.tell_untold",
    "courses.completion.refreshing.tell_open",
    "elearning.learning.nightly.lapse",
    "elearning.learning.nightly.tell_unfinished",
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
    "protocols.editions.pdfs.make",
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
# Made by `collectstatic` from the checkout, so it belongs to that and not to DATA_DIR.
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(BASE_DIR / ".cache" / "static"))).resolve()
STATICFILES_DIRS = [("build", BASE_DIR / ".cache" / "front-end")]
(BASE_DIR / ".cache" / "front-end").mkdir(parents=True, exist_ok=True)
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
# Left out: folders of DATA_DIR. An object store lets several machines share all files.
if LMS_FILES_URL := env("LMS_FILES_URL", default=""):
    STORAGES = files.in_object_store(
        LMS_FILES_URL,
        key=env("AWS_ACCESS_KEY_ID", default=""),
        secret=env("AWS_SECRET_ACCESS_KEY", default=""),
        media_url=MEDIA_URL,
    )
else:
    STORAGES = files.in_folders(DATA_DIR)
STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
# Typefaces from npm, and the cache of their printable form and the board's logo: the only folder
# that certificate rendering may read from. Each machine has its own.
LMS_PRINTING_FONTS = BASE_DIR / "node_modules" / "@fontsource"
LMS_PRINTING_ASSETS = Path(
    env("LMS_PRINTING_FOLDER", default=str(BASE_DIR / ".cache" / "certificates"))
)
# Origin of the content host, on which packages made elsewhere are played: a sibling of the site's
# own host, and never the same. Left out: packages are off.
CONTENT_ORIGIN = env("CONTENT_ORIGIN", default="").rstrip("/")
CONTENT_PORT = env.number(
    "CONTENT_PORT", default=env.number("PORT", default=8000, least=1) + 1, least=1
)
# Rate limit of certificate verification: of a person who is signed in, else of an address.
LMS_CERTIFICATE_VERIFY_RATE = env.rate("LMS_CERTIFICATE_VERIFY_RATE", default="60/m/user,300/m/ip")
# Of searches, of files with lists or records, and of presses that book or cancel a place.
LMS_SEARCH_RATE = env.rate("LMS_SEARCH_RATE", default="120/m/user,1200/m/ip")
LMS_EXPORT_RATE = env.rate("LMS_EXPORT_RATE", default="120/h/user")
LMS_BOOKING_RATE = env.rate("LMS_BOOKING_RATE", default="60/h/user,200/d/user")
LMS_BOOKING_VIEWS = {
    "courses:book",
    "courses:cancel",
    "courses:answer_offer",
    "courses:give",
    "courses:agency_book",
    "courses:agency_cancel",
}
# How often somebody says where they work, of which the agency's lead gets an email.
LMS_JOINING_RATE = env.rate("LMS_JOINING_RATE", default="10/h/user,20/d/user")
# Bookings that name a manager whose address nobody confirmed, who gets an email of each: of one
# person (user), and of everybody (key).
LMS_UNCONFIRMED_MANAGER_RATE = env.rate(
    "LMS_UNCONFIRMED_MANAGER_RATE", default="5/h/user,10/d/user,30/h/key,60/d/key"
)
# Days after which an account whose email address was never proven is forgotten.
LMS_UNPROVEN_ACCOUNT_DAYS = env.number("LMS_UNPROVEN_ACCOUNT_DAYS", default=7, least=1)
# Megabytes that must be free on the disk with the data, or /healthz says "unavailable".
LMS_HEALTH_FREE_MB = env.number("LMS_HEALTH_FREE_MB", default=100)
# Rate limit of alert sign-ups for protocol changes: of an email address (key), of an IP address.
LMS_ALERT_SIGNUP_RATE = env.rate("LMS_ALERT_SIGNUP_RATE", default="10/h/key,200/h/ip")
# Path of a square PNG on white; without it a default logo is drawn.
LMS_BOARD_LOGO = env.file("LMS_BOARD_LOGO")

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
# Megabytes of a video or sound recording of an online module, at most.
LMS_RECORDING_MB = env.int("LMS_RECORDING_MB", default=200)
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
        "media-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    },
}
# Staff, trainers and leads are signed out so many hours after signing in, and when they have used
# nothing for so many minutes; others after 14 days.
LMS_SESSION_HOURS = env.number("LMS_SESSION_HOURS", default=12, least=1)
LMS_SESSION_IDLE_MINUTES = env.number("LMS_SESSION_IDLE_MINUTES", default=120, least=10)
# Forms of which no text is kept when their session had ended: they ask what somebody needs.
LMS_NEVER_KEPT_VIEWS = {"courses:pre_course"}
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
    "filters": {
        "hides_links": {"()": "lms.logs.HidesLinks"},
        "no_traceback_of_a_refusal": {"()": "lms.logs.NoTracebackOfARefusal"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "stream": sys.stderr,
            "formatter": "line",
            "filters": ["hides_links", "no_traceback_of_a_refusal"],
        }
    },
    "loggers": {name: {"level": "WARNING"} for name in ("fontTools", "wagtail", "xhtml2pdf")},
    "root": {"handlers": ["console"], "level": env.log_level("LOG_LEVEL", default="INFO")},
}
