"""The figures of all processes as an operator needs them: sums, a row for each process and room, and warnings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from livestore.base.metrics import Family
from livestore.base.publishing import Seen

FILES_FULL = 0.85
LATE_S = 0.5
RELAY_BEHIND_S = 5.0
MANY_PAYMENTS = 2_000
MANY_JOBS = 2_000
LONG_QUEUE = 4_000
HELD_BACK = 256 * 1024 * 1024

ORDER = "web relay worker beat others"
"""Kinds of processes as they are listed; what is not named comes last."""

Sample = tuple[str, dict[str, str], float]


@dataclass
class ProcessFigures:
    """One process. `label` tells it from the others of its role."""

    name: str
    label: str
    samples: dict[str, list[Sample]] = field(default_factory=lambda: defaultdict(list))

    @property
    def role(self) -> str:
        return self.name.split(":")[0]

    @property
    def kind(self) -> str:
        """`web` of `web-2`."""
        return self.role.rstrip("0123456789").rstrip("-")

    def sum(self, name: str, **labels: str) -> float:
        return sum(value for _, had, value in self.samples[name] if labels.items() <= had.items())

    def lag(self) -> float | None:
        """Seconds; None for a process without an event loop."""
        name = "livestore_loop_lag_max_seconds"
        return self.sum(name) if self.samples.get(name) else None

    def row(self) -> dict[str, Any]:
        _, host, pid = self.name.split(":")
        return {
            "name": self.label,
            "role": self.kind,
            "host": host,
            "pid": int(pid),
            "sockets": self.sum("livestore_sockets"),
            "cpu": self.sum("process_cpu_seconds_total"),
            "memory": self.sum("process_resident_memory_bytes"),
            "lag": self.lag(),
            "files": self.sum("process_open_fds"),
            "most_files": self.sum("process_max_fds"),
        }


class Overview:
    """What is seen of everybody, ready to be shown."""

    def __init__(self, seen: Seen) -> None:
        self.complete = seen.complete
        self.processes = sorted(
            (_figures(name, found) for name, found in seen.processes.items()),
            key=lambda each: (ORDER.find(each.kind) % len(ORDER), each.name),
        )
        roles = Counter(each.role for each in self.processes)
        for each in self.processes:
            if roles[each.role] > 1:
                each.label = f"{each.role} {each.name.rsplit(':', 1)[1]}"

    def as_json(self) -> dict[str, Any]:
        """Counters as they stand since each process began; who looks twice sees rates."""
        return {
            "processes": [each.row() for each in self.processes],
            "rooms": self.rooms(),
            "room": {
                "sockets": self.sum("livestore_sockets"),
                "guests": self.sum("livestore_sockets", who="guest"),
                "deliveries": self.sum("livestore_deliveries_total"),
                "bytes": self.sum("livestore_written_bytes_total"),
                "held": self.sum("livestore_held_back_bytes"),
                "most_held": self.most("livestore_held_back_max_bytes"),
                "goodbyes": self.by("livestore_sockets_closed_total", "code"),
            },
            "sale": {
                "orders": self.sum("livestore_orders_total", outcome="placed"),
                "outcomes": self.by("livestore_orders_total", "outcome"),
                "latency": self.by("livestore_order_seconds_bucket", "le"),
                "queue": self.sum("livestore_checkout_queue"),
                "batches": self.sum("livestore_checkout_batch_size_count"),
                "batched": self.sum("livestore_checkout_batch_size_sum"),
                "retries": self.sum("livestore_checkout_retries_total"),
            },
            "behind": {
                "facts": self.most("livestore_outbox_facts"),
                "relay": self.most("livestore_outbox_oldest_seconds"),
                "payments": self.most("livestore_payments_pending"),
                "due": self.most("livestore_payments_due"),
                "webhooks": self.most("livestore_webhooks_waiting"),
                "jobs": self.most("livestore_jobs_waiting"),
            },
            "requests": self.sum("livestore_http_requests_total"),
            "warnings": list(self.warnings()),
        }

    def sum(self, name: str, **labels: str) -> float:
        return sum(each.sum(name, **labels) for each in self.processes)

    def most(self, name: str) -> float:
        """Several processes may know the same number."""
        return max((each.sum(name) for each in self.processes), default=0)

    def by(self, name: str, label: str) -> dict[str, float]:
        """Sums over all processes for each value of a label."""
        found: Counter[str] = Counter()
        for process in self.processes:
            for _, labels, value in process.samples[name]:
                found[labels[label]] += value  # type: ignore[assignment]  # floats are counted as well
        return dict(found)

    def rooms(self) -> list[dict[str, Any]]:
        """The fullest first. A room lives in several processes: viewers add up, times do not."""
        rooms: dict[str, dict[str, Any]] = {}
        columns: tuple[tuple[str, str, Callable[[float, float], float]], ...] = (
            ("viewers", "livestore_room_sockets", lambda a, b: a + b),
            ("held", "livestore_room_held_back_bytes", lambda a, b: a + b),
            ("tick", "livestore_room_tick_seconds", max),
            ("lap", "livestore_room_lap_seconds", max),
            ("left_out", "livestore_room_left_out_total", max),
        )
        for process in self.processes:
            for key, name, together in columns:
                for _, labels, value in process.samples[name]:
                    row = rooms.setdefault(labels["room"], {"room": labels["room"]})
                    row[key] = together(row[key], value) if key in row else value
        return sorted(rooms.values(), key=lambda row: (-row["viewers"], row["room"]))

    # -- what somebody should do something about ----------------------------------------------------

    def warnings(self) -> Iterator[str]:
        """Plain sentences: what is wrong, and what to do."""
        if not self.complete:
            yield "Valkey does not answer, so only one process is shown: look at its log, start it again."
            return
        kinds = {each.kind for each in self.processes}
        if "relay" not in kinds:
            yield "No relay is running, so rooms hear of nothing that changes: start manage.py relay."
        if "worker" not in kinds:
            yield "No worker is running, so payments wait: start a Celery worker."
        for each in self.processes:
            yield from self._of_process(each)
        yield from self._of_work()

    def _of_process(self, each: ProcessFigures) -> Iterator[str]:
        more = (
            "start another web process" if each.kind == "web" else "raise its limit of open files"
        )
        files, most = each.sum("process_open_fds"), each.sum("process_max_fds")
        if most and files > FILES_FULL * most:
            yield f"{each.label} has {files:,.0f} of {most:,.0f} open files: {more}."
        lag = each.lag()
        if lag is not None and lag > LATE_S:
            what = (
                "start another web process" if each.kind == "web" else "give it a core of its own"
            )
            yield f"{each.label} was {lag:.1f} s late with its work: {what}."

    def _of_work(self) -> Iterator[str]:
        behind = self.most("livestore_outbox_oldest_seconds")
        if behind > RELAY_BEHIND_S:
            facts = self.most("livestore_outbox_facts")
            yield f"The relay is {behind:.0f} s behind with {facts:,.0f} facts: look at its log and its core."
        payments = self.most("livestore_payments_pending")
        if payments > MANY_PAYMENTS:
            yield f"{payments:,.0f} payments wait for an answer: start another worker."
        jobs = self.most("livestore_jobs_waiting")
        if jobs > MANY_JOBS:
            yield f"{jobs:,.0f} tasks wait for a worker: start another one."
        queue = self.sum("livestore_checkout_queue")
        if queue > LONG_QUEUE:
            yield f"{queue:,.0f} orders wait to be placed: look at PostgreSQL's log and disk."
        held = self.sum("livestore_held_back_bytes")
        if held > HELD_BACK:
            yield f"{held / 1024**2:,.0f} MB wait for slow viewers: the line to the outside is too thin."


def _figures(name: str, found: list[Family]) -> ProcessFigures:
    figures = ProcessFigures(name, name.split(":")[0])
    for _, _, _, samples in found:
        for sample in samples:
            figures.samples[sample[0]].append(sample)
    return figures
