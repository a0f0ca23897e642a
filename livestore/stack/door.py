"""What manage.py does with its arguments once the packages are there.

`demo`, `test`, `bench`, `servers` and `lock` are ours and start without Django. Every other command gets
PostgreSQL and Valkey: those of a running demo, those named in the environment, or its own.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from livestore.base.environment import BadEnvironment
from livestore.stack.errors import StackError
from livestore.stack.folder import DataFolder
from livestore.stack.table import ROOT

# These read the code, not the data.
WITHOUT_SERVERS = {"help", "version", "check", "schemas", "collectstatic", "diffsettings"}
UNDEFINED_TABLE = "42P01"
# Somebody who sets one of these runs a server of their own, not the demo.
SERVER_VARIABLES = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "SECRET_KEY_FILE",
    "DATABASE_URL_FILE",
)


def run(argv: Sequence[str]) -> int:
    """Run one command; returns its exit code."""
    name = argv[1] if len(argv) > 1 else "help"
    rest = list(argv[2:])
    try:
        if name == "test":
            from livestore.stack import checks

            return checks.main(rest)
        if name == "bench":
            from bench import cli

            return cli.main(rest)
        rest = take_data(rest)
        if name == "demo":
            from livestore.stack import demo

            return demo.main(rest)
        if name == "servers":
            from livestore.stack import export

            return export.main(rest)
        if name == "lock":
            from livestore.stack import locks

            return locks.main(rest)
        return _django([argv[0], name, *rest])
    except StackError as error:
        print(f"livestore can not start: {error}", file=sys.stderr)
        return error.exit_code
    except BadEnvironment as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def take_data(arguments: Sequence[str]) -> list[str]:
    """Remove `--data DIR` from the arguments and keep it in LIVESTORE_DATA, for every command."""
    left: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            return [*left, word, *words]
        if word == "--data":
            value = next(words, "")
        elif word.startswith("--data="):
            value = word.removeprefix("--data=")
        else:
            left.append(word)
            continue
        if not value:
            raise StackError("--data needs the name of a folder.", exit_code=2)
        os.environ["LIVESTORE_DATA"] = str(Path(value).expanduser().absolute())
    return left


def data_folder() -> Path:
    """The data folder that this command is about."""
    return Path(os.environ.get("LIVESTORE_DATA") or ROOT / ".livestore").expanduser().absolute()


def _django(argv: list[str]) -> int:
    from livestore.stack import servers

    mode = os.environ.get("LIVESTORE_MODE")
    state = servers.running(DataFolder(data_folder())) if mode in {None, "demo"} else None
    named = any(os.environ.get(name) for name in SERVER_VARIABLES)
    both = all(os.environ.get(name) for name in ("DATABASE_URL", "REDIS_URL"))
    joins = state is not None and state["database_url"] == os.environ.get("DATABASE_URL")
    if mode == "production" or (mode is None and named and not joins) or (mode and both):
        pass  # the environment is complete, or settings name what is missing
    elif state and (joins or not named):
        os.environ.update(servers.environment(state, data_folder()))
    elif argv[1] in WITHOUT_SERVERS or _wants_help(argv):
        os.environ.setdefault("LIVESTORE_MODE", "demo")
        os.environ.setdefault("DATABASE_URL", "postgresql:///livestore?host=/nonexistent")
        os.environ.setdefault("REDIS_URL", "unix:///nonexistent/valkey.sock")
    else:
        return _with_servers(argv, mode or "demo")
    _execute(argv)
    return 0


def _with_servers(argv: list[str], mode: str) -> int:
    from livestore.stack import servers

    # A plain SIGTERM would end us without stopping the servers.
    signal.signal(signal.SIGTERM, _leave)
    with servers.for_a_command(data_folder()) as environment:
        os.environ.update({**environment, "LIVESTORE_MODE": mode})
        _execute(argv)
    return 0


def _execute(argv: list[str]) -> None:
    from django.core.management import execute_from_command_line
    from django.db import ProgrammingError

    try:
        execute_from_command_line(argv)
    except ProgrammingError as problem:
        if getattr(problem.__cause__, "sqlstate", "") != UNDEFINED_TABLE:
            raise
        raise StackError(
            f"the database of {data_folder()} has no tables yet. Start the demo there once, or run"
            " `migrate`; for a demo in another folder, name it with --data."
        ) from problem


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _wants_help(argv: Sequence[str]) -> bool:
    return any(word in {"-h", "--help", "--version"} for word in argv)
