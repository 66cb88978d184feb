"""A measured process: what it used, and what is said when it fails."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from bench.process import CHECKOUT, BenchError, importing, measure, python, size_of

MEGABYTES_200 = "block = b'x' * 200_000_000"


def test_the_peak_is_that_of_the_process(tmp_path: Path) -> None:
    """At least what it held, and not a thousand times as much, as a wrong unit would say."""
    large = measure(python("-c", f"{MEGABYTES_200}; print(len(block))"), folder=tmp_path)

    assert large.output == "200000000\n"
    assert 200_000_000 < large.peak_bytes < 20_000_000_000
    assert large.processor_seconds > 0
    assert large.seconds > 0


def test_a_process_that_fails_is_an_error_with_its_last_lines(tmp_path: Path) -> None:
    program = "import sys; print('said'); sys.exit('complained')"

    with pytest.raises(BenchError, match=r"(?s)ended with 1:.*said.*complained"):
        measure(python("-c", program), folder=tmp_path)
    assert measure(python("-c", program), folder=tmp_path, fine=(0, 1)).output == "said\n"


def test_sizes_count_files_and_no_links(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_bytes(bytes(10))
    (tmp_path / "link").symlink_to("folder/file")

    assert size_of(tmp_path) == size_of(tmp_path / "folder") == size_of(tmp_path / "folder" / "file") == 10


def test_a_process_that_is_never_done_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="was not done after 1 s"):
        measure(python("-c", "import time; time.sleep(60)"), folder=tmp_path, limit=1)


def test_the_code_of_a_checkout_comes_before_what_is_installed(tmp_path: Path) -> None:
    (tmp_path / "other" / "bench").mkdir(parents=True)
    (tmp_path / "other" / "bench" / "__init__.py").write_text("")
    ask = python("-c", "import bench; print(bench.__file__)")

    assert Path(measure(ask, folder=tmp_path).output.strip()) == CHECKOUT / "bench" / "__init__.py"
    other = measure(ask, folder=tmp_path, environment=importing(tmp_path / "other"))
    assert Path(other.output.strip()) == tmp_path / "other" / "bench" / "__init__.py"


def test_the_peak_is_that_of_the_largest_process_of_the_tree(tmp_path: Path) -> None:
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {MEGABYTES_200!r}], check=True)"

    assert measure(python("-c", child), folder=tmp_path).peak_bytes > 200_000_000


def test_ended_from_outside_it_leaves_no_process_behind(tmp_path: Path) -> None:
    """What is measured says its number, and is gone with the one that measures it."""
    number = f"pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid()))"
    child = f"import os, pathlib, time; {number}; time.sleep(60)"
    measures = f"""
import pathlib, signal, sys
from bench.process import measure, python
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
measure(python("-c", {child!r}), folder=pathlib.Path({str(tmp_path)!r}))
"""
    outer = subprocess.Popen(python("-c", measures), env=importing())
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert outer.poll() is None
        time.sleep(0.05)
    outer.send_signal(signal.SIGTERM)

    assert outer.wait(10) == 1
    with pytest.raises(ProcessLookupError):
        for _ in range(100):
            os.kill(int((tmp_path / "pid").read_text()), 0)
            time.sleep(0.05)
