"""The prelude: when `.venv` is good enough, and what uv is told of pip's settings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from livestore import bootstrap
from livestore.stack.table import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose `.venv` was completely installed for the runtime lock."""
    (tmp_path / "requirements.txt").write_text("django==5.2.19 --hash=sha256:00\n")
    (tmp_path / "requirements-dev.txt").write_text("pytest==9.2.0 --hash=sha256:00\n")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    (tmp_path / ".venv" / bootstrap.STAMP).write_text(bootstrap.fingerprint(tmp_path, False) + "\n")
    return tmp_path


def test_a_complete_environment_is_used_as_it_is(checkout: Path) -> None:
    assert bootstrap.is_fresh(checkout, dev=False)


def test_the_tests_need_more_than_the_demo(checkout: Path) -> None:
    assert not bootstrap.is_fresh(checkout, dev=True)


def test_a_changed_lock_is_installed_again(checkout: Path) -> None:
    (checkout / "requirements.txt").write_text("django==5.2.20 --hash=sha256:00\n")
    assert not bootstrap.is_fresh(checkout, dev=False)


def test_an_interrupted_install_is_not_trusted(checkout: Path) -> None:
    (checkout / ".venv" / bootstrap.UNFINISHED).touch()
    assert not bootstrap.is_fresh(checkout, dev=False)


def test_a_venv_whose_python_is_gone_is_not_trusted(checkout: Path) -> None:
    python = checkout / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3")
    assert not bootstrap.is_fresh(checkout, dev=False)


def test_uv_hears_of_pips_index_certificate_and_wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    told = bootstrap.uv_settings(
        {
            "index-url": "https://pypi.example/simple",
            "extra-index-url": "https://a.example/simple\nhttps://b.example/simple",
            "cert": "/etc/ssl/own.pem",
            "disable-pip-version-check": "1",
        }
    )
    assert told == {
        "UV_DEFAULT_INDEX": "https://pypi.example/simple",
        "UV_EXTRA_INDEX_URL": "https://a.example/simple https://b.example/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "SSL_CERT_FILE": "/etc/ssl/own.pem",
    }


def test_what_the_person_set_for_uv_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://mine.example/simple")
    assert bootstrap.uv_settings({"index-url": "https://pypi.example/simple"}) == {}


def test_every_locked_package_carries_hashes() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "livestore/stack/uv.txt"):
        text = (ROOT / name).read_text().replace("\\\n", " ")
        pins = [line for line in text.splitlines() if line[:1].isalnum()]
        assert pins
        assert all("--hash=sha256:" in line for line in pins), name


def test_the_prelude_and_the_supervisor_load_neither_django_nor_each_other() -> None:
    """Standard library only: the prelude runs before anything is installed."""
    program = (
        "import sys; before = set(sys.modules); import livestore.bootstrap; "
        "print([m for m in sys.modules if m.partition('.')[0] not in sys.stdlib_module_names "
        "and m not in before])"
    )
    said = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(ROOT)!r}); {program}",
        ],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
    ).stdout
    assert said.strip() == "['livestore', 'livestore.bootstrap']"
