"""The environment names everything that is wrong in one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from livestore.base.environment import (
    BadEnvironment,
    Environment,
    database_from_url,
    valkey_database,
    with_valkey_database,
)


def test_all_missing_settings_are_named_at_once() -> None:
    env = Environment(values={})
    env.text("SECRET_KEY")
    env.text("DATABASE_URL")
    env.number("PORT", 1)
    with pytest.raises(BadEnvironment, match=r"Set SECRET_KEY, DATABASE_URL in the environment\."):
        env.settle()


def test_a_wrong_flag_and_a_wrong_number_are_named_with_their_values() -> None:
    env = Environment(values={"DEBUG": "maybe", "PORT": "http"})
    env.flag("DEBUG", False)
    env.number("PORT", 80)
    with pytest.raises(BadEnvironment, match=r"DEBUG must be true or false.*PORT must be a whole"):
        env.settle()


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("swordfish\n")
    env = Environment(values={"SECRET_KEY_FILE": str(tmp_path / "key")})
    assert env.secret("SECRET_KEY") == "swordfish"
    env.settle()


def test_a_socket_folder_in_the_database_url_is_the_host() -> None:
    entry = database_from_url("postgresql://livestore@/shop?host=/run/pg")
    assert (entry["HOST"], entry["NAME"], entry["USER"]) == ("/run/pg", "shop", "livestore")


def test_another_database_is_refused() -> None:
    with pytest.raises(BadEnvironment, match="postgresql://"):
        database_from_url("sqlite:///file.db")


@pytest.mark.parametrize(
    ("url", "number"),
    [
        ("unix:///run/valkey.sock", 0),
        ("unix:///run/valkey.sock?db=3", 3),
        ("redis://cache:6379", 0),
        ("redis://cache:6379/5", 5),
    ],
)
def test_the_database_number_of_a_valkey_url_can_be_read_and_changed(url: str, number: int) -> None:
    assert valkey_database(url) == number
    assert valkey_database(with_valkey_database(url, 9)) == 9
    assert with_valkey_database(url, 9).startswith(url.partition("?")[0].removesuffix("/5"))


def _django(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "django", *arguments],
        env=clean | {"DJANGO_SETTINGS_MODULE": "livestore.settings"} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_production_without_settings_says_which_are_missing() -> None:
    answer = _django("check")
    assert answer.returncode != 0
    last = answer.stderr.strip().splitlines()[-1]
    for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS", "LIVESTORE_ORIGINS"):
        assert name in last


PRODUCTION = {
    "LIVESTORE_MODE": "production",
    "SECRET_KEY": "x7Qm2kVf9pLz4Tn8Rw1Yb6Hc3Jd5Gs0AuEoIiKlMnBvCxZqWeRtYu",
    "DATABASE_URL": "postgresql://livestore@db/livestore",
    "REDIS_URL": "redis://valkey:6379/0",
    "ALLOWED_HOSTS": "shop.example",
    "LIVESTORE_ORIGINS": "https://shop.example",
    "LIVESTORE_WEBHOOK_SECRET": "a-long-webhook-secret-of-its-own",
}


def test_the_deployment_check_is_clean_in_production() -> None:
    answer = _django("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert answer.returncode == 0, answer.stderr
    assert "no issues" in answer.stdout


@pytest.mark.parametrize("weak", ["short", "a" * 60])
def test_a_weak_secret_key_is_refused_in_production(weak: str) -> None:
    answer = _django("check", **(PRODUCTION | {"SECRET_KEY": weak}))
    assert answer.returncode != 0
    assert "SECRET_KEY must be at least 50 random characters" in answer.stderr


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["tickets", "--show", "any", "--count", "1"], "only made in the demo"),
        (["seed"], "demo mode"),
        (["mock_show"], "demo mode"),
    ],
)
def test_demo_commands_are_refused_in_production(command: list[str], sentence: str) -> None:
    answer = _django(*command, **PRODUCTION)
    assert answer.returncode != 0
    assert sentence in answer.stderr
