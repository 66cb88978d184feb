"""A measured process: what it used, and what is said when it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from answerable.bench.process import BenchError, measure, python, size_of

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
