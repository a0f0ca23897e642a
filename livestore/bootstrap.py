"""Makes `.venv` beside manage.py from the hashed lock and continues inside it. Standard library only.

The stamp in `.venv` is written last and names what was installed; anything unfinished is done again.
Warm, this costs two file hashes and one exec.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

GUARD = "LIVESTORE_IN_VENV"
STAMP = "livestore-stamp"
UNFINISHED = "livestore-unfinished"
DEV_COMMANDS = {"test", "lock", "bench"}
# pip's setting -> uv's environment variable. uv reads neither pip.conf nor PIP_*.
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_EXTRA_INDEX_URL",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
}


class CannotPrepare(Exception):
    """The environment can not be made; the message is one sentence for a person."""


def enter(root: str, argv: Sequence[str]) -> None:
    """Return when this interpreter has the packages; otherwise prepare `.venv` and exec into it.

    `LIVESTORE_IN_VENV=1` says that the packages are installed already, as in the Docker image.
    """
    if os.environ.get(GUARD) in {"1", sys.prefix}:
        return
    here = Path(root)
    dev = len(argv) > 1 and argv[1] in DEV_COMMANDS
    venv = here / ".venv"
    try:
        if is_fresh(here, dev):
            if os.path.realpath(sys.prefix) == os.path.realpath(venv):
                return
        else:
            with _one_at_a_time(here):
                if not is_fresh(here, dev):
                    install(here, dev)
    except CannotPrepare as error:
        sys.exit(f"livestore can not start: {error}")
    except PermissionError as error:
        sys.exit(
            f"livestore can not start: {error.filename} is not writable for this user. "
            "Use a copy of the project that belongs to you."
        )
    except KeyboardInterrupt:
        _say("Stopped while installing. The next start begins that step again.")
        sys.exit(130)
    # The guard names the interpreter: in a child that runs another Python it says nothing.
    os.environ[GUARD] = str(venv)
    python = str(venv / "bin" / "python")
    os.execv(python, [python, str(here / "manage.py"), *argv[1:]])


def is_fresh(root: Path, dev: bool) -> bool:
    """True when `.venv` holds exactly what the lock says, for this version of Python."""
    venv = root / ".venv"
    if (venv / UNFINISHED).exists() or not os.access(venv / "bin" / "python", os.X_OK):
        return False
    try:
        installed = (venv / STAMP).read_text().split()
    except OSError:
        return False
    return fingerprint(root, dev) in installed


def fingerprint(root: Path, dev: bool) -> str:
    """Names one environment: which lock, its content, and the Python that runs it."""
    lock = lock_file(root, dev)
    digest = hashlib.sha256(lock.read_bytes())
    digest.update(f"{sys.implementation.cache_tag} {sys.platform}".encode())
    return f"{lock.stem}:{digest.hexdigest()[:32]}"


def lock_file(root: Path, dev: bool) -> Path:
    return root / ("requirements-dev.txt" if dev else "requirements.txt")


def install(root: Path, dev: bool) -> None:
    """Make or complete `.venv`. Raises CannotPrepare with one sentence."""
    venv = root / ".venv"
    python = venv / "bin" / "python"
    clear = (venv / UNFINISHED).exists() or not _runs_this_version(python)
    if clear:
        _say(f"Making .venv for Python {sys.version.split()[0]}")
        # Without pip: that needs no python3-venv package, and saves three seconds.
        _run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(venv)], "making .venv")
    (venv / UNFINISHED).touch()
    (venv / STAMP).unlink(missing_ok=True)
    _without_a_home()
    pip = _pip(python)
    lock = lock_file(root, dev)
    wheels = ["--require-hashes", "--only-binary", ":all:", "-r", str(lock)]
    count = sum(1 for line in lock.read_text().splitlines() if line[:1].isalnum())
    began = time.monotonic()
    uv = ensure_uv(root, pip)
    _say(f"Installing {count} packages from {lock.name}" + ("" if uv else " with pip (slower)"))
    done = False
    if uv:
        command = [uv, "pip", "install", "--python", str(python), "--quiet", *wheels]
        environment = os.environ | uv_settings(pip_settings(pip)) | {"UV_NO_CONFIG": "1"}
        done = subprocess.run(command, env=environment, check=False).returncode == 0
        if not done and pip:
            _say("uv could not do it, trying again with pip")
    if not done:
        if not pip:
            raise CannotPrepare("the packages could not be installed (see the lines above).")
        _run([*pip, "install", "--quiet", *wheels], "installing the packages")
    stamps = [fingerprint(root, False)] + ([fingerprint(root, True)] if dev else [])
    (venv / STAMP).write_text("\n".join(stamps) + "\n")
    (venv / UNFINISHED).unlink()
    _say(f"Packages ready in {time.monotonic() - began:.1f} s")


def ensure_uv(root: Path, pip: Sequence[str] | None) -> str | None:
    """Path of a uv to install with: from its own hashed pin, else one on PATH, else None."""
    uv = root / ".venv" / "bin" / "uv"
    pin = root / "livestore" / "stack" / "uv.txt"
    if pip and not uv.exists():
        command = [*pip, "install", "--quiet", "--require-hashes", "--only-binary", ":all:"]
        subprocess.run(
            [*command, "-r", str(pin)],
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    return str(uv) if os.access(uv, os.X_OK) else shutil.which("uv")


def uv_settings(pip: Mapping[str, str]) -> dict[str, str]:
    """pip's settings (index, certificates, ...) as environment variables for uv; set ones win."""
    found: dict[str, str] = {}
    for key, value in pip.items():
        name = PIP_TO_UV.get(key)
        if name and value and name not in os.environ:
            found[name] = " ".join(value.split())
    if "UV_EXTRA_INDEX_URL" in found:
        # pip looks at all indexes at once; with hashes that is safe, and nothing else would find all.
        found.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    return found


def pip_settings(pip: Sequence[str] | None) -> dict[str, str]:
    """`pip config list` as a plain mapping; environment wins over files, as in pip."""
    if not pip:
        return {}
    command = [*pip[:3], "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    settings: dict[str, str] = {}
    rows = [line.partition("=") for line in listed.splitlines() if "=" in line]
    for wanted in ("global.", "install.", ":env:."):
        for key, _, value in rows:
            if key.startswith(wanted):
                settings[key.removeprefix(wanted)] = value.strip("'\"").replace("\\n", " ")
    return settings


def _pip(python: Path) -> list[str] | None:
    """A pip command that installs into `.venv`, or None when only uv can do it."""
    if importlib.util.find_spec("pip"):
        pip = [sys.executable, "-m", "pip", "--python", str(python)]
        if subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode == 0:
            return pip
    if importlib.util.find_spec("ensurepip"):
        made = subprocess.run([str(python), "-m", "ensurepip"], capture_output=True, check=False)
        if made.returncode == 0:
            return [str(python), "-m", "pip"]
    if shutil.which("uv"):
        return None
    raise CannotPrepare(
        "this Python has no pip, which is needed once to install the packages. "
        "Install it (Debian and Ubuntu: apt install python3-pip) and try again."
    )


def _without_a_home() -> None:
    """A user whose home can not be written (nobody, a container's uid) installs without caches."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    while not cache.exists():
        cache = cache.parent
    if not os.access(cache, os.W_OK):
        os.environ.setdefault("UV_NO_CACHE", "1")
        os.environ.setdefault("PIP_NO_CACHE_DIR", "1")


def _runs_this_version(python: Path) -> bool:
    if not python.exists():
        return False
    asked = [str(python), "-c", "import sys; print(sys.implementation.cache_tag)"]
    try:
        answer = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    except OSError:
        return False
    return answer.strip() == sys.implementation.cache_tag


def _run(command: Sequence[str], what: str) -> None:
    if subprocess.run(command, check=False).returncode != 0:
        raise CannotPrepare(f"{what} failed (see the lines above).")


@contextmanager
def _one_at_a_time(root: Path) -> Iterator[None]:
    """Two first starts at once: the second waits. The lock is on the folder, so it leaves no file."""
    handle = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("Another start is installing the packages, waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _say(line: str) -> None:
    # To stderr, so that a command whose output is piped stays clean.
    print(f"  {line}", file=sys.stderr, flush=True)
