"""How far a run is, on a terminal or in a log.

Belongs here: bars and lines. Does not: know what happens (`orchestration.progress` reports it).
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

STEPS = {
    "landing": "Loading landed files",
    "warehouse": "Building and testing",
    "published": "Publishing",
    "published_postgres": "Writing to PostgreSQL",
    "scorecards": "Writing scorecards",
    "delivered_feedback": "Delivering feedback",
}


class Bars:
    """One line per step with its current item, for a terminal; removed when the run is over."""

    def __init__(self, console: Console) -> None:
        """Show on this console."""
        self._bars = Progress(
            TextColumn("{task.description:<21}"),
            BarColumn(bar_width=16),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[what]}", style="dim", markup=False),
            console=console,
            refresh_per_second=4,
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        """Show the bars."""
        self._bars.start()
        self._tasks["start"] = self._bars.add_task("Starting", total=None, what="")
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Remove the bars."""
        self._bars.stop()

    def done(self, step: str, what: str, of: int | None) -> None:
        """Advance a step; `of` sets how many items it has."""
        if step not in self._tasks:
            for task in self._bars.tasks:
                self._bars.update(task.id, total=task.completed or 1, completed=task.completed or 1, what="")
            self._tasks[step] = self._bars.add_task(STEPS[step], total=None, what="")
        if of is not None:
            self._bars.update(self._tasks[step], total=of, what=what[:24])
        else:
            self._bars.update(self._tasks[step], advance=1, what=what[:24])

    def say(self, line: str) -> None:
        """Show a line above the bars."""
        self._bars.console.print(Text(line))


class Lines:
    """One line when a step begins, for a log.

    The first step is told when something follows it: a run that finds nothing new says that, and nothing before it.
    """

    def __init__(self, console: Console) -> None:
        """Print to this console."""
        self._console = console
        self._started = time.monotonic()
        self._begun: set[str] = set()
        self._held: list[str] = []

    def __enter__(self) -> Self:
        """Do nothing."""
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Do nothing."""

    def done(self, step: str, what: str, of: int | None) -> None:
        """Print a step's name when it begins, the first one's with the second's."""
        if step not in self._begun:
            self._begun.add(step)
            self._held.append(f"{time.monotonic() - self._started:5.1f} s  {STEPS[step]}")
            while len(self._begun) > 1 and self._held:
                self.say(self._held.pop(0))

    def say(self, line: str) -> None:
        """Print a line."""
        self._console.print(Text(line))
