"""Reports: medians, ratios, promises, and what is written to files."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

from bench import plot, report
from bench.scenario import Column, Report

COLUMNS = (Column("cpu", "CPU us", 2, "less"), Column("lost", "lost"), Column("word", "codes"))


def example() -> Report:
    found = Report("example", "An <example>", COLUMNS, compare="cpu")
    for cpu in (5.0, 4.0, 9.0):
        found.add("ours", "all of it", {"cpu": cpu, "lost": 0, "word": "none"})
    found.add("peer", "less of it", {"cpu": 10.0, "lost": None})
    return found


def test_a_figure_is_the_median_of_its_runs() -> None:
    assert example().row("ours") == {"cpu": 5.0, "lost": 0, "word": "none"}


def test_ratios_are_to_the_first_contestant() -> None:
    assert report.ratios(example()) == [1.0, 2.0]


def test_the_table_names_everybody_and_dashes_what_was_not_measured() -> None:
    lines = report.table(example()).splitlines()
    assert lines[0].split() == ["ours", "peer"]
    assert [line.split() for line in lines[2:6]] == [
        ["CPU", "us", "5.00", "10.00"],
        ["times", "ours", "1.00", "2.00"],
        ["lost", "0", "-"],
        ["codes", "none", "-"],
    ]
    assert "peer: less of it" in lines


def test_promises_say_kept_better_or_not() -> None:
    found = example()
    found.check("small enough", 5.0, 6.0, 4.0)
    found.check("very small", 3.0, 6.0, 4.0)
    found.check("many enough", 5.0, 6.0, at_least=True)
    found.check("not measured", None, 1.0)
    assert [line.split()[0] for line in report.promises(found.checks).splitlines()] == [
        "kept",
        "better",
        "NOT",
    ]
    assert [check.met for check in found.checks] == [True, True, False]


def test_json_keeps_runs_machine_and_command(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "bench.json"
    report.write_json(file, example(), ["manage.py", "bench", "example"])
    found = json.loads(file.read_text())
    assert found["command"] == "manage.py bench example"
    assert found["machine"]["cores"] >= 1
    assert [run["cpu"] for run in found["rows"][0]["runs"]] == [5.0, 4.0, 9.0]
    assert found["rows"][0]["median"]["cpu"] == 5.0


def test_the_picture_is_an_svg_with_a_bar_for_each(tmp_path: Path) -> None:
    plot.write(tmp_path / "bench.svg", example())
    root = ET.parse(tmp_path / "bench.svg").getroot()
    bars = [each for each in root if each.get("rx")]
    assert [float(bar.get("width", 0)) for bar in bars] == [275.0, 550.0]


def test_a_bar_that_would_dwarf_the_others_is_cut_and_says_so() -> None:
    found = example()
    found.add("huge", "", {"cpu": 500.0})
    root = ET.fromstring(plot.svg(found))
    bars = [float(each.get("width", 0)) for each in root if each.get("rx")]
    assert bars == [275.0, 550.0, 550.0]
    assert len([each for each in root if each.tag.endswith("path")]) == 1
    assert "500.00" in [each.text for each in root]
