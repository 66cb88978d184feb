"""A test that isn't run fails: the hooks of conftest, in a session of its own on two processes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
FILES = {
    "test_whole_file.py": """
import pytest
pytest.importorskip("no_such_package", reason="no package")
def test_it(): pass
""",
    "test_each.py": """
import pytest
@pytest.fixture
def one(): pytest.skip("no fixture")
def test_in_a_fixture(one): pass
def test_in_itself(): pytest.skip("no patience")
@pytest.mark.skip(reason="no mark")
def test_by_a_mark(): pass
@pytest.mark.xfail(reason="no hope")
def test_expected_to_fail(): raise AssertionError
""",
}


def test_what_is_skipped_fails_and_says_why(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "conftest", "--numprocesses", "2", "--continue-on-collection-errors"],
        env={"PYTHONPATH": str(TESTS), "COLUMNS": "200"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    failed = re.findall(r"^(?:FAILED|ERROR) (\S+) - (?:Skipped|Expected to fail): (no \w+) ", done.stdout, re.M)
    assert sorted(failed) == [
        ("test_each.py::test_by_a_mark", "no mark"),
        ("test_each.py::test_expected_to_fail", "no hope"),
        ("test_each.py::test_in_a_fixture", "no fixture"),
        ("test_each.py::test_in_itself", "no patience"),
        ("test_whole_file.py", "no package"),
    ], done.stdout
