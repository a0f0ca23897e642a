"""`python3 manage.py demo`: the whole house on one machine, and a mock show in it."""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from livestore.stack import listen, table
from livestore.stack.console import Console
from livestore.stack.errors import Interrupted, StackError
from livestore.stack.folder import DataFolder, last_lines
from livestore.stack.process import raise_file_limit
from livestore.stack.servers import Servers, clean_up, environment, running
from livestore.stack.supervisor import Child, Supervisor

LIVE_WITHIN = 60.0


@dataclass(frozen=True)
class Options:
    """What the person asked for."""

    host: str
    port: int
    data: Path
    web: int
    viewers: int
    show: bool
    reset: bool
    catalog: str | None
    rtmp_port: int
    camera: bool = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `demo`, shared by the launcher and by `manage.py help demo`."""
    default = os.environ.get("LIVESTORE_DATA") or str(table.ROOT / ".livestore")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (8000)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--data", default=default, metavar="DIR", help="data folder (.livestore)")
    parser.add_argument(
        "--web", type=_at_least_one, default=2, metavar="N", help="web processes (2)"
    )
    parser.add_argument(
        "--viewers", type=int, default=30, metavar="N", help="simulated viewers (30)"
    )
    parser.add_argument(
        "--rtmp-port",
        type=int,
        default=1935,
        metavar="N",
        help="port for OBS and other RTMP senders (1935; 0 for none)",
    )
    parser.add_argument(
        "--no-camera", action="store_true", help="start no simulated camera: shows have no picture"
    )
    parser.add_argument("--no-show", action="store_true", help="start no mock show")
    parser.add_argument("--reset", action="store_true", help="begin with an empty data folder")
    parser.add_argument("--catalog", metavar="FILE.csv", help="sell this Shopify product CSV")


def main(argv: Sequence[str]) -> int:
    """Runs until Ctrl-C or SIGTERM. Exit codes: 0 stopped, 1 a part failed, 2 can not start so."""
    parser = argparse.ArgumentParser(
        prog="manage.py demo", description="Start livestore with a mock show on this machine."
    )
    add_arguments(parser)
    given = parser.parse_args(argv)
    options = Options(
        host=given.host,
        port=given.port,
        data=Path(given.data).expanduser().absolute(),
        web=given.web,
        viewers=max(0, given.viewers),
        show=not given.no_show,
        reset=given.reset,
        catalog=given.catalog and str(Path(given.catalog).expanduser().absolute()),
        rtmp_port=given.rtmp_port,
        camera=not given.no_camera,
    )
    console = Console()
    try:
        return Demo(options, console).run()
    except StackError as error:
        console.line(f"livestore can not start: {error}")
        return error.exit_code


class Demo:
    """One start of the demo, from the first check to the last process gone."""

    def __init__(self, options: Options, console: Console) -> None:
        self.options = options
        self.console = console
        self.folder = DataFolder(options.data)
        self.supervisor = Supervisor(self.folder, self._event)
        self.began = time.monotonic()
        self.rtmp: socket.socket | None = None

    def run(self) -> int:
        """Start, watch, stop. Raises StackError for what stops us before anything was started."""
        options, console = self.options, self.console
        if os.environ.get("LIVESTORE_MODE") == "production":
            raise StackError(
                "the demo has logins that everybody knows, so it never runs with "
                "LIVESTORE_MODE=production.",
                exit_code=2,
            )
        if options.catalog and not Path(options.catalog).is_file():
            raise StackError(f"there is no file {options.catalog}.", exit_code=2)
        self._claim_folder()
        # Before the port is tried: what a killed start left behind may still hold it.
        for name in clean_up(self.folder):
            console.line(f"  stopped {name}, left over from a start that was killed")
        # Before anything is started: a taken port is told at once.
        listening = listen.open_socket(options.host, options.port)
        self._open_rtmp()
        self.supervisor.listen()
        console.line(f"livestore is starting, its data is in {options.data}")
        code = 0
        try:
            if options.reset:
                self.folder.reset()
                console.line("  --reset: the data folder is empty again")
            raise_file_limit()
            self._start(listening)
            self.supervisor.run()
        except Interrupted:
            pass
        except StackError as error:
            console.line(f"\nlivestore stopped: {error}\n")
            code = error.exit_code
        finally:
            listening.close()
            if self.rtmp is not None:
                self.rtmp.close()
            self._stop()
        return code

    # -- starting ---------------------------------------------------------------------------------

    def _claim_folder(self) -> None:
        folder = self.folder
        folder.open()
        if folder.lock():
            return
        state = running(folder)
        where = f" at {state['origin']}" if state and state.get("origin") else ""
        who = f" (pid {state['pid']})" if state else ""
        raise StackError(
            f"a livestore{who} is already running on {folder.path}{where}. "
            "Stop it first, or name another folder with --data and another --port.",
            exit_code=2,
        )

    def _open_rtmp(self) -> None:
        """The door for OBS. A demo without it is a demo all the same, so a taken port is only told."""
        host, port = self.options.host, self.options.rtmp_port
        if not port:
            return
        try:
            self.rtmp = listen.open_socket(host, port)
        except StackError:
            free = listen.free_port(host, port + 1)
            advice = f" Port {free} is free: add --rtmp-port {free}." if free else ""
            self.console.line(f"  OBS can not come in: port {port} can not be used.{advice}")

    def _start(self, listening: socket.socket) -> None:
        supervisor, console, options = self.supervisor, self.console, self.options
        servers = Servers(self.folder, supervisor)
        servers.start(console)
        state = servers.state("demo", mode="demo", ready=False, **self._addresses(listening))
        self.folder.write_state(state)
        env = {
            **environment(state, options.data),
            "DJANGO_SETTINGS_MODULE": "livestore.settings",
            "PYTHONUNBUFFERED": "1",
            "LIVESTORE_IN_VENV": "1",
            "LIVESTORE_RTMP_PORT": str(self.rtmp.getsockname()[1] if self.rtmp else 0),
        }
        with console.step("database and demo data"):
            supervisor.run_once(table.prepare(env, options.catalog))
        for line in last_lines(self.folder.logs / "prepare.log", 40):
            if line.strip():
                console.line(f"    {line.strip()}")
        fd = listening.fileno()
        doors = [table.web(n + 1, fd, env) for n in range(options.web)] + [table.relay(env)]
        background = [table.worker(env), table.beat(env, self.folder.run)]
        if options.camera:
            background.append(table.camera(env))
        if self.rtmp is not None:
            background.append(table.rtmp(self.rtmp.fileno(), env))
        for process in (*doors, *background):
            supervisor.start(process)
        supervisor.wait_ready([p.name for p in doors], self._tell)
        internal = state["internal_url"]
        self._wait_for_readyz(internal)
        if options.show:
            supervisor.start(table.mock_show(internal, options.viewers, env))
            background.append(supervisor.children["mock_show"].process)
        supervisor.wait_ready([p.name for p in background], self._tell)
        room = self._live_room(internal, wait=options.show)
        self.folder.write_state({**state, "ready": True})
        self._table(state, room)

    def _addresses(self, listening: socket.socket) -> dict[str, str]:
        """Allowed hosts, origins and public address; warns when others can come in."""
        host, port = self.options.host, listening.getsockname()[1]
        names = listen.reachable_names(host)
        if not listen.is_loopback(host):
            self.console.line(
                f"  CAREFUL: {host} is open to everybody in this network, and the demo's passwords "
                "are known. Use it only in a network you trust."
            )
        inside = "127.0.0.1" if listen.is_everywhere(host) or host == "localhost" else host
        return {
            "allowed_hosts": ",".join(f"[{n}]" if ":" in n else n for n in names),
            "origins": ",".join(listen.url(name, port) for name in names),
            "origin": listen.url(names[0], port),
            "internal_url": listen.url(inside, port),
        }

    def _wait_for_readyz(self, internal: str) -> None:
        """Database, Valkey and relay, as the web processes themselves see them."""
        end = time.monotonic() + 30
        while (answer := table.get(f"{internal}/readyz"))[0] != 200:
            if time.monotonic() > end:
                said = answer[1].decode("utf-8", "replace")[:300]
                raise StackError(f"the web answers, but is not ready: {answer[0]} {said}")
            self._pause(0.1)

    def _live_room(self, internal: str, *, wait: bool) -> dict[str, Any] | None:
        """The first live show, as the API tells it; None when there is none (in time)."""
        end = time.monotonic() + (LIVE_WITHIN if wait else 0)
        began = time.monotonic()
        while True:
            status, body = table.get(f"{internal}/api/v1/shows?state=live")
            try:
                items = json.loads(body)["items"] if status == 200 else []
            except (ValueError, KeyError, TypeError):
                items = []
            if items:
                if wait:
                    self.console.done("show is live", time.monotonic() - began)
                return dict(items[0])
            if time.monotonic() > end:
                if wait:
                    self.console.line("  no show is live yet; see mock_show.log in the logs folder")
                return None
            self._pause(0.2)

    def _pause(self, seconds: float) -> None:
        """Wait while still tending the children; a Ctrl-C ends it."""
        self.supervisor.tend()
        if self.supervisor.interrupts:
            raise Interrupted
        time.sleep(seconds)

    # -- telling ----------------------------------------------------------------------------------

    def _event(self, text: str) -> None:
        self.console.line(f"  {time.strftime('%H:%M:%S')}  {text}")

    def _tell(self, child: Child, seconds: float) -> None:
        self.console.done(child.process.label, seconds)

    def _table(self, state: dict[str, Any], room: dict[str, Any] | None) -> None:
        origin = state["origin"]
        rows = [("Address", f"{origin}/")]
        if room:
            rows.append(("Live room", f"{origin}/shows/{room['slug']}/   {room.get('title', '')}"))
        rows += [
            ("Studio", f"{origin}/studio/   (as host)"),
            ("Admin", f"{origin}/admin/   (as admin)"),
            *self._obs(origin),
            ("Log in as", "viewer, host, moderator or admin; the password is always: demo"),
            ("To try", "Open the live room in two windows, log in as viewer in one of them,"),
            ("", "chat, and buy in two taps. Log in as host in a third and open the studio."),
            ("Logs", str(self.folder.logs)),
            ("Stop", "Ctrl-C"),
        ]
        self.console.line(f"\nlivestore is running ({time.monotonic() - self.began:.1f} s)\n")
        self.console.table(rows)
        self.console.line()

    def _obs(self, origin: str) -> list[tuple[str, str]]:
        if self.rtmp is None:
            return []
        server = listen.url(urlsplit(origin).hostname or "", self.rtmp.getsockname()[1])
        return [("OBS", f"server {server.replace('http', 'rtmp', 1)}/live, key from the studio")]

    def _stop(self) -> None:
        self.console.line("\nStopping, everything in its order (Ctrl-C again hurries)")
        self.supervisor.stop_all(lambda label: self.console.line(f"  {label}"))
        self.folder.clear_state()
        self.folder.remove_sockets()
        self.supervisor.unlisten()
        self.folder.unlock()
        self.console.line("Stopped.")


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one web process is needed")
    return number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
