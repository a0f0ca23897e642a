"""What the shop's own books say after a sale: orders, payments, stock, and whether anything is wrong."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

import psycopg

from livestore.stack.launch import Demo


@dataclass(frozen=True)
class Books:
    """Reads PostgreSQL directly, so that measuring does not use what is measured."""

    url: str

    def _rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(query, values).fetchall()

    def statuses(self, variant: int) -> dict[str, int]:
        """Orders of a variant by status."""
        rows = self._rows(
            "SELECT status, count(*) FROM purchase WHERE EXISTS (SELECT 1 FROM purchase_line"
            " WHERE order_id = purchase.id AND variant_id = %s) GROUP BY 1",
            variant,
        )
        return {str(status): int(str(count)) for status, count in rows}

    def pending(self) -> int:
        """Orders of any variant that wait to be paid."""
        return int(str(self._rows("SELECT count(*) FROM purchase WHERE status = 'pending'")[0][0]))

    def units_sold(self, variant: int) -> int:
        """Units in orders that stand."""
        [(units,)] = self._rows(
            "SELECT coalesce(sum(quantity), 0) FROM purchase_line JOIN purchase"
            " ON purchase.id = order_id WHERE variant_id = %s"
            " AND status NOT IN ('expired', 'cancelled')",
            variant,
        )
        return int(str(units))

    def missing(self, acknowledged: Iterable[str]) -> list[str]:
        """Public ids that were acknowledged and are not in the books."""
        wanted = set(acknowledged)
        rows = self._rows(
            "SELECT public_id FROM purchase WHERE public_id = ANY(%s)", sorted(wanted)
        )
        return sorted(wanted - {str(public_id) for (public_id,) in rows})

    def drain(self, within: float) -> bool:
        """Wait until no order is pending any more; False when that takes longer."""
        end = time.monotonic() + within
        while self.pending():
            if time.monotonic() > end:
                return False
            time.sleep(0.1)
        return True


def books_of(demo: Demo) -> Books:
    return Books(demo.environment()["DATABASE_URL"])


def invariants(demo: Demo, within: float = 30.0) -> list[str]:
    """Lines of `check_invariants` that name something wrong; empty when all is right.

    The relay may still be carrying what was written: it is asked again for `within` seconds.
    """
    end = time.monotonic() + within
    while True:
        report = demo.manage("check_invariants", check=False)
        if report.returncode == 0:
            return []
        if time.monotonic() > end:
            return [line for line in (report.stdout + report.stderr).splitlines() if line.strip()]
        time.sleep(0.5)
