"""The writer's lock: one process, as deep as it likes; gone with its holder."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.lock import LockedError, holder, writing

HOLD = """
import sys, time
from pathlib import Path
from orchestration.lock import writing
with writing(Path(sys.argv[1]), "a test"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def other(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_same_process_may_take_it_again(tmp_path: Path) -> None:
    with writing(tmp_path, "outer"), writing(tmp_path, "inner"):
        pass

    assert holder(tmp_path) is None


def test_another_process_is_named(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    said: list[str] = []

    expected = pytest.raises(LockedError, match=f"in use by a test \\(process {other.pid}\\) since")
    with expected, writing(tmp_path, "me", timeout=0.3, on_wait=said.append):
        pass

    assert len(said) == 1
    assert said[0].endswith("; waiting")
    found = holder(tmp_path)
    assert found is not None and found.pid == other.pid


def test_it_dies_with_its_holder(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    os.kill(other.pid, signal.SIGKILL)
    other.wait()

    assert holder(tmp_path) is None
    with writing(tmp_path, "me"):
        pass
