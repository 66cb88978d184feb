"""The report of a bench: what is written is read again, two are compared by name, people get the same numbers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench import report as words
from bench.figures import Alternative, Change, Compared, Figure, Report, compare, unlike


def made(size: float = 1, **more: object) -> Report:
    report = Report(
        size=size,
        seed=7,
        format="parquet",
        runs=1,
        made_at="2026-01-02T03:04:05+00:00",
        machine={"processor": "P", "cores": 2, "memory_bytes": 8_000_000_000, "system": "S", "python": "3.11"},
        versions={"duckdb": "1.5.6"},
        settings={"threads": "2", "memory_limit": "4GiB"},
        rows={"crm.interactions": 1000, "crm.accounts": 2},
        accounts=2,
        landed_bytes=5000,
        figures=[
            Figure("full run", "s", 26.0, 20.0, "the floor"),
            Figure("peak memory", "bytes", 3e9),
            Figure("processor time", "s", 30.0, 24.0, "the floor's", yardstick=5.0),
        ],
        steps={"start": 1.0, "load": 5.0, "models": 15.0, "publish": 4.0, "end": 1.0},
        models={"rpt_nps": 4.0, "tests": 2.0},
        floor_models={"rpt_nps": 3.0},
        changes=[Change("day of 0.1 %", 3, 2, 2.5, {"load": 1.0}, {"rpt_nps": 0.5})],
        alternatives=[
            Alternative("pandas", "less", 13.0, 26.0),
            Alternative("other", "same", None, 26.0, "not installed"),
        ],
    )
    return replace(report, **more)  # type: ignore[arg-type]


def test_a_report_survives_its_file(tmp_path: Path) -> None:
    report = made()
    report.write(tmp_path / "report.json")

    assert Report.read(tmp_path / "report.json") == report
    written = json.loads((tmp_path / "report.json").read_text())["figures"]
    assert [figure["ratio"] for figure in written] == [1.3, None, 1.25]
    assert [figure["multiple"] for figure in written] == [None, None, 6.0]


def test_a_report_from_before_there_was_a_yardstick_is_read(tmp_path: Path) -> None:
    made().write(tmp_path / "report.json")
    written = json.loads((tmp_path / "report.json").read_text())
    for figure in written["figures"]:
        del figure["multiple"], figure["yardstick"]
    (tmp_path / "report.json").write_text(json.dumps(written))

    assert [figure.ratio for figure in Report.read(tmp_path / "report.json").figures] == [1.3, None, 1.25]


@pytest.mark.parametrize("text", ["", "{}", '{"layout": 0}', '{"layout": 1, "figures": [{}]}'])
def test_a_file_that_is_no_report_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "other.json").write_text(text)

    with pytest.raises(ValueError, match=r"other\.json: not a report of the bench"):
        Report.read(tmp_path / "other.json")


def test_two_reports_are_compared_by_name() -> None:
    second = made(figures=[Figure("status", "s", 1.0), Figure("full run", "s", 13.0)])

    assert compare(made(), second) == [
        Compared("full run", "s", 26.0, 13.0),
        Compared("peak memory", "bytes", 3e9, None),
        Compared("processor time", "s", 30.0, None),
        Compared("status", "s", None, 1.0),
    ]
    assert [one.ratio for one in compare(made(), second)] == [0.5, None, None, None]
    [line] = [line for line in words.as_comparison(made(), second).splitlines() if line.startswith("full run")]
    assert line.split() == ["full", "run", "26.0", "s", "13.0", "s", "0.50"]


def test_what_makes_a_comparison_mean_less_is_said() -> None:
    assert unlike(made(), made()) == []
    assert unlike(made(), made(size=10)) == ["size: 1 and 10"]
    assert "not alike: size: 1 and 10" in words.as_comparison(made(), made(size=10))


def test_the_terminal_shows_every_figure_with_its_ratio() -> None:
    lines = words.as_text(made()).splitlines()

    assert "full run        26.0 s  20.0 s   1.30              the floor" in lines
    assert "processor time  30.0 s  24.0 s   1.25        6.00  the floor's" in lines
    assert any(line.split() == ["peak", "memory", "3.0", "GB"] for line in lines)
    assert any(line.startswith("other") and "not installed" in line for line in lines)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.123, "s", "0.12 s"), (12.34, "s", "12.3 s"), (1234.5, "s", "1,234 s"), (None, "s", ""),
        (900, "bytes", "900 B"), (4.2e6, "bytes", "4.2 MB"), (123e6, "bytes", "123 MB"), (2.54e9, "bytes", "2.5 GB"),
    ],
)  # fmt: skip
def test_values_have_units(value: float | None, unit: str, text: str) -> None:
    assert words.shown(value, unit) == text


def test_the_document_is_filled_between_its_markers(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text(f"Before.\n\n{words.BEGIN}\nold\n{words.END}\n\nAfter.\n")

    words.fill(document, words.as_markdown([made(100), made(1)]))

    text = document.read_text()
    assert text.startswith("Before.\n") and text.endswith("After.\n")
    assert "old" not in text
    assert "| figure | 1 million | 100 million | beside what |" in text
    assert "| full run | 26.0 s (1.30) | 26.0 s (1.30) | the floor |" in text
    assert "| processor time | 30.0 s (1.25, 6.00 ×) | 30.0 s (1.25, 6.00 ×) | the floor's |" in text
    assert "| `rpt_nps` | 4.00 s | 3.00 s | 0.50 s |" in text
    assert "| pandas | 13.0 s | 26.0 s | 0.50 | less |" in text
    words.fill(document, "again")
    assert document.read_text().count(words.BEGIN) == 1


def test_what_was_not_run_is_extrapolated_and_says_so() -> None:
    """Ten times the history at four times the cost: sixteen times at a hundred times the history."""
    text = words.as_markdown(
        [
            made(figures=[Figure("full run", "s", 50.0, 40.0, "the floor")]),
            made(10, figures=[Figure("full run", "s", 200.0, 190.0, "the floor"), Figure("status", "s", 1.0)]),
            made(10, figures=[Figure("full run", "s", 1e9), Figure("nothing new, paired", "s", 2.0, 4.0, "abc")]),
        ]
    )

    assert "| figure | 1 million | 10 million | 100 million, extrapolated | beside what |" in text
    assert "| full run | 50.0 s (1.25) | 200 s (1.05) | ≈ 800 s (n = 0.60) | the floor |" in text
    assert "| status |  | 1.00 s |  |  |" in text
    assert "| nothing new, paired |  | 2.00 s (0.50) |  | abc |" in text
    assert "100 million were not run" in text
    assert "extrapolated" not in words.as_markdown([made(1)])


def test_a_document_without_markers_is_left_alone(tmp_path: Path) -> None:
    document = tmp_path / "other.md"
    document.write_text("text")

    with pytest.raises(ValueError, match=r"other\.md: the lines .* are missing"):
        words.fill(document, "figures")
    assert document.read_text() == "text"


def test_the_chart_has_a_line_per_size(tmp_path: Path) -> None:
    words.draw([made(1), made(10)], tmp_path / "chart.svg")

    svg = (tmp_path / "chart.svg").read_text()
    assert svg.startswith("<svg")
    for text in ("on 1 million", "on 10 million", "Cost over history", "publish"):
        assert text in svg
