"""A home on a disk that is too small or read-only: one clear line, exit code 1, and the next run is whole."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import WORKED_EXAMPLE, Installation

Disk = Callable[[str], Installation]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Mount the folder of a home as a disk of its own with these options; called again, with others."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = False

    def mount(options: str) -> Installation:
        nonlocal mounted
        again = "remount," if mounted else ""
        command = ["mount", "-t", "tmpfs", "-o", f"{again}{options}", "tmpfs", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode and not mounted:
            pytest.skip(f"a disk of its own needs the right to mount one: {done.stderr.strip()}")
        assert done.returncode == 0, done.stderr
        mounted = True
        return Installation(folder / "home", WORKED_EXAMPLE / "landing", WORKED_EXAMPLE / "programme")

    yield mount
    if mounted:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("size", ["512k", "4m", "24m"])
def test_a_full_disk_is_one_clear_line_and_nothing_is_lost(disk: Disk, size: str) -> None:
    installation = disk(f"size={size}")
    full = installation.run("run")
    assert (full.returncode, full.stderr) == (1, "")
    *_, last = full.stdout.splitlines()
    assert last.startswith("not published: ")
    assert "disk full" in last
    assert "Traceback" not in full.stdout
    if size == "24m":
        assert disk("size=300m").run("run").returncode == 0
        assert installation.rows("select count(*) > 0 from marts.rpt_nps") == [(True,)]


def test_a_read_only_disk_is_one_clear_line(disk: Disk) -> None:
    disk("size=1m")
    found = disk("ro").run("run")
    assert (found.returncode, found.stderr) == (1, "")
    (line,) = found.stdout.splitlines()
    assert line.startswith("not published: ")
    assert "Read-only file system; ANSWERABLE_HOME must be a writable folder" in line
