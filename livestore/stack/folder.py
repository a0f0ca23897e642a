"""The data folder: everything one installation of the demo keeps, and nothing else.

livestore-folder   the marker that makes it ours
lock               held (flock) by whoever runs servers on it
secret             SECRET_KEY, mode 600, made once
postgres/ valkey/  the servers' files
media/             uploads
logs/              one file per process, the earlier ones beside it
run/               pids, servers.json: only what is true while it runs
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from livestore.stack.errors import StackError

MARKER = "livestore-folder"
KEEP_ON_RESET = {MARKER, "lock"}
# sun_path is 108 bytes with its final zero; PostgreSQL appends "/.s.PGSQL.5432".
LONGEST_SOCKET = 107
SOCKET_PREFIX = "livestore-"


@dataclass
class DataFolder:
    """One data folder; `open()` makes or checks it, `lock()` claims it for one set of servers."""

    path: Path
    _lock: int | None = field(default=None, repr=False)

    @property
    def run(self) -> Path:
        return self.path / "run"

    @property
    def pids(self) -> Path:
        return self.run / "pids"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    def open(self) -> None:
        """Create the folder, or check that it is ours. Raises StackError with one sentence."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if not self.is_ours():
                if any(self.path.iterdir()):
                    raise StackError(
                        f"{self.path} holds other things and is not a livestore data folder. "
                        "Name an empty or a new one with --data.",
                        exit_code=2,
                    )
                (self.path / MARKER).write_text(
                    "Data of livestore. Delete the folder to begin anew.\n"
                )
            for folder in (self.run, self.pids, self.logs):
                folder.mkdir(exist_ok=True)
        except (PermissionError, FileExistsError, NotADirectoryError, OSError) as error:
            if isinstance(error, StackError):
                raise
            raise StackError(
                f"the data folder {self.path} can not be used ({error.strerror}). "
                "Name another one with --data.",
                exit_code=2,
            ) from error

    def is_ours(self) -> bool:
        return (self.path / MARKER).is_file()

    def lock(self, *, wait: bool = False) -> bool:
        """Claim the folder until this process ends. False when somebody else holds it."""
        handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            os.close(handle)
            return False
        self._lock = handle
        return True

    def unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def reset(self) -> None:
        """Delete what is in our own folder; refuses any other. Call it while holding the lock."""
        if not self.is_ours():
            raise StackError(
                f"{self.path} is not a livestore data folder, so --reset leaves it alone."
            )
        for entry in self.path.iterdir():
            if entry.name in KEEP_ON_RESET:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        self.open()

    def secret(self) -> str:
        """SECRET_KEY of this installation; made at the first call, readable by its owner only."""
        path = self.path / "secret"
        with suppress(OSError):
            if len(text := path.read_text().strip()) >= 50:
                return text
        half = self.path / f".secret.{os.getpid()}"
        handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
        try:
            os.link(half, path)  # the first of two starters wins
        except FileExistsError:
            if len(path.read_text().strip()) < 50:
                half.replace(path)
        half.unlink(missing_ok=True)
        return path.read_text().strip()

    # -- what is true while it runs ---------------------------------------------------------------

    def write_state(self, state: dict[str, Any]) -> None:
        """Store `run/servers.json` (URLs, pid, start time, origin), atomically and for the owner only."""
        half = self.run / ".servers.half"
        handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(state, file, indent=1)
        half.replace(self.run / "servers.json")

    def read_state(self) -> dict[str, Any] | None:
        """What the last start wrote; check `records` before believing that it still runs."""
        try:
            state = json.loads((self.run / "servers.json").read_text())
        except (OSError, ValueError):
            return None
        return state if isinstance(state, dict) else None

    def clear_state(self) -> None:
        (self.run / "servers.json").unlink(missing_ok=True)

    def make_sockets(self) -> Path:
        """A private folder for the servers' sockets, short enough for the kernel, noted for clean-up."""
        for base in (Path("/tmp"), Path(tempfile.gettempdir())):
            with suppress(OSError):
                made = Path(tempfile.mkdtemp(prefix=SOCKET_PREFIX, dir=base))
                (self.run / "sockets").write_text(str(made))
                return made
        raise StackError(
            "no folder for sockets could be made under /tmp; set TMPDIR to one that works."
        )

    def remove_sockets(self) -> None:
        """Remove the noted socket folder, also one that a killed start left behind."""
        note = self.run / "sockets"
        try:
            path = Path(note.read_text().strip())
        except OSError:
            return
        ours = path.name.startswith(SOCKET_PREFIX) and path.is_dir() and not path.is_symlink()
        if ours and path.stat().st_uid in {os.geteuid(), _nobody()}:
            shutil.rmtree(path, ignore_errors=True)
        note.unlink(missing_ok=True)


def check_socket(path: Path) -> Path:
    """The path, or StackError when the kernel would refuse it as too long."""
    if len(os.fsencode(path)) > LONGEST_SOCKET:
        raise StackError(
            f"the socket path {path} is longer than {LONGEST_SOCKET} bytes; set TMPDIR to a shorter one."
        )
    return path


def _nobody() -> int:
    return 65534 if os.geteuid() == 0 else os.geteuid()


def rotate(log: Path, keep: int = 3) -> None:
    """name.log -> name.1.log -> ... so that a new start begins an empty log and old ones stay."""
    for number in range(keep, 0, -1):
        older = log.with_suffix(f".{number}.log") if number else log
        newer = log if number == 1 else log.with_suffix(f".{number - 1}.log")
        if newer.exists():
            newer.replace(older)


def last_lines(log: Path, count: int = 12) -> list[str]:
    """The end of a log, for people who need to know why something did not start."""
    try:
        with log.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 16_384))
            return file.read().decode("utf-8", "replace").splitlines()[-count:]
    except OSError:
        return []
