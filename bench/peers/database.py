"""PostgreSQL for a peer's settings, from DATABASE_URL as for ours. Standard library only: peers have other packages."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


def databases(**more: Any) -> dict[str, Any]:
    """Django's DATABASES; `more` is said of the one database besides."""
    url = urlsplit(os.environ["DATABASE_URL"])
    return {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": url.path.lstrip("/"),
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or ""),
            "HOST": url.hostname or parse_qs(url.query).get("host", [""])[0],
            "PORT": str(url.port or ""),
            "CONN_MAX_AGE": None,
            **more,
        }
    }
