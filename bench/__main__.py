"""The command: `python -m bench`, from a checkout. It measures the code of that checkout.

Belongs here: options, exit codes. Does not: measuring (runs, paired), figures in words (report).
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

from bench import data
from bench import report as words
from bench.figures import Report
from bench.process import BenchError
from bench.runs import USUAL, Part, bench

FAILED, USAGE = 1, 2


def main(
    size: Annotated[
        Literal["demo", "0.1", "1", "10", "100"], typer.Option(help="Million interactions, or as many as the demo.")
    ] = "0.1",
    only: Annotated[Part | None, typer.Option(help="Measure this part alone, and what it needs.")] = None,
    against: Annotated[
        Path | None,
        typer.Option(metavar="CHECKOUT", help="Measure runs of this and of another checkout on the same files."),
    ] = None,
    runs: Annotated[int, typer.Option(min=1, help="Runs of each kind; the median counts.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Keep the data here, for the next bench of this size.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures to this file, too.")] = None,
    chart: Annotated[Path | None, typer.Option(help="Draw the figures, SVG.")] = None,
    compare: Annotated[
        tuple[Path, Path] | None, typer.Option(metavar="A.json B.json", help="Measure nothing, compare two files.")
    ] = None,
) -> None:
    """Measure what this checkout costs, every figure beside its floor in the same run.

    Without --only: all but the alternatives. --only load is loading alone; every other part needs the full run.
    --against measures nothing but pairs: a full run, nothing new, a day of 0.1 %, one account's value corrected.
    """
    try:
        if compare:
            typer.echo(words.as_comparison(*map(Report.read, compare)))
            return
        if chart:
            words.drawing()
        if only and against:
            raise ValueError("--only and --against exclude each other")
        found = bench(
            data.DEMO_MILLIONS if size == "demo" else float(size),
            folder=out,
            only=[only] if only else USUAL,
            against=against,
            runs=runs,
            base_accounts=data.DEMO_ACCOUNTS if size == "demo" else data.BASE_ACCOUNTS,
            interactions_per_account=(
                data.DEMO_INTERACTIONS_PER_ACCOUNT if size == "demo" else data.INTERACTIONS_PER_ACCOUNT
            ),
            say=lambda line: typer.echo(line, err=True),
        )
    except (ValueError, ImportError) as error:
        _leave(str(error), USAGE)
    except BenchError as error:
        _leave(str(error), FAILED)
    if json_file:
        found.write(json_file)
    typer.echo(words.as_text(found))
    if chart:
        words.draw([found], chart)


def _leave(line: str, code: int) -> NoReturn:
    typer.echo(line, err=True)
    raise typer.Exit(code)


if __name__ == "__main__":
    # Ended from outside, it stops what it started and removes its homes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(FAILED))
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command()(main)
    app(prog_name="python -m bench")
