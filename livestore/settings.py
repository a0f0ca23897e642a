"""One settings module, driven by the environment.

LIVESTORE_MODE  demo | test | production (production when unset, so that nothing insecure starts by accident)
DATABASE_URL, REDIS_URL, SECRET_KEY  always; ALLOWED_HOSTS, LIVESTORE_ORIGINS, LIVESTORE_WEBHOOK_SECRET in production
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.urls import reverse_lazy

from livestore.base.environment import (
    BadEnvironment,
    Environment,
    database_from_url,
    valkey_database,
    with_valkey_database,
)

ROOT = Path(__file__).resolve().parent.parent
env = Environment()

MODE = env.text("LIVESTORE_MODE", "production")
if MODE not in {"demo", "test", "production"}:
    env.wrong.append("LIVESTORE_MODE must be demo, test or production")
DEMO = MODE in {"demo", "test"}  # tickets, demo logins and simulated people exist only here
PRODUCTION = not DEMO

SECRET_KEY = env.secret(
    "SECRET_KEY", None if PRODUCTION else "only-for-demo-and-tests-" + "0123456789" * 4
)
DATABASE_URL = env.secret("DATABASE_URL")
REDIS_URL = env.secret("REDIS_URL")
ALLOWED_HOSTS = env.words(
    "ALLOWED_HOSTS", None if PRODUCTION else "127.0.0.1,localhost,[::1],testserver"
)
if MODE == "test" and (worker := env.text("PYTEST_XDIST_WORKER", "")):
    # Tests that run side by side have a Valkey database each, as they have a PostgreSQL database each.
    REDIS_URL = with_valkey_database(REDIS_URL, int(worker.removeprefix("gw")) + 1)
# Publications do not know database numbers: their channels carry it, so that two installations may share a server.
PUBLISH_SPACE = f"db{valkey_database(REDIS_URL)}" if REDIS_URL else ""
# Exact scheme://host:port of every page that may open a room; the only origins a WebSocket accepts.
ORIGINS = env.words(
    "LIVESTORE_ORIGINS", None if PRODUCTION else "http://127.0.0.1:8000,http://localhost:8000"
)
# Where this installation reaches itself, for the simulated gateway's webhooks.
INTERNAL_URL = env.text(
    "LIVESTORE_INTERNAL_URL", ORIGINS[0] if ORIGINS else "http://127.0.0.1:8000"
)
WEBHOOK_SECRET = env.secret(
    "LIVESTORE_WEBHOOK_SECRET",
    None if PRODUCTION else hashlib.sha256(f"webhooks:{SECRET_KEY}".encode()).hexdigest(),
)
DATA = Path(env.text("LIVESTORE_DATA", str(ROOT / ".livestore")))
BEHIND_TLS = env.flag("LIVESTORE_BEHIND_TLS", PRODUCTION)
# Orders are taken ahead of Django (livestore.thin); 0 sends them all through it, with the same answers.
THIN_ORDERS = env.flag("LIVESTORE_THIN_ORDERS", True)
# Rooms take plain TCP sockets over from the web server (docs/adr/0008); 0 leaves them with it, with the same answers.
FAST_SOCKETS = env.flag("LIVESTORE_FAST_SOCKETS", True)
# All commands of one socket in a room: so many at once, then so many a second (a load test lifts this).
COMMANDS_BURST = env.number("LIVESTORE_COMMANDS_BURST", 20)
COMMANDS_RATE = env.number("LIVESTORE_COMMANDS_RATE", 5)
# What Prometheus shows to read /metrics; without one production has no such page.
METRICS_TOKEN = env.secret("LIVESTORE_METRICS_TOKEN", "")
LOG_FORMAT = env.text("LOG_FORMAT", "json" if PRODUCTION else "lines")
if LOG_FORMAT not in {"json", "lines"}:
    env.wrong.append("LOG_FORMAT must be json or lines")
TRUSTED_PROXIES = env.number("LIVESTORE_TRUSTED_PROXIES", 1 if PRODUCTION else 0)
env.settle()
if PRODUCTION and (len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5):
    raise BadEnvironment(
        "livestore can not start: SECRET_KEY must be at least 50 random characters."
    )

DEBUG = False
DATABASES: dict[str, Any] = {
    "default": database_from_url(DATABASE_URL)
    | {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True, "TEST": {"NAME": None}}
}
if env.flag("LIVESTORE_DATABASE_POOL", False):
    # Set by the web processes: under ASGI every request of a sync view has a thread of its own, which would
    # otherwise open, and leave behind, a connection of its own.
    DATABASES["default"] |= {
        "CONN_MAX_AGE": 0,
        "OPTIONS": {"pool": {"min_size": 2, "max_size": 20, "timeout": 10}},
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "channels",
    "livestore.base",
    "livestore",
    "accounts",
    "shop",
    "streams",
    "rehearsal",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "livestore.pages.ContentSecurityPolicy",
]
ROOT_URLCONF = "livestore.urls"
ASGI_APPLICATION = "livestore.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "livestore" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "livestore.pages.everywhere",
            ],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
if MODE == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = ROOT / "staticfiles" if PRODUCTION else None
STATICFILES_DIRS = [ROOT / "livestore" / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA / "media"

# The picture. Parts wait in Valkey for less than a minute; a big house gives them a Valkey without persistence.
VIDEO_REDIS_URL = env.secret("VIDEO_REDIS_URL", REDIS_URL)
VIDEO_ROOT = DATA / "video"
VIDEO_DISK_MB = int(env.text("VIDEO_DISK_MB", "4096"))
# A 360p rendition beside the source: "auto" where the machine has at least four cores, "on", "off".
VIDEO_SMALL = env.text("VIDEO_SMALL", "auto")
# How many shows one `manage.py camera` films at once; each takes a tenth of a core.
CAMERA_SHOWS = int(env.text("CAMERA_SHOWS", "4"))
# Where OBS and other senders come in; 0 where `manage.py rtmp` does not run.
RTMP_PORT = int(env.text("LIVESTORE_RTMP_PORT", "0"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# In the demo and in tests static files are served from the sources, without a collect step; they are looked at
# anew each time, so that somebody who edits one sees it (a changed length would otherwise hang the answer).
WHITENOISE_USE_FINDERS = DEMO
WHITENOISE_AUTOREFRESH = DEMO
WHITENOISE_MAX_AGE = 3600 if PRODUCTION else 0

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        # redis-py 8 gives up a silent socket after 5 s; a subscription is silent for hours.
        "CONFIG": {
            "hosts": [{"address": REDIS_URL, "socket_timeout": None}],
            "prefix": f"{PUBLISH_SPACE}:direct",
        },
    }
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
    }
}


def _broker(url: str) -> str:
    """Celery's spelling of a redis URL: `redis+socket://` for a unix socket, `virtual_host` for the database."""
    if not url.startswith("unix://"):
        return url
    path, _, query = url.removeprefix("unix://").partition("?")
    return f"redis+socket://{path}" + (f"?{query.replace('db=', 'virtual_host=')}" if query else "")


CELERY = {
    "broker_url": _broker(REDIS_URL),
    "result_backend": None,
    "task_ignore_result": True,
    "task_acks_late": True,
    "task_default_queue": "livestore",
    "worker_prefetch_multiplier": 4,
    "broker_connection_retry_on_startup": True,
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    "broker_transport_options": {
        "visibility_timeout": 60,
        "socket_timeout": None,
        "socket_keepalive": True,
        "health_check_interval": 10,
        "global_keyprefix": "celery:",
    },
    "worker_hijack_root_logger": False,
    "timezone": "UTC",
}

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = ORIGINS
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
if BEHIND_TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$", r"^api/v1/payments/webhook$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "livestore.base.logs.JsonFormatter"},
        "lines": {"()": "livestore.base.logs.LineFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "daphne": {"level": "WARNING"},
        "aiohttp.access": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
        # A page of traceback every second while Valkey is away; streams.room.direct says it in one line.
        "channels_redis": {"level": "CRITICAL"},
    },
}


def _place(title: str, icon: str, address: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(address)}


UNFOLD = {
    "SITE_TITLE": "livestore",
    "SITE_HEADER": "livestore",
    "SITE_SUBHEADER": "the shop behind the show",
    "SITE_SYMBOL": "storefront",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "/static/icon.svg"}],
    "SITE_URL": "/",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "10px",
    "DASHBOARD_CALLBACK": "livestore.dashboard.today",
    "COLORS": {
        "primary": {
            "50": "#FFF4F1", "100": "#FFE5DE", "200": "#FFCCBF", "300": "#FFA893", "400": "#FF7D5E",
            "500": "#F0532D", "600": "#CF3F1B", "700": "#AD3213", "800": "#8A2A14", "900": "#6F2615",
            "950": "#3D1006",
        },
        "base": {
            "50": "#FBF9F6", "100": "#F4F1EC", "200": "#E8E3DB", "300": "#D5CEC3", "400": "#A69E92",
            "500": "#787067", "600": "#585149", "700": "#403A34", "800": "#292521", "900": "#1A1714",
            "950": "#0F0D0B",
        },
    },
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": [
            {
                "items": [
                    _place("Today", "today", "admin:index"),
                    _place("Operations", "monitor_heart", "operations")
                    | {"permission": "livestore.operations.may_see"},
                    _place("Orders", "receipt_long", "admin:shop_order_changelist"),
                    _place("Payments", "credit_card", "admin:shop_payment_changelist"),
                ]
            },
            {
                "title": "Catalogue",
                "separator": True,
                "items": [
                    _place("Products", "styler", "admin:shop_product_changelist"),
                    _place("Categories", "category", "admin:shop_category_changelist"),
                    _place("Stock", "inventory_2", "admin:shop_stock_changelist"),
                    _place("Movements", "sync_alt", "admin:shop_movement_changelist"),
                    _place("Holds", "lock_clock", "admin:shop_hold_changelist"),
                    _place("Offers", "sell", "admin:shop_offer_changelist"),
                ],
            },
            {
                "title": "On air",
                "separator": True,
                "items": [_place("Shows", "live_tv", "admin:streams_show_changelist")],
            },
            {
                "title": "People",
                "separator": True,
                "items": [
                    _place("Everybody", "group", "admin:accounts_user_changelist"),
                    _place("Groups", "shield_person", "admin:auth_group_changelist"),
                    _place("API tokens", "key", "admin:accounts_apitoken_changelist"),
                ],
            },
        ],
    },
}  # fmt: skip
