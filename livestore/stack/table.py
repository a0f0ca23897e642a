"""The process table of the demo: the same programs that compose runs, on one machine."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from livestore.stack.process import Process

ROOT = Path(__file__).resolve().parents[2]
# Who talks stops before who listens, and the servers go last: the other way round, beat and worker
# fill the logs with errors about a database that left.
SHOW, BEAT, WORKER, WEB, RELAY = 10, 20, 30, 40, 50


def prepare(env: Mapping[str, str], catalog: str | None) -> Process:
    """Runs once: migrations, demo data, and what becomes of a show left live."""
    catalogue = ("--catalog", catalog) if catalog else ()
    argv = ("-m", "livestore.stack.prepare", *catalogue)
    return _python("prepare", argv, env, stop_order=SHOW, title="preparing the database")


def web(number: int, listening: int, env: Mapping[str, str]) -> Process:
    """One web process on the shared socket; on SIGTERM it drains its rooms with 4410."""
    argv = ("-m", "livestore.web", "--fd", str(listening), "livestore.asgi:application")
    return _python(
        f"web-{number}",
        argv,
        env,
        stop_order=WEB,
        ready=partial(is_accepting, listening),
        stop_timeout=15.0,
        pass_fds=(listening,),
    )


def relay(env: Mapping[str, str]) -> Process:
    """Carries committed facts from the database into the rooms."""
    return _python("relay", ("manage.py", "relay"), env, stop_order=RELAY, settles=0.5)


def worker(env: Mapping[str, str]) -> Process:
    """Payments, webhooks, archive. Threads: a fifth of the memory of forked workers."""
    options = ("--pool", "threads", "--concurrency", "4", "--loglevel", "INFO")
    quiet = ("--without-gossip", "--without-mingle")
    argv = ("-m", "celery", "-A", "livestore.celery", "worker", *options, *quiet)
    return _python("worker", argv, env, stop_order=WORKER, settles=4.0)


def beat(env: Mapping[str, str], run: Path) -> Process:
    """Repeats the sweeps. Its own schedule file may be lost at any time."""
    options = ("--schedule", str(run / "beat"), "--pidfile=", "--loglevel", "INFO")
    argv = ("-m", "celery", "-A", "livestore.celery", "beat", *options)
    return _python("beat", argv, env, stop_order=BEAT, settles=4.0)


def rtmp(listening: int, env: Mapping[str, str]) -> Process:
    """Where OBS and other senders come in. The socket stays with the stack: who dials again while it is started anew
    waits for it."""
    argv = ("manage.py", "rtmp", "--fd", str(listening))
    return _python(
        "rtmp",
        argv,
        env,
        stop_order=SHOW,
        ready=partial(is_accepting, listening),
        pass_fds=(listening,),
    )


def camera(env: Mapping[str, str]) -> Process:
    """The simulated camera's crew: one child for each show that wants it. It ends its takes before it goes."""
    return _python("camera", ("manage.py", "camera"), env, stop_order=SHOW, settles=2.0)


def mock_show(origin: str, viewers: int, env: Mapping[str, str]) -> Process:
    """The simulated host and audience; they come in through the public doors only."""
    argv = ("manage.py", "mock_show", "--url", origin, "--viewers", str(viewers))
    return _python("mock_show", argv, env, stop_order=SHOW, title="mock show")


def _python(
    name: str,
    argv: tuple[str, ...],
    env: Mapping[str, str],
    *,
    stop_order: int,
    ready: partial[bool] | None = None,
    settles: float = 1.5,
    stop_timeout: float = 10.0,
    pass_fds: tuple[int, ...] = (),
    title: str = "",
) -> Process:
    return Process(
        name=name,
        title=title,
        argv=(sys.executable, *argv),
        stop_order=stop_order,
        stop_timeout=stop_timeout,
        ready=ready,
        settles=settles,
        env={**env, "LIVESTORE_PROCESS": name},
        pass_fds=pass_fds,
        cwd=ROOT,
    )


def is_accepting(listening: int, pid: int) -> bool:
    """True when the event loop of process `pid` watches the shared listening socket.

    All web processes share one socket, so asking over HTTP would not tell which one answered; the
    kernel knows: the socket is in the process's epoll set.
    """
    wanted = f"socket:[{os.fstat(listening).st_ino}]"
    folder = Path(f"/proc/{pid}")
    copies: set[str] = set()
    polls: list[str] = []
    with suppress(OSError):
        for entry in os.scandir(folder / "fd"):
            with suppress(OSError):
                target = os.readlink(entry.path)
                if target == wanted:
                    copies.add(entry.name)
                elif target == "anon_inode:[eventpoll]":
                    polls.append(entry.name)
    for poll in polls:
        with suppress(OSError):
            for line in (folder / "fdinfo" / poll).read_text().splitlines():
                if line.startswith("tfd:") and line.split()[1] in copies:
                    return True
    return False


def get(url: str, timeout: float = 2.0) -> tuple[int, bytes]:
    """Status and body of a GET; status 0 when nobody answers."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=timeout) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError:
        return 0, b""
