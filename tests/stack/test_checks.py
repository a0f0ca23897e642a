"""`manage.py test`: what runs for which arguments, and how the end is told."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from livestore.stack import checks
from livestore.stack.checks import Result, Step, plan, summary
from livestore.stack.console import Console
from livestore.stack.errors import StackError


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project with unit tests and browser tests."""
    for name in ("tests/shop/test_hold.py", "tests/e2e/test_sale.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.touch()
    monkeypatch.setattr(checks, "ROOT", tmp_path)


def test_without_arguments_everything_runs_and_the_browser_last_in_its_own_process() -> None:
    titles = [step.title for step in plan([])]
    assert titles == [
        "ruff check",
        "ruff format",
        "types (mypy)",
        "layers (import-linter)",
        "missing migrations",
        "generated schemas",
        "tests",
        "browser tests",
    ]


def test_browser_tests_run_two_at_once_and_a_file_of_them_stays_together() -> None:
    assert checks.side_by_side(8)[:4] == ("-n", "2", "--dist", "loadfile")
    assert checks.side_by_side(1)[:2] == ("-n", "1")
    assert "--no-loadscope-reorder" in plan([])[-1].argv


def says(title: str, program: str, **more: bool) -> Step:
    return Step(title, (sys.executable, "-c", program), **more)


MEETING = """
import pathlib, sys, time
mine, other = sys.argv[1:]
pathlib.Path(mine).touch()
end = time.monotonic() + 20
while not pathlib.Path(other).exists():
    assert time.monotonic() < end
    time.sleep(0.01)
print("met", mine)
"""


def test_checks_run_side_by_side_and_are_told_in_their_order(tmp_path: Path) -> None:
    """Each of the two waits for the other: one after the other they would never end."""
    steps = [
        Step(name, (sys.executable, "-c", MEETING, name, other))
        for name, other in (("here", "there"), ("there", "here"))
    ]
    steps.append(says("broken", "raise SystemExit('no good')"))
    out = io.StringIO()
    results = checks.check(steps, {}, Console(out), tmp_path, cores=2)
    assert [(each.step.title, each.code) for each in results] == [
        ("here", 0),
        ("there", 0),
        ("broken", 1),
    ]
    said = " ".join(out.getvalue().split())
    assert said == "==> here met here ok ==> there met there ok ==> broken no good"


def test_where_python_may_not_write_bytecode_it_goes_to_the_runs_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    told = checks.bytecode(tmp_path)
    step = says("import", "import json.tool", tests=True)
    [result] = checks.run([step], told, Console(io.StringIO()), tmp_path)
    assert result.code == 0
    assert list((tmp_path / "bytecode").rglob("tool.*.pyc"))
    assert checks.bytecode(tmp_path) == {}, "elsewhere it lies beside the sources, as ever"


def test_arguments_go_to_pytest_alone() -> None:
    (step,) = plan(["tests/shop", "-k", "hold"])
    assert step.title == "tests"
    assert step.argv[-4:] == ("tests/shop", "-k", "hold", "--ignore=tests/e2e")


def test_browser_tests_get_their_own_process() -> None:
    tests, browser = plan(
        ["tests/shop/test_hold.py", "tests/e2e/test_sale.py::test_two_taps", "-x"]
    )
    assert tests.argv[-3:] == ("tests/shop/test_hold.py", "-x", "--ignore=tests/e2e")
    assert browser.argv[-2:] == ("tests/e2e/test_sale.py::test_two_taps", "-x")
    (only,) = plan(["tests/e2e"])
    assert only.title == "browser tests"


def test_a_selection_by_name_looks_in_both_halves() -> None:
    assert [step.title for step in plan(["-k", "hold"])] == ["tests", "browser tests"]
    assert [step.title for step in plan(["-k", "hold"], browser=False)] == ["tests"]


def finish(*results: Result, browser: bool = True) -> tuple[int, str]:
    out = io.StringIO()
    return summary(results, Console(out), browser=browser), out.getvalue()


def pytest_result(code: int, **counts: int) -> Result:
    return Result(Step("tests", (), tests=True), code, 2.0, counts)


def test_the_last_line_counts_all_runs_together() -> None:
    code, text = finish(pytest_result(0, passed=40, skipped=1), pytest_result(0, passed=3))
    assert code == 0
    assert text.splitlines()[-1].strip("= ") == "43 passed, 1 skipped in 4.00s"


def test_the_first_failure_decides_the_exit_code_and_a_failed_check_is_counted() -> None:
    ruff = Result(Step("ruff check", ()), 2, 0.5)
    code, text = finish(ruff, pytest_result(1, passed=40, failed=2))
    assert code == 2
    assert text.splitlines()[-1].strip("= ") == "3 failed, 40 passed in 2.50s"
    assert "FAILED (exit code 2)" in text


def test_a_pytest_that_crashed_is_a_failure() -> None:
    code, text = finish(pytest_result(3))
    assert code == 3
    assert "1 failed" in text.splitlines()[-1]


def test_a_selection_that_finds_nothing_in_one_half_is_fine_and_in_both_is_not() -> None:
    assert finish(pytest_result(0, passed=1), pytest_result(5))[0] == 0
    assert finish(pytest_result(5), pytest_result(5))[0] == 5


def test_leaving_the_browser_out_is_said_loudly() -> None:
    assert "THE BROWSER TESTS WERE SKIPPED" in finish(pytest_result(0, passed=1), browser=False)[1]


def test_a_machine_without_chromium_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks.shutil, "which", lambda name: None)
    with pytest.raises(StackError, match="apt install chromium"):
        checks.find_browser(Console(io.StringIO()))


def test_root_installs_a_missing_chromium_with_apt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apt = tmp_path / "apt-get"
    apt.write_text(
        f'#!/bin/sh\ncase "$*" in *install*chromium) printf "#!/bin/sh" > {tmp_path}/chromium; '
        f"chmod +x {tmp_path}/chromium;; esac\n"
    )
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin", prepend=None)
    monkeypatch.setattr(checks, "BROWSERS", ("chromium",))
    monkeypatch.setattr(checks.os, "geteuid", lambda: 0)
    monkeypatch.setattr(
        checks.shutil,
        "which",
        lambda name: str(tmp_path / name) if (tmp_path / name).exists() else None,
    )
    out = io.StringIO()
    assert checks.find_browser(Console(out)) == str(tmp_path / "chromium")
    assert "installing it with apt-get" in out.getvalue()
