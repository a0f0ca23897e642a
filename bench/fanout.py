"""One message to everybody, by ours, by peers and by the floor, in turn and with the same crowd."""

from __future__ import annotations

from collections.abc import Callable

from bench.crowd import Crowd
from bench.measuring import A_SECOND, Extra, measure
from bench.part import CrowdError
from bench.peers.broadcasters import Floor, SocketIo, Ws
from bench.peers.errors import NotMeasured
from bench.peers.ours import Ours
from bench.peers.peer import Peer
from bench.peers.tutorial.peer import Tutorial
from bench.scenario import Column, Options, Report, Say, Value

VIEWERS = 5_000
SECONDS = 15.0
PEERS = 30.0
"""Seconds of the steady part that a peer gets at most: what falls behind piles up frames for everybody in memory."""
PINS = 10
SMALL = 5_000
OURS_SMALL = "ours-5000"
"""Ours with few viewers beside ours with many: a delivery should cost the same."""
COLUMNS = (
    Column("viewers", "viewers"),
    Column("cpu_us", "CPU us a delivery", 2, "less"),
    Column("behind_us", "  and behind it", 2),
    Column("p50", "p50 ms", 1),
    Column("p99", "p99 ms", 1, "less"),
    Column("p999", "p99.9 ms", 1),
    Column("last", "last viewer ms", 1),
    Column("pin_p50", "pin p50 ms", 1),
    Column("pin_p99", "pin p99 ms", 1),
    Column("steady_us", "steady CPU us a delivery", 2),
    Column("steady_core", "steady % of a core", 0),
    Column("steady_p50", "steady p50 ms", 1),
    Column("steady_p99", "steady p99 ms", 1, "less"),
    Column("steady_p999", "steady p99.9 ms", 1),
    Column("kib", "KiB a viewer", 1, "less"),
    Column("joins", "joins a second", 0, "more"),
    Column("join_us", "CPU us a join", 0),
    Column("idle", "idle % of a core", 2),
    Column("bytes", "bytes a delivery", 0),
    Column("load_us", "crowd CPU us a delivery", 2),
    Column("load_core", "crowd % of its core", 0),
    Column("lost", "lost", 0),
    Column("steady_lost", "lost in the stream", 0),
    Column("steady_untaken", "not taken by the server", 0),
    Column("log_faults", "faults in the log", 0),
    Column("dropped", "sockets dropped", 0),
    Column("refused", "not let in", 0),
)


def contestants(options: Options, say: Say) -> dict[str, Callable[[], Peer]]:
    """By the name that `--only` knows, in the order in which they are measured."""
    viewers = options.viewers or VIEWERS
    found: dict[str, Callable[[], Peer]] = {
        "ours": lambda: Ours(say=say, web=options.web_for(viewers)),
        "floor": Floor,
        "ws": Ws,
        "socket.io": SocketIo,
        "tutorial-pubsub": lambda: Tutorial("pubsub"),
        "tutorial-core": lambda: Tutorial("core"),
    }
    if viewers > SMALL:
        found[OURS_SMALL] = lambda: Ours(
            say=say, web=options.web_for(viewers), name=OURS_SMALL, most=SMALL
        )
    return found


async def run(options: Options, say: Say) -> Report:
    viewers = options.viewers or VIEWERS
    seconds = options.seconds or SECONDS
    report = Report("fanout", f"One message to {viewers:,} viewers", COLUMNS, compare="cpu_us")
    for turn in range(options.runs):
        for name, make in contestants(options, say).items():
            if not options.wants(name):
                continue
            peer = make()
            count = min(viewers, peer.most)
            steady = seconds if isinstance(peer, Ours) else min(seconds, PEERS)
            say(f"run {turn + 1} of {options.runs}: {name}, {count:,} viewers")
            try:
                extra = _pins_of(peer) if isinstance(peer, Ours) else None
                found = await measure(peer, viewers=count, seconds=steady, say=say, extra=extra)
            except (NotMeasured, CrowdError) as problem:
                report.notes.append(f"{name} was not measured: {problem}")
                say(f"{name} was not measured: {problem}")
                continue
            report.add(name, peer.about, found)
            say(f"{name}: {found['cpu_us']:.2f} us a delivery, p99 {found['p99']:.1f} ms")
    _explain(report, viewers)
    _promise(report)
    return report


def _pins_of(peer: Ours) -> Extra:
    """The host pins an item, and the next when everybody had it: measured from the host's command."""

    async def pins(crowd: Crowd) -> dict[str, Value]:
        crowd.reset()
        sent = 0
        while sent < PINS:
            crowd.mark("item.pinned")
            await peer.pin()
            sent += 1
            if not await crowd.reached("item.pinned", sent, 10):
                break
        seen = await crowd.stats()
        inside = sum(part.inside for part in crowd.parts)
        return {
            "pin_p50": seen.marked.ms(0.5),
            "pin_p99": seen.marked.ms(0.99),
            "pin_last": seen.marked.ms(1),
            "pin_lost": sent * inside - seen.types["item.pinned"],
        }

    return pins


def _explain(report: Report, viewers: int) -> None:
    report.notes += [
        "CPU us/delivery: CPU time of the processes that hold the sockets while one message at a time goes to all, "
        "without what they use idle, divided by deliveries. 'and behind it': Valkey, PostgreSQL, relay.",
        f"steady: {A_SECOND:.0f} messages a second. p50 ... last viewer: from the sending until the crowd "
        "read it, single messages. crowd: the load generator itself, for each of its processes.",
        "KiB/viewer: growth of resident memory in user space; the kernel keeps 7 to 10 KiB more for both ends.",
        "Sender, server and receivers share the cores: about half of the floor's CPU is the receiving side of the "
        "loopback, which a network card would not charge to the server.",
    ]


def _promise(report: Report) -> None:
    ours = report.number("ours", "cpu_us")
    if ours is None:
        return
    for name, must, hope in (("ws", 0.8, 0.6), ("floor", 1.4, 1.1)):
        other = report.number(name, "cpu_us")
        if other:
            report.check(f"CPU per delivery against {name}", ours / other, must, hope, unit=" x")
    few = report.number(OURS_SMALL, "cpu_us")
    if few:
        report.check(f"CPU per delivery against {SMALL:,} viewers", ours / few, 1.25, unit=" x")
    tutorial = report.number("tutorial-pubsub", "cpu_us")
    if tutorial:
        report.check(
            "times cheaper than the tutorial", tutorial / ours, 30, at_least=True, unit=" x"
        )
    for key, what in (
        ("lost", "messages lost"),
        ("steady_lost", "messages lost in the stream"),
        ("pin_lost", "pins lost"),
        ("log_faults", "faults in the order of the log"),
        ("dropped", "sockets dropped"),
        ("refused", "viewers who did not get in"),
    ):
        report.check(what, report.number("ours", key), 0)
    report.check(
        "a pin reaches the last, p99", report.number("ours", "pin_p99"), 500, 250, unit=" ms"
    )
    report.check("steady chat p99", report.number("ours", "steady_p99"), 1500, 800, unit=" ms")
    report.check("memory a viewer", report.number("ours", "kib"), 26, 13, unit=" KiB")
