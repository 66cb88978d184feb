"""A home on a disk that is too small or read-only: one clear line, exit code 1, and the next run is whole."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import WORKED_EXAMPLE, Installation

Disk = Callable[[str], Installation]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Mount the folder of a home as a disk of its own with these options; called again, with others.

    It is mounted for a shell that waits and for what enters it: there, whoever runs the tests has the right to mount.
    """
    folder = tmp_path / "disk"
    folder.mkdir()
    user = () if os.geteuid() == 0 else ("--map-root-user",)
    command = ["unshare", *user, "--mount", "sh", "-c", "echo mounts; read -r _"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as shell:
        assert shell.stdin and shell.stdout and shell.stderr
        assert shell.stdout.readline(), shell.stderr.read()
        same_user = ("--user", "--preserve-credentials") if user else ()
        within = ("nsenter", f"--target={shell.pid}", "--mount", *same_user)
        mounted = False

        def mount(options: str) -> Installation:
            nonlocal mounted
            again = "remount," if mounted else ""
            subprocess.run([*within, "mount", "-t", "tmpfs", "-o", f"{again}{options}", "tmpfs", folder], check=True)
            mounted = True
            return Installation(
                folder / "home", WORKED_EXAMPLE / "landing", WORKED_EXAMPLE / "programme", within=within
            )

        yield mount
        shell.stdin.close()


@pytest.mark.parametrize("size", ["512k", "4m", "24m"])
def test_a_full_disk_is_one_clear_line_and_nothing_is_lost(disk: Disk, size: str) -> None:
    full = disk(f"size={size}").run("run")
    assert (full.returncode, full.stderr) == (1, "")
    *_, last = full.stdout.splitlines()
    assert last.startswith("not published: ")
    assert "disk full" in last
    assert "Traceback" not in full.stdout
    if size == "24m":
        whole = disk("size=300m").run("run")
        assert whole.returncode == 0, whole.stdout
        assert "NPS 27.9 " in whole.stdout


def test_a_read_only_disk_is_one_clear_line(disk: Disk) -> None:
    disk("size=1m")
    found = disk("ro").run("run")
    assert (found.returncode, found.stderr) == (1, "")
    (line,) = found.stdout.splitlines()
    assert line.startswith("not published: ")
    assert "Read-only file system; ANSWERABLE_HOME must be a writable folder" in line
