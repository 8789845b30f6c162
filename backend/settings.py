"""Every setting of the project. What differs between installations comes from the environment:

DATABASE_URL        the app's role (utfall_app): works on ordinary tables, only adds to history
DATABASE_OWNER_URL  the owner's role (utfall_owner): migrates; the web and the workers don't need it
BROKER_URL          redis://, unix:// (redis over a socket) or amqp://; without it messages stay in memory
SECRET_KEY          signs sessions
IDENTITY_KEYS       keys that identity numbers and second factors are encrypted with: id:key,id:key, the current first
IDENTITY_HASH_KEYS  other keys, through which identity numbers are found, written likewise
DEBUG               "1" while developing
ALLOWED_HOSTS       names of the site, separated by commas
DEMONSTRATION       "1" where invented data stand: officers with known passwords, and a simulated clock for runs
STAFF_MFA           "0" lets staff in without a second factor; by default they need one, but for a demonstration
OIDC_NAME           what the log-in page calls the city's own log-in; the next three belong to it
OIDC_SERVER         its address, below which /.well-known/openid-configuration stands; empty: there is none
OIDC_CLIENT_ID      as it knows this site
OIDC_SECRET         shared with it
OIDC_SECOND_FACTOR  "1" if it always asks for a second factor, which is then not asked for again here
TRUSTED_PROXIES     how many proxies stand before the web server, so that attempts are counted by the right address
MONTHLY_RUN_BY      username of the finance officer in whose name the calendar queues each month's run; empty: none
API_REQUESTS        how many requests a provider's system may make in a minute; 600 by default

Commands that need no database work with none of them set.
"""

import os
import re
from pathlib import Path
from typing import Any

import dj_database_url

BASE_DIR = Path(__file__).resolve().parent.parent


def env_flag(name: str, *, default: bool = False) -> bool:
    return os.environ.get(name, str(default)).lower() in {"1", "true", "yes"}


def env_list(name: str) -> list[str]:
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


def env_database(name: str) -> Any:
    """A database from its URL; without one Django's dummy, which refuses the first query."""
    url = os.environ.get(name)
    return dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True) if url else {}


DEBUG = env_flag("DEBUG")
DEMONSTRATION = env_flag("DEMONSTRATION")
SECRET_KEY = os.environ.get("SECRET_KEY", "")
IDENTITY_KEYS = os.environ.get("IDENTITY_KEYS", "")
IDENTITY_HASH_KEYS = os.environ.get("IDENTITY_HASH_KEYS", "")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS")
BROKER_URL = os.environ.get("BROKER_URL", "")
STAFF_MFA = env_flag("STAFF_MFA", default=not DEMONSTRATION)
MONTHLY_RUN_BY = os.environ.get("MONTHLY_RUN_BY", "")
API_REQUESTS = int(os.environ.get("API_REQUESTS", "600"))

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",  # so that widgets may have templates of ours
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django_tables2",
    "django_filters",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "oauth2_provider",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "backend.kernel",
    "providers",
    "contracts",
    "outcomes",
    "payouts",
    "scorecards",
    "backend.demonstration",
    "backend.benchmarks",
]

MIDDLEWARE = [
    "backend.kernel.request_ids.give_request_id",
    "django.middleware.security.SecurityMiddleware",
    "backend.kernel.headers.content_security_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "backend.kernel.language.chosen_language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "backend.kernel.second_factor.second_factor_for_staff",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "backend.urls"
WSGI_APPLICATION = "backend.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "backend.kernel.web.menu",
            ],
        },
    },
]

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {"default": env_database("DATABASE_URL"), "owner": env_database("DATABASE_OWNER_URL")}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"

AUTH_USER_MODEL = "kernel.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Accounts are made by administrators: nobody signs up, and nothing is sent by e-mail.
ACCOUNT_ADAPTER = "backend.kernel.accounts.Accounts"
ACCOUNT_FORMS = {"login": "backend.kernel.forms.LoginForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900  # seconds
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
MFA_ADAPTER = "backend.kernel.second_factor.SecondFactors"
MFA_TOTP_ISSUER = "Utfall"
USERSESSIONS_TRACK_ACTIVITY = False  # it would write at every page
SOCIALACCOUNT_ADAPTER = "backend.kernel.accounts.CityAccounts"
SOCIALACCOUNT_ONLY = False
OIDC_SERVER = os.environ.get("OIDC_SERVER", "")
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": "city",
                "name": os.environ.get("OIDC_NAME", ""),
                "client_id": os.environ.get("OIDC_CLIENT_ID", ""),
                "secret": os.environ.get("OIDC_SECRET", ""),
                "settings": {"server_url": OIDC_SERVER},
            }
        ]
        if OIDC_SERVER
        else []
    }
}
OIDC_SECOND_FACTOR = env_flag("OIDC_SECOND_FACTOR")
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("TRUSTED_PROXIES", "0"))

# Providers' systems use the API with short-lived tokens, of which only hashes are kept (docs/api.md).
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"
OAUTH2_PROVIDER = {
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.BackendApplicationServer",  # client credentials only
    "OAUTH2_VALIDATOR_CLASS": "providers.oauth.Clients",
    "SCOPES_BACKEND_CLASS": "providers.oauth.Scopes",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],  # nobody here is: a view must say more
    "DEFAULT_PARSER_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "backend.kernel.api.answer_problem",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Utfall",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_AUTHENTICATION": [],
    "POSTPROCESSING_HOOKS": ["backend.kernel.schema.add_documents"],
    "OAUTH2_FLOWS": ["clientCredentials"],
    "OAUTH2_TOKEN_URL": "/api/v1/token/",
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 2**20  # 10,000 facts in one request

CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "kernel_cache"}}

LANGUAGE_CODE = "sv"
LANGUAGES = [("sv", "Svenska"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "backend" / "locale"]
USE_TZ = True
TIME_ZONE = "Europe/Stockholm"

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "backend" / "static"]
STATIC_ROOT = BASE_DIR / "static" / "collected"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {  # in production file names carry a hash, so that browsers may keep them for ever
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG

DJANGO_TABLES2_TEMPLATE = "components/table.html"

_ORIGIN = re.compile(r"^https?://[^/]+")
# A browser may load nothing but what this site serves; forms go nowhere else and no other site may frame a page.
CONTENT_SECURITY_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": " ".join(["'self'", *_ORIGIN.findall(OIDC_SERVER)]),  # the city's log-in is reached from a form
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SECURE_SSL_REDIRECT = not DEBUG
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 0 if DEBUG else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEBUG

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "backend.kernel.request_ids.WithRequestId"}},
    "formatters": {"line": {"format": "%(levelname)s %(name)s [%(request_id)s] %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["request_id"], "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
