"""`python3 manage.py test`: everything that must hold, with real servers of its own.

Without arguments: linters, types, layers, migrations, schemas, tests, browser tests. With arguments
only pytest, with those arguments; files below tests/e2e always run in a process of their own,
because a browser driver and asyncio tests can not share one.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from livestore.stack.console import Console
from livestore.stack.door import SERVER_VARIABLES
from livestore.stack.errors import StackError
from livestore.stack.folder import DataFolder
from livestore.stack.process import raise_file_limit
from livestore.stack.servers import Servers, environment
from livestore.stack.supervisor import Supervisor
from livestore.stack.table import ROOT

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
E2E = "tests/e2e"
TALLY = "LIVESTORE_TALLY"
OUTCOMES = ("failed", "passed", "skipped", "xfailed", "xpassed", "error")


CLEAN_UP_WITHIN = 20.0
"""Seconds that pytest gets after a Ctrl-C to tear down what its tests started."""


class Terminated(KeyboardInterrupt):
    """SIGTERM: as a Ctrl-C, but only this process has heard it."""


@dataclass(frozen=True)
class Step:
    """One headline of the run: a module (or manage.py command) and whether it is a pytest run."""

    title: str
    argv: tuple[str, ...]
    tests: bool = False


@dataclass
class Result:
    """How a step ended; `counts` only for pytest."""

    step: Step
    code: int
    seconds: float
    counts: dict[str, int] = field(default_factory=dict)


def static_steps() -> list[Step]:
    """The checks that run no test, in the order in which they are cheapest to hear about."""

    def tool(title: str, *argv: str) -> Step:
        return Step(title, (str(Path(sys.executable).with_name(argv[0])), *argv[1:]))

    def command(title: str, *argv: str) -> Step:
        return Step(title, (sys.executable, "manage.py", *argv))

    return [
        tool("ruff check", "ruff", "check", "--output-format", "concise", "."),
        tool("ruff format", "ruff", "format", "--check", "--output-format", "concise", "."),
        tool("types (mypy)", "mypy", "--no-error-summary", "."),
        tool("layers (import-linter)", "lint-imports", "--no-logo"),
        command("missing migrations", "makemigrations", "--check", "--dry-run"),
        command("generated schemas", "schemas", "--check"),
    ]


def pytest_step(title: str, *argv: str) -> Step:
    return Step(title, (sys.executable, "-m", "pytest", "-p", "livestore.stack.tally", *argv), True)


def side_by_side(cores: int) -> tuple[str, ...]:
    """Browser tests mostly wait, many of them for a killed process to come back: two at once, on a demo each.

    A file stays together, because its tests may share a demo of their own; files begin in the order in which
    tests/e2e/conftest.py puts them.
    """
    return ("-n", str(min(2, cores)), "--dist", "loadfile", "--no-loadscope-reorder")


def plan(arguments: Sequence[str], *, browser: bool = True) -> list[Step]:
    """The steps for these arguments."""
    if not arguments:
        cores = os.cpu_count() or 1
        steps = static_steps()
        steal = ("-n", str(min(4, cores)), "--dist", "worksteal")
        steps.append(pytest_step("tests", "-q", *steal, "tests", f"--ignore={E2E}"))
        if browser and (ROOT / E2E).is_dir():
            steps.append(pytest_step("browser tests", "-q", *side_by_side(cores), E2E))
        return steps
    paths = [a for a in arguments if _is_path(a)]
    options = [a for a in arguments if a not in paths]
    e2e = [p for p in paths if _is_e2e(p)]
    others = [p for p in paths if p not in e2e]
    steps = []
    if others or not e2e:
        chosen = others or ["tests"]
        steps.append(pytest_step("tests", *chosen, *options, f"--ignore={E2E}"))
    if browser and (e2e or not others) and (ROOT / E2E).is_dir():
        steps.append(pytest_step("browser tests", *(e2e or [E2E]), *options))
    return steps


def _is_path(argument: str) -> bool:
    return not argument.startswith("-") and (ROOT / argument.partition("::")[0]).exists()


def _is_e2e(path: str) -> bool:
    return (ROOT / path.partition("::")[0]).resolve().is_relative_to((ROOT / E2E).resolve())


def main(argv: Sequence[str]) -> int:
    """Run all steps, also after a failure; returns the first failure's exit code."""
    console = Console()
    browser = "--no-browser" not in argv
    arguments = [a for a in argv if a != "--no-browser"]
    steps = plan(arguments, browser=browser)
    env: dict[str, str] = {}
    if any(s.title == "browser tests" for s in steps):
        env["LIVESTORE_CHROMIUM"] = find_browser(console)
    with tempfile.TemporaryDirectory(prefix="livestore-test-") as temporary:
        data = Path(temporary)
        folder = DataFolder(data / "data")
        folder.open()
        folder.lock()
        raise_file_limit()
        # The tests' servers are theirs alone, also when the shell names others for a demo.
        for name in (*SERVER_VARIABLES, "LIVESTORE_DATA", "LIVESTORE_MODE"):
            os.environ.pop(name, None)
        supervisor = Supervisor(folder, console.line)
        signal.signal(signal.SIGTERM, _leave)
        try:
            servers = Servers(folder, supervisor, durable=False)
            with console.step("PostgreSQL and Valkey for the tests"):
                servers.start()
            state = servers.state("test", mode="test")
            env |= environment(state, folder.path) | bytecode(data)
            began = time.monotonic()
            results = run(steps, env, console, data)
        except KeyboardInterrupt:
            console.line("\nInterrupted.")
            return 130
        finally:
            supervisor.stop_all()
            folder.remove_sockets()
            folder.unlock()
    return summary(results, console, browser=browser, seconds=time.monotonic() - began)


def bytecode(folder: Path) -> dict[str, str]:
    """Tests start some two hundred Python processes. Where Python may not write down what it has compiled
    (PYTHONDONTWRITEBYTECODE), each would compile everything again, two seconds long: then it goes to `folder`.
    """
    if not os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        return {}
    return {"PYTHONPYCACHEPREFIX": str(folder / "bytecode")}


def run(
    steps: Sequence[Step], env: Mapping[str, str], console: Console, data: Path
) -> list[Result]:
    """The checks side by side, then each pytest run by itself, its output straight to the terminal."""
    cores = os.cpu_count() or 1
    results = check([step for step in steps if not step.tests], env, console, data, cores)
    for number, step in enumerate(step for step in steps if step.tests):
        console.line(f"\n==> {step.title}")
        tally = data / f"tally-{number}.json"
        began = time.monotonic()
        child = start(step, {**env, TALLY: str(tally)})
        try:
            code = child.wait()
        except KeyboardInterrupt as interrupt:
            end([child], interrupt)
            raise
        results.append(Result(step, code, time.monotonic() - began, _read(tally)))
    return results


def check(
    steps: Sequence[Step], env: Mapping[str, str], console: Console, data: Path, cores: int
) -> list[Result]:
    """As many at once as there are cores; what each says is shown under its headline, in their order."""
    running: dict[int, tuple[subprocess.Popen[bytes], float]] = {}
    results: dict[int, Result] = {}
    waiting = list(enumerate(steps))
    try:
        while len(results) < len(steps):
            while waiting and len(running) < cores:
                number, step = waiting.pop(0)
                with (data / f"check-{number}.log").open("wb") as output:
                    running[number] = start(step, env, output), time.monotonic()
            for number, (child, began) in list(running.items()):
                if child.poll() is not None:
                    took = time.monotonic() - began
                    results[number] = Result(steps[number], child.returncode, took)
                    del running[number]
            time.sleep(0.02)
    except KeyboardInterrupt as interrupt:
        end([child for child, _ in running.values()], interrupt)
        raise
    for number, result in sorted(results.items()):
        console.line(f"\n==> {result.step.title}")
        said = (data / f"check-{number}.log").read_text(errors="replace").rstrip()
        if said:
            console.line(said)
        if result.code == 0:
            console.line("    ok")
    return [results[number] for number in sorted(results)]


def start(
    step: Step, env: Mapping[str, str], output: IO[bytes] | None = None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        step.argv, cwd=ROOT, env={**os.environ, **env}, stdout=output, stderr=output
    )


def end(children: Sequence[subprocess.Popen[bytes]], interrupt: KeyboardInterrupt) -> None:
    """After a Ctrl-C, which reaches them by itself, or a SIGTERM, which does not."""
    for child in children:
        if isinstance(interrupt, Terminated):
            child.send_signal(signal.SIGINT)
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.wait(CLEAN_UP_WITHIN)
        child.terminate()
        child.wait()


def summary(
    results: Sequence[Result],
    console: Console,
    *,
    browser: bool = True,
    seconds: float | None = None,
) -> int:
    """The table of steps, then one line as pytest writes it. A failed check counts as one failed.

    `seconds` is how long all of them took together: less than their sum, as some ran side by side.
    """
    totals = dict.fromkeys(OUTCOMES, 0)
    console.line("\n==> summary")
    for result in results:
        told = ", ".join(f"{n} {name}" for name, n in result.counts.items() if n)
        if result.code == 5:
            told = "nothing selected"
        elif result.code != 0:
            told = f"FAILED (exit code {result.code}) {told}".rstrip()
        console.done(result.step.title, result.seconds, told or "ok")
        for name, count in result.counts.items():
            totals[name] += count
        if result.code not in {0, 5} and not (
            result.counts.get("failed") or result.counts.get("error")
        ):
            totals["failed"] += 1
    if not browser:
        console.line("  --no-browser: THE BROWSER TESTS WERE SKIPPED")
    parts = [
        f"{count} {name if name != 'error' or count == 1 else 'errors'}"
        for name, count in totals.items()
        if count
    ]
    if seconds is None:
        seconds = sum(result.seconds for result in results)
    line = f" {', '.join(parts) or 'no tests ran'} in {seconds:.2f}s "
    console.line(line.center(80, "="))
    # pytest's 5 means that nothing was selected, which is fine for one half of a split run.
    codes = [result.code for result in results if result.code not in {0, 5}]
    return codes[0] if codes else 5 if all(result.code == 5 for result in results) else 0


def find_browser(console: Console) -> str:
    """The path of a Chromium. Installs Debian's when it may; raises StackError when there is none."""
    if found := _browser_on_path():
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        console.line("  Chromium is missing, installing it with apt-get (once)")
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "-qq", "update"], env=quiet, check=False)
        install = ["apt-get", "-qq", "install", "-y", "--no-install-recommends", "chromium"]
        subprocess.run(install, env=quiet, check=False)
        if found := _browser_on_path():
            return found
    raise StackError(
        "the browser tests need Chromium, and none of "
        f"{', '.join(BROWSERS)} is on PATH. Install it (Debian: apt install chromium), "
        "or leave these tests out with --no-browser."
    )


def _browser_on_path() -> str | None:
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def _read(tally: Path) -> dict[str, int]:
    try:
        counts = json.loads(tally.read_text())
    except (OSError, ValueError):
        return {}
    return {name: int(counts.get(name, 0)) for name in OUTCOMES}


def _leave(number: int, frame: object) -> None:
    raise Terminated
