"""What `make test` does about the browser it needs: nothing, install it, or say in one line what is missing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "system.sh"
ROOT, NOBODY = "echo 0", "echo 65534"
REFUSED = "exit 1"
NEW_LISTS = "case $1 in update) touch $0.lists ;; *) test -e $0.lists ;; esac"


@pytest.mark.parametrize(
    ("commands", "calls", "last_line"),
    [
        ({"chromium": "", "id": NOBODY}, [], None),
        ({"chromium-browser": "", "id": NOBODY}, [], None),
        ({"id": ROOT, "apt-get": ""}, ["install"], None),
        ({"id": NOBODY, "apt-get": "", "sudo": 'shift; exec "$@"'}, ["install"], None),
        ({"id": ROOT, "apt-get": NEW_LISTS}, ["install", "update", "install"], None),
        ({"id": ROOT, "apt-get": REFUSED}, ["install", "update", "install"], "(apt-get failed)"),
        ({"id": NOBODY, "apt-get": ""}, [], "(neither root nor sudo without a password to do it)"),
        ({"id": NOBODY, "apt-get": "", "sudo": REFUSED}, [], "(neither root nor sudo without a password to do it)"),
        ({"id": ROOT}, [], "(there is no apt-get to do it)"),
    ],
)
def test_what_is_asked_of_the_system(
    tmp_path: Path, commands: dict[str, str], calls: list[str], last_line: str | None
) -> None:
    """In a system that has these commands alone, beside those that every system has."""
    log = tmp_path / "calls"
    log.touch()
    for name in ("env", "true", "touch"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    for name, body in commands.items():
        noted = f'echo "$1" >> {log}\n' if name == "apt-get" else ""
        (tmp_path / name).write_text(f"#!/bin/sh\n{noted}{body}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", str(SCRIPT)], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert log.read_text(encoding="utf-8").split() == calls
    assert done.returncode == (1 if last_line else 0), done.stderr
    if last_line:
        (line,) = done.stderr.splitlines()
        assert line.startswith("make test needs Chromium: install the system's packages chromium ")
        assert line.endswith(last_line)
