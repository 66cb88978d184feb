"""The figures for people: tables, a chart, the generated part of a document.

Belongs here: words, columns, axes. Does not: values (figures) or how they were measured (runs).

    python -m bench.report A.json B.json … --document docs/performance.md --chart docs/performance.svg

writes the tables of these reports between the two markers of the document and the chart beside it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from math import ceil, floor, log, log10
from pathlib import Path
from typing import Any

from bench.figures import Compared, Figure, Report, compare, unlike

BEGIN = "<!-- figures: written by `python -m bench.report`; don't edit by hand -->"
END = "<!-- end of figures -->"
CHART_NEEDS = "the chart needs Altair and vl-convert: pip install -e '.[bench]'"

_STEPS = ("start", "load", "models", "publish", "end")
_MODELS_SHOWN = 10
_BEYOND = 100
"""The size, in millions of interactions, that is extrapolated where it was not run."""


def as_text(report: Report) -> str:
    """Return the figures for a terminal."""
    head = ("", "value", "beside", "ratio", "yardsticks", "beside what")
    rows = [
        (figure.name, shown(figure.value, figure.unit), shown(figure.floor, figure.unit), _ratio(figure.ratio),
         _ratio(figure.multiple), figure.against)
        for figure in report.figures
    ]  # fmt: skip
    blocks = [_about(report), _columns([head, *rows])]
    if report.alternatives:
        blocks.append(_columns([("the same work by", "", "ours", "ratio", ""), *_alternatives(report)]))
    return "\n\n".join(blocks)


def as_comparison(first: Report, second: Report) -> str:
    """Return two reports side by side for a terminal, with what makes them unlike."""
    head = ("", first.made_at, second.made_at, "ratio")
    rows = [_compared(one) for one in compare(first, second)]
    warnings = [f"not alike: {line}" for line in unlike(first, second)]
    return "\n".join([*warnings, _columns([head, *rows])])


def as_markdown(reports: Sequence[Report]) -> str:
    """Return the generated part of the document: machine, one table of all sizes, models, alternatives."""
    reports = sorted(reports, key=lambda report: report.size)
    parts = [_machine(reports[-1]), _sizes(reports), _slowest(reports[-1])]
    parts += [_other_ways(report) for report in reports if report.alternatives]
    return "\n\n".join(parts)


def fill(document: Path, generated: str) -> None:
    """Replace what stands between the markers of a document. Raises ValueError if it has none."""
    text = document.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{document}: the lines {BEGIN!r} and {END!r} are missing")
    document.write_text(f"{before}{BEGIN}\n\n{generated}\n\n{END}{after}", encoding="utf-8")


def drawing() -> tuple[Any, Any]:
    """Return the two libraries that draw. Raises ImportError that says what to install."""
    try:
        import altair
        import vl_convert
    except ImportError:
        raise ImportError(CHART_NEEDS) from None
    return altair, vl_convert


def draw(reports: Sequence[Report], path: Path) -> None:
    """Write the chart as SVG: run time by step, cost over history, cost over change. Raises ImportError."""
    altair, vl_convert = drawing()
    charts = altair.hconcat(_by_step(altair, reports), _over_history(altair, reports), _over_change(altair, reports))
    chart = charts.resolve_scale(color="independent").configure_view(stroke=None)
    path.write_text(vl_convert.vegalite_to_svg(chart.to_dict()), encoding="utf-8")


# ── Words ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def shown(value: float | None, unit: str) -> str:
    """Return a value with its unit: three digits that matter; nothing for none."""
    if value is None:
        return ""
    if unit == "s":
        return f"{value:.2f} s" if value < 10 else f"{value:,.0f} s" if value >= 100 else f"{value:.1f} s"
    for factor, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if value >= factor:
            return f"{value / factor:.{0 if value >= 100 * factor else 1}f} {name}"
    return f"{value:.0f} B"


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def _about(report: Report) -> str:
    machine = report.machine
    return (
        f"{report.size:g} million interactions, {report.accounts:,} accounts, {sum(report.rows.values()):,} rows, "
        f"{shown(report.landed_bytes, 'bytes')} landed as {report.format}\n"
        f"{machine['cores']} cores of {machine['processor']}, {shown(float(machine['memory_bytes']), 'bytes')}; "
        f"memory limit {report.settings['memory_limit']}, {report.settings['threads']} threads; "
        f"DuckDB {report.versions['duckdb']}; {report.made_at}"
    )


def _columns(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as aligned columns: the first and the words behind a ratio to the left, figures to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if i == 0 or i == len(row) - 1 > 3 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _compared(one: Compared) -> tuple[str, str, str, str]:
    return one.name, shown(one.first, one.unit), shown(one.second, one.unit), _ratio(one.ratio)


def _alternatives(report: Report) -> Iterable[tuple[str, str, str, str, str]]:
    for one in report.alternatives:
        ratio = one.seconds / one.ours if one.seconds and one.ours else None
        note = f"{one.work}; {one.note}" if one.note else one.work
        yield one.name, shown(one.seconds, "s") or "—", shown(one.ours, "s"), _ratio(ratio), note


# ── Markdown ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _machine(report: Report) -> str:
    machine = report.machine
    software = ", ".join(f"{name} {version}" for name, version in report.versions.items())
    return (
        f"{machine['cores']} cores of {machine['processor']}, {shown(float(machine['memory_bytes']), 'bytes')} of "
        f"memory, {machine['system']}, Python {machine['python']}. {software}. "
        f"{report.settings['threads']} threads, memory limit {report.settings['memory_limit']}. "
        f"Seed {report.seed}, {report.format}, median of {report.runs}, {report.made_at[:10]}."
    )


def _sizes(reports: Sequence[Report]) -> str:
    """Return the table of all sizes; reports of one size share a column, the first that has a figure gives it."""
    first: dict[float, Report] = {}
    found: dict[float, dict[str, Figure]] = {}
    for report in reports:
        first.setdefault(report.size, report)
        for figure in report.figures:
            found.setdefault(report.size, {}).setdefault(figure.name, figure)
    is_extrapolated = len(first) > 1 and max(first) < _BEYOND
    beyond = [f"{_BEYOND} million, extrapolated"] if is_extrapolated else []
    none = ["" for _ in beyond]
    head = ["figure", *(f"{size:g} million" for size in first), *beyond, "beside what"]
    rows = [
        ["interactions", *(f"{report.rows.get('crm.interactions', 0):,}" for report in first.values()), *none, ""],
        ["all rows", *(f"{sum(report.rows.values()):,}" for report in first.values()), *none, ""],
        ["accounts", *(f"{report.accounts:,}" for report in first.values()), *none, ""],
    ]
    for name in dict.fromkeys(name for figures in found.values() for name in figures):
        measured = {size: figures[name] for size, figures in found.items() if name in figures}
        cells = [_cell(measured[size]) if size in measured else "" for size in first]
        further = [_extrapolated(measured)] if is_extrapolated else []
        rows.append([name, *cells, *further, next(iter(measured.values())).against])
    words = "In brackets: the ratio to what it is compared with, and processor time in yardsticks (×)."
    if is_extrapolated:
        words += f" {_BEYOND} million were not run: the exponent between the two largest sizes is carried on."
    return f"{words}\n\n{_table(head, rows)}"


def _extrapolated(measured: Mapping[float, Figure]) -> str:
    """Return a figure at the size beyond, with the exponent n of history that it follows from; nothing for one size."""
    sizes = sorted(measured)[-2:]
    if len(sizes) < 2 or not all(measured[size].value > 0 for size in sizes):
        return ""
    (small, large), figure = sizes, measured[sizes[1]]
    exponent = log(figure.value / measured[small].value) / log(large / small)
    return f"≈ {shown(figure.value * (_BEYOND / large) ** exponent, figure.unit)} (n = {exponent:.2f})"


def _cell(figure: Figure) -> str:
    beside = [_ratio(figure.ratio)] if figure.ratio is not None else []
    beside += [f"{_ratio(figure.multiple)} ×"] if figure.multiple is not None else []
    return shown(figure.value, figure.unit) + (f" ({', '.join(beside)})" if beside else "")


def _slowest(report: Report) -> str:
    """Return the models that cost most in the full run, beside the floor and beside the 0.1 % day."""
    day = next((change for change in report.changes if "0.1 %" in change.name), None)
    names = sorted(report.models, key=lambda name: -report.models[name])[:_MODELS_SHOWN]
    rows = [
        [
            f"`{name}`" if name in report.floor_models else name,
            shown(report.models[name], "s"),
            shown(report.floor_models.get(name), "s"),
            shown(day.models.get(name), "s") if day else "",
        ]
        for name in names
    ]
    steps = ", ".join(f"{name} {shown(report.steps[name], 's')}" for name in _STEPS if name in report.steps)
    return (
        f"At {report.size:g} million, by step: {steps}. What dbt spent most on (models built side by side overlap):\n\n"
        f"{_table(['model', 'full run', 'floor', 'day of 0.1 %'], rows)}"
    )


def _other_ways(report: Report) -> str:
    rows = [list(row) for row in _alternatives(report)]
    head = ["the same work by", "seconds", "ours", "ratio", "what it is"]
    return f"At {report.size:g} million, by other means; a ratio below 1 is one that beats us.\n\n{_table(head, rows)}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    align = ["---" if i in (0, len(head) - 1) else "--:" for i in range(len(head))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, align, *rows))


# ── Chart ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _by_step(altair: Any, reports: Sequence[Report]) -> Any:
    labels = [f"{report.size:g}" for report in sorted(reports, key=lambda report: report.size)]
    rows = [
        {"size": f"{report.size:g}", "step": step, "share": report.steps.get(step, 0) / sum(report.steps.values()),
         "order": order}
        for report in reports if report.steps
        for order, step in enumerate(_STEPS)
    ]  # fmt: skip
    return (
        altair.Chart(altair.Data(values=rows), title="Where a full run's time goes", width=200, height=240)
        .mark_bar()
        .encode(
            x=altair.X("size:N", sort=labels, title="million interactions", axis=altair.Axis(labelAngle=0)),
            y=altair.Y("share:Q", title="share of the run", axis=altair.Axis(format="%")),
            color=altair.Color("step:N", sort=list(_STEPS), title=None),
            order="order:Q",
        )
    )


def _over_history(altair: Any, reports: Sequence[Report]) -> Any:
    wanted = {"full run": "full run", "day of 0.1 %": "day of 0.1 %", "one account's value corrected": "one account"}
    rows: list[dict[str, Any]] = []
    for report in reports:
        for figure in report.figures:
            if line := wanted.get(figure.name):
                rows.append({"x": report.size, "seconds": figure.value, "line": line})
            if figure.name == "full run" and figure.floor:
                rows.append({"x": report.size, "seconds": figure.floor, "line": "floor"})
    return _lines(altair, rows, "Cost over history", "million interactions")


def _over_change(altair: Any, reports: Sequence[Report]) -> Any:
    rows: list[dict[str, Any]] = []
    for report in reports:
        line = f"on {report.size:g} million"
        rows += [{"x": change.records, "seconds": change.seconds, "line": line} for change in report.changes]
        rows += [
            {"x": sum(report.rows.values()), "seconds": figure.value, "line": line}
            for figure in report.figures
            if figure.name == "full run"
        ]
    return _lines(altair, rows, "Cost over change", "new records")


def _powers_of_ten(altair: Any, rows: list[dict[str, Any]], name: str) -> Any:
    """Return an axis with the powers of ten between which the values lie; beyond 10,000 with their prefix."""
    values = [row[name] for row in rows if row[name] > 0] or [1]
    powers = range(floor(log10(min(values))), ceil(log10(max(values))) + 1)
    return altair.Axis(values=[10.0**power for power in powers], format="~s" if max(values) > 10_000 else "~g")


def _lines(altair: Any, rows: list[dict[str, Any]], title: str, x: str) -> Any:
    logarithmic = altair.Scale(type="log")
    return (
        altair.Chart(altair.Data(values=rows), title=title, width=260, height=240)
        .mark_line(point=True)
        .encode(
            x=altair.X("x:Q", scale=logarithmic, title=x, axis=_powers_of_ten(altair, rows, "x")),
            y=altair.Y("seconds:Q", scale=logarithmic, title="seconds", axis=_powers_of_ten(altair, rows, "seconds")),
            color=altair.Color("line:N", sort=list(dict.fromkeys(row["line"] for row in rows)), title=None),
        )
    )


def main() -> None:
    """Write tables and chart from reports."""
    parser = argparse.ArgumentParser(description="Tables and a chart from reports of the bench.")
    parser.add_argument("reports", type=Path, nargs="+", metavar="REPORT.json")
    parser.add_argument("--document", type=Path, help="fill the part between the markers")
    parser.add_argument("--chart", type=Path, help="write the chart, SVG")
    given = parser.parse_args()
    reports = [Report.read(path) for path in given.reports]
    if given.document:
        fill(given.document, as_markdown(reports))
    else:
        print(as_markdown(reports))
    if given.chart:
        draw(reports, given.chart)


if __name__ == "__main__":
    main()
