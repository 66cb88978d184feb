"""This checkout beside another one: both run on the same landed files, in turn, each in a home of its own.

Belongs here: which runs are paired, and the ratio of each pair. Does not: what a single run is (runs).
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench.figures import Figure
from bench.process import CHECKOUT, Measured, size_of

if TYPE_CHECKING:
    from bench.runs import Bench

_DAY, _SHARE = "0.1 %", 0.001


@dataclass(frozen=True)
class Side:
    """A checkout and the home it runs in."""

    checkout: Path
    home: Path


@dataclass(frozen=True)
class Pair:
    """One run of each side, ours first, close to each other in time, and the yardstick of that time."""

    runs: tuple[Measured, Measured]
    yardstick: float


def measure_pairs(this: Bench, other: Path) -> None:
    """Add the processor time of each kind of run, peak memory and disk, each beside the other checkout's.

    A kind is run as often as the bench was told to, on another day each time; the medians count.
    """
    this.prepare(other)
    sides, name = (Side(CHECKOUT, this.home), Side(other, this.work / "other_home")), _name(other)
    numbers = range(1, this.runs + 1)
    full = [_pair(this, f"Full run {number}", sides, number, is_first=True) for number in numbers]
    ours, theirs = (size_of(side.home) for side in sides)
    again = [_pair(this, f"Nothing new {number}", sides, number) for number in numbers]
    days, corrections, records = [], [], []
    for number in numbers:
        records.append(this.land("--day", number, "--share", _SHARE).records)
        days.append(_pair(this, f"Day of {_DAY} {number}", sides, number, day=number))
    for number in numbers:
        day = this.runs + number
        this.land("--correct", day)
        corrections.append(_pair(this, f"One account's value corrected {number}", sides, number, day=day))
    this.add(
        _processor("full run, paired", full, name),
        _processor("nothing new, paired", again, name),
        _processor(f"day of {_DAY}, paired", days, f"{name}, {median(records):,.0f} new rows"),
        _processor("one account's value corrected, paired", corrections, name),
        _peak([*full, *again, *days, *corrections], name),
        Figure("home after the full run, paired", "bytes", ours, theirs, f"disk of {name}"),
        Figure("disk: home", "bytes", ours, this.report.landed_bytes, "the landed files"),
        Figure("disk: home of the other", "bytes", theirs, this.report.landed_bytes, "the landed files"),
    )


def _pair(
    this: Bench, what: str, sides: tuple[Side, Side], number: int, *, day: int = 0, is_first: bool = False
) -> Pair:
    """Run both sides; which one goes first alternates, so that neither always finds the files in the system's cache."""
    this.say(f"{what}, both")
    yardstick, runs = this.yardstick(), {}
    for side in sides if number % 2 else sides[::-1]:
        if is_first:
            this.remove(side.home)
        runs[side] = this.answerable(side.home, "run", day=day, checkout=side.checkout)
    return Pair((runs[sides[0]], runs[sides[1]]), yardstick)


def _processor(name: str, pairs: list[Pair], other: str) -> Figure:
    ours, theirs = (median(pair.runs[side].processor_seconds for pair in pairs) for side in (0, 1))
    yardstick = median(pair.yardstick for pair in pairs)
    return Figure(name, "s", ours, theirs, f"processor time of {other}", yardstick)


def _peak(pairs: list[Pair], other: str) -> Figure:
    ours, theirs = (max(pair.runs[side].peak_bytes for pair in pairs) for side in (0, 1))
    return Figure("peak memory, paired", "bytes", ours, theirs, f"the peak of {other}, of all these runs")


def _name(checkout: Path) -> str:
    """Return the commit of a checkout, the name of its folder where git knows none."""
    command = ["git", "-C", str(checkout), "describe", "--always", "--dirty"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return checkout.name
