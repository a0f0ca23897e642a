"""The data folder: only ours is used, only ours is emptied."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from livestore.stack.errors import StackError
from livestore.stack.folder import LONGEST_SOCKET, DataFolder, check_socket, last_lines, rotate


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years of work")
    with pytest.raises(StackError, match="not a livestore data folder") as refused:
        DataFolder(tmp_path).open()
    assert refused.value.exit_code == 2
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_reset_leaves_a_foreign_folder_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years of work")
    with pytest.raises(StackError, match="leaves it alone"):
        DataFolder(tmp_path).reset()
    assert (tmp_path / "thesis.txt").read_text() == "ten years of work"


def test_reset_empties_our_own_folder_and_nothing_behind_a_link(
    folder: DataFolder, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "photo").write_text("holiday")
    (folder.path / "postgres").mkdir()
    (folder.path / "postgres" / "PG_VERSION").write_text("18")
    (folder.path / "media").symlink_to(outside)
    folder.reset()
    assert sorted(p.name for p in folder.path.iterdir()) == [
        "livestore-folder",
        "lock",
        "logs",
        "run",
    ]
    assert (outside / "photo").read_text() == "holiday"


def test_a_file_in_place_of_the_folder_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StackError, match="can not be used"):
        DataFolder(tmp_path / "data").open()


def test_two_starts_can_not_hold_one_folder(folder: DataFolder) -> None:
    second = DataFolder(folder.path)
    assert not second.lock()
    folder.unlock()
    assert second.lock()
    second.unlock()


def test_the_secret_is_made_once_and_is_for_its_owner_only(folder: DataFolder) -> None:
    secret = folder.secret()
    assert len(secret) >= 50
    assert folder.secret() == secret
    assert stat.S_IMODE((folder.path / "secret").stat().st_mode) == 0o600
    assert DataFolder(folder.path).secret() == secret


def test_sockets_live_in_a_short_private_folder_even_for_a_long_data_folder(tmp_path: Path) -> None:
    deep = DataFolder(tmp_path / ("d" * 60) / ("e" * 60))
    deep.open()
    sockets = deep.make_sockets()
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    assert len(str(sockets / ".s.PGSQL.5432.lock")) < LONGEST_SOCKET
    # A later start finds the folder of one that was killed, and removes it.
    DataFolder(deep.path).remove_sockets()
    assert not sockets.exists()


def test_a_socket_path_of_107_bytes_is_the_longest() -> None:
    assert check_socket(Path("/" + "x" * 106))
    with pytest.raises(StackError, match="longer than 107 bytes"):
        check_socket(Path("/" + "x" * 107))


def test_a_noted_folder_that_is_not_for_sockets_is_not_removed(
    folder: DataFolder, tmp_path: Path
) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (folder.run / "sockets").write_text(str(precious))
    folder.remove_sockets()
    assert precious.is_dir()


def test_earlier_logs_are_kept_beside_the_new_one(tmp_path: Path) -> None:
    log = tmp_path / "web-1.log"
    for text in ("first", "second", "third", "fourth", "fifth"):
        rotate(log)
        log.write_text(text)
    kept = {p.name: p.read_text() for p in tmp_path.iterdir()}
    assert kept == {
        "web-1.log": "fifth",
        "web-1.1.log": "fourth",
        "web-1.2.log": "third",
        "web-1.3.log": "second",
    }


def test_the_last_lines_of_a_log_are_found(tmp_path: Path) -> None:
    log = tmp_path / "relay.log"
    log.write_text("\n".join(f"line {n}" for n in range(5000)))
    assert last_lines(log, 2) == ["line 4998", "line 4999"]
    assert last_lines(tmp_path / "none.log") == []
