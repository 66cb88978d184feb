"""Errors as one clear line, and which of them may pass."""

import errno
import sqlite3
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from answerable.summary import printable
from ingest import IngestError
from orchestration.failures import failing_clearly, is_disk_full, is_passing, one_line


def test_a_full_disk_is_named() -> None:
    line = one_line(OSError(errno.ENOSPC, "No space left on device", "/home/a/published"))

    assert line.startswith("disk full: /home/a/published")


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        duckdb.IOException("Could not write file: No space left on device"),
        sqlite3.OperationalError("database or disk is full"),
    ],
)
def test_a_full_disk_is_found_behind_other_errors(tmp_path: Path, error: Exception) -> None:
    outer = RuntimeError("an event could not be stored")
    outer.__context__ = error

    assert is_disk_full(outer, tmp_path)
    assert one_line(outer).startswith("disk full: ")
    assert not is_disk_full(RuntimeError("something else"), tmp_path / "not" / "there")


def test_an_error_of_loading_is_clear_already() -> None:
    line = "warehouse.duckdb: No space left on device; free disk or memory and run again, nothing is lost"

    assert one_line(IngestError(line)) == line


def test_a_read_only_home_is_named(tmp_path: Path) -> None:
    line = one_line(OSError(errno.EROFS, "Read-only file system", str(tmp_path)))

    assert line == f"{tmp_path}: Read-only file system; ANSWERABLE_HOME must be a writable folder"


def test_many_lines_become_one() -> None:
    assert one_line(ValueError("first\n  second\n")) == "first second"


def test_a_file_somebody_has_open_may_be_free_a_little_later() -> None:
    conflict = duckdb.IOException("Conflicting lock is held in /usr/bin/python (PID 7). See also https://duckdb.org")
    wrapped = IngestError("warehouse.duckdb is in use (process 7)")
    wrapped.__cause__ = conflict

    assert is_passing(conflict)
    assert is_passing(wrapped)
    assert not is_passing(IngestError("no space left"))
    assert "/usr/bin/python (PID 7)" in one_line(conflict)


def test_an_error_of_a_step_is_a_failure_with_one_line() -> None:
    with pytest.raises(dg.Failure) as failure, failing_clearly():
        raise IngestError("the programme has no teams.csv")

    assert failure.value.description == "the programme has no teams.csv"
    assert failure.value.allow_retries is False


def test_a_hostile_name_does_not_steer_the_terminal() -> None:
    assert printable("a\x1b[2J\nb – ü.csv") == "a\\x1b[2J\\nb – ü.csv"
