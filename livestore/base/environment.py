"""Reading the environment: every bad or missing value is named in one clear sentence, all at once."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit


class BadEnvironment(Exception):
    """The environment can not be used; the message is one sentence for the person who starts the program."""


@dataclass
class Environment:
    """Typed access to environment variables that remembers what was wrong instead of failing at the first."""

    values: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    missing: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def text(self, name: str, default: str | None = None) -> str:
        value = self.values.get(name, "").strip()
        if value:
            return value
        if default is None:
            self.missing.append(name)
            return ""
        return default

    def secret(self, name: str, default: str | None = None) -> str:
        """A value, or the content of the file named by `NAME_FILE` (how container platforms hand over secrets)."""
        path = self.values.get(f"{name}_FILE", "").strip()
        if path:
            try:
                return Path(path).read_text(encoding="utf-8").strip()
            except OSError as problem:
                self.wrong.append(f"{name}_FILE can not be read ({problem.strerror})")
                return ""
        return self.text(name, default)

    def flag(self, name: str, default: bool) -> bool:
        value = self.values.get(name, "").strip().lower()
        if not value:
            return default
        if value in {"1", "true", "yes", "on"}:
            return True
        if value in {"0", "false", "no", "off"}:
            return False
        self.wrong.append(f"{name} must be true or false, not {value!r}")
        return default

    def number(self, name: str, default: int) -> int:
        value = self.values.get(name, "").strip()
        if not value:
            return default
        try:
            return int(value)
        except ValueError:
            self.wrong.append(f"{name} must be a whole number, not {value!r}")
            return default

    def words(self, name: str, default: str | None = None) -> list[str]:
        """A comma-separated list."""
        return [word.strip() for word in self.text(name, default).split(",") if word.strip()]

    def settle(self) -> None:
        """Raise `BadEnvironment` naming everything that is missing or wrong, or return."""
        sentences = []
        if self.missing:
            names = ", ".join(dict.fromkeys(self.missing))
            sentences.append(f"Set {names} in the environment")
        sentences += self.wrong
        if sentences:
            raise BadEnvironment("livestore can not start: " + "; ".join(sentences) + ".")


def database_from_url(url: str) -> dict[str, object]:
    """Django's DATABASES entry for a `postgresql://user:password@host:port/name?host=/socket/folder` URL."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise BadEnvironment("livestore can not start: DATABASE_URL must begin with postgresql://.")
    query = parse_qs(parts.query)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "livestore",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", [parts.hostname or ""])[0],
        "PORT": str(parts.port or ""),
    }


def valkey_database(url: str) -> int:
    """The database number of a redis URL: `?db=3`, or `/3` behind a host."""
    parts = urlsplit(url)
    number = parse_qs(parts.query).get("db", [""])[0]
    if not number and parts.scheme != "unix":
        number = parts.path.lstrip("/")
    return int(number or 0)


def with_valkey_database(url: str, number: int) -> str:
    """The same server, another database."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"{url.partition('?')[0]}?db={number}"
    return urlunsplit(parts._replace(path=f"/{number}"))
