"""The bench from end to end, at a size that has no meaning: figures are there, none is judged."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bench import report as words
from bench.figures import Report
from bench.process import CHECKOUT, BenchError, importing, python
from bench.runs import bench

SIZE = 0.02
LOADING = ("loading parquet", "loading csv")
RUN = (
    "load", "models and tests", "publish", "full run", "processor time", "peak memory", "disk: warehouse",
    "disk: a published version", "disk: home",
)  # fmt: skip
LATER = (
    "answerable --version", "answerable status", "loading definitions", "first event of a run",
    *(f"{name}{kind}"
      for name in ("nothing new", "day of 0.01 %", "day of 0.1 %", "day of 1 %", "one account's value corrected")
      for kind in ("", ": processor time")),
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench")


@pytest.fixture(scope="module")
def report(folder: Path) -> Report:
    return bench(SIZE, folder=folder, only=["run"], say=lambda line: None)


@pytest.mark.slow
def test_the_usual_bench_has_days_and_corrections(tmp_path: Path) -> None:
    report = bench(SIZE, folder=tmp_path, say=lambda line: None)

    assert tuple(figure.name for figure in report.figures) == (*LOADING, *RUN, *LATER)
    assert [change.records for change in report.changes][-1] == 1
    assert report.changes[2].records > report.changes[1].records > 0


@pytest.mark.slow
def test_a_checkout_beside_itself_costs_the_same(tmp_path: Path) -> None:
    """Whatever the noise: not twice as much, and the homes hold the same."""
    report = bench(SIZE, folder=tmp_path, against=CHECKOUT, say=lambda line: None)

    ratios = {figure.name: figure.ratio for figure in report.figures if figure.name.endswith(", paired")}
    assert len(ratios) == 6
    assert all(0.5 < ratio < 2 for ratio in ratios.values())
    assert ratios["home after the full run, paired"] == pytest.approx(1, rel=0.1)


def test_every_figure_stands_beside_something(report: Report, folder: Path) -> None:
    assert tuple(figure.name for figure in report.figures) == RUN
    assert all(figure.value > 0 and figure.floor and figure.against for figure in report.figures)
    [processor] = [figure for figure in report.figures if figure.name == "processor time"]
    assert processor.yardstick and processor.value > processor.yardstick
    assert report.accounts == 40
    assert list(report.steps) == ["start", "load", "models", "publish", "deliver", "scorecards", "end"]
    assert {"rpt_nps", "tests"} <= set(report.models)
    assert "rpt_nps" in report.floor_models

    report.write(folder / "report.json")
    assert Report.read(folder / "report.json") == report
    assert "full run" in words.as_text(report)


def test_it_leaves_the_data_and_nothing_else(report: Report, folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} - {"report.json"} == {"landing", "base.duckdb", "data.json"}


def test_the_data_serve_again(report: Report, folder: Path) -> None:
    """Days and corrections of the bench before are taken away: loading is of the same history."""
    again = bench(SIZE, folder=folder, only=["load"], say=lambda line: None)

    assert [figure.name for figure in again.figures] == [*LOADING, "load alone", "load alone, peak memory"]
    assert (again.rows, again.landed_bytes) == (report.rows, report.landed_bytes)
    with pytest.raises(ValueError, match="holds data of size"):
        bench(1, folder=folder, only=["load"], say=lambda line: None)


def test_a_run_that_fails_gives_no_figure(folder: Path, report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSWERABLE_THREADS", "several")

    with pytest.raises(BenchError, match="ANSWERABLE_THREADS"):
        bench(SIZE, folder=folder, only=["run"], say=lambda line: None)


def test_the_command_compares_and_refuses(report: Report, folder: Path, tmp_path: Path) -> None:
    report.write(folder / "report.json")
    file = str(folder / "report.json")

    same = command("--compare", file, file)
    assert same.returncode == 0, same.stderr
    assert "full run" in same.stdout
    assert command("--compare", file, str(folder / "data.json")).returncode == 2
    assert command("--size", "0.5").returncode == 2
    other = command("--against", str(tmp_path))
    assert (other.returncode, other.stderr) == (2, f"{tmp_path} is no checkout: it has no answerable/cli.py\n")
    assert command("--against", str(CHECKOUT), "--only", "run").returncode == 2


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m bench …` as one does in the checkout."""
    return subprocess.run(
        python("-m", "bench", *arguments), cwd=CHECKOUT, env=importing(), capture_output=True, text=True, check=False
    )
