"""PostgreSQL for the peers: our binaries with our settings, alone, while our own processes are stopped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from bench.machine import Usage, look, spent
from livestore.stack import records
from livestore.stack.folder import DataFolder
from livestore.stack.servers import for_a_command


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL. `admin` is the URL of its own database, `postmaster` its first process."""

    admin: str
    postmaster: int

    def url(self, database: str) -> str:
        head, _, query = self.admin.partition("?")
        return f"{head.rpartition('/')[0]}/{database}?{query}"

    def fresh(self, database: str) -> str:
        """An empty database of this name, whatever was in it before; returns its URL."""
        name = sql.Identifier(database)
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
        return self.url(database)

    def settle(self) -> None:
        """Write out what the last run left, so that no run pays for the one before."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute("CHECKPOINT")

    def usage(self) -> Usage:
        """What the whole server has used so far."""
        return look([self.postmaster])

    def cpu_since(self, before: Usage) -> float:
        """CPU seconds of the whole server since then, ended backends included."""
        return spent(before, self.usage()).cpu


@contextmanager
def peer_cluster(data: Path) -> Iterator[Cluster]:
    """The servers of a data folder without the rest of the stack. They stop at the end."""
    with for_a_command(data) as environment:
        found = {each.name: each.pid for each in records.read_all(DataFolder(data).pids)}
        yield Cluster(environment["DATABASE_URL"], found["postgres"])
