"""The figures of one bench: values, JSON, and the comparison of two.

Belongs here: plain values and their file. Does not: measuring (runs), tables and charts (report).
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Literal

LAYOUT = 1
"""Raised when a file of an older bench can't be compared any more."""

_VERSIONS = ("answerable", "duckdb", "dbt-core", "dbt-duckdb", "dagster", "dagster-dbt", "great-expectations")


@dataclass(frozen=True)
class Figure:
    """One figure beside what it is compared with: `floor` in the same unit, `against` in words.

    Processor time has a yardstick: the processor seconds of importing the stack alone, measured in the same minute.
    """

    name: str
    unit: Literal["s", "bytes"]
    value: float
    floor: float | None = None
    against: str = ""
    yardstick: float | None = None

    @property
    def ratio(self) -> float | None:
        """Value over floor, None without one."""
        return self.value / self.floor if self.floor else None

    @property
    def multiple(self) -> float | None:
        """Value over yardstick, None without one."""
        return self.value / self.yardstick if self.yardstick else None


@dataclass(frozen=True)
class Change:
    """What a run after new files cost: the records that were new, the accounts they touch, seconds by step."""

    name: str
    records: int
    accounts_touched: int
    seconds: float
    steps: dict[str, float]
    models: dict[str, float]


@dataclass(frozen=True)
class Alternative:
    """The same work by something else. `ours` is what this product takes for it; without seconds, `note` says why."""

    name: str
    work: str
    seconds: float | None
    ours: float | None
    note: str = ""


@dataclass
class Report:
    """Everything one bench found. Steps and models are those of the full run, models of the floor beside them."""

    size: float
    seed: int
    format: str
    runs: int
    made_at: str
    machine: dict[str, str | int]
    versions: dict[str, str]
    settings: dict[str, str]
    rows: dict[str, int] = field(default_factory=dict)
    accounts: int = 0
    landed_bytes: int = 0
    figures: list[Figure] = field(default_factory=list)
    steps: dict[str, float] = field(default_factory=dict)
    floor_steps: dict[str, float] = field(default_factory=dict)
    models: dict[str, float] = field(default_factory=dict)
    floor_models: dict[str, float] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    alternatives: list[Alternative] = field(default_factory=list)
    layout: int = LAYOUT

    def write(self, path: Path) -> None:
        """Write the report as JSON, each figure with its ratio and its multiple of the yardstick."""
        values = asdict(self)
        for figure, written in zip(self.figures, values["figures"], strict=True):
            written |= {"ratio": figure.ratio, "multiple": figure.multiple}
        path.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Report:
        """Read what `write` wrote. Raises ValueError naming the file if it is no such report."""
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            if values["layout"] != LAYOUT:
                raise ValueError(f"layout {values['layout']}, this version writes {LAYOUT}; run the bench again")
            for figure in values["figures"]:
                for derived in ("ratio", "multiple"):
                    figure.pop(derived, None)
            return cls(
                **{
                    **values,
                    "figures": [Figure(**one) for one in values["figures"]],
                    "changes": [Change(**one) for one in values["changes"]],
                    "alternatives": [Alternative(**one) for one in values["alternatives"]],
                }
            )
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path}: not a report of the bench: {error}") from error


@dataclass(frozen=True)
class Compared:
    """The same figure in two reports; `ratio` is the second over the first."""

    name: str
    unit: Literal["s", "bytes"]
    first: float | None
    second: float | None

    @property
    def ratio(self) -> float | None:
        """Second over first, None if either has none."""
        return self.second / self.first if self.first and self.second is not None else None


def compare(first: Report, second: Report) -> list[Compared]:
    """Return every figure of either report, in the order of the first, then what only the second has."""
    ours = {figure.name: figure for figure in first.figures}
    theirs = {figure.name: figure for figure in second.figures}
    return [
        Compared(
            name,
            (ours.get(name) or theirs[name]).unit,
            ours[name].value if name in ours else None,
            theirs[name].value if name in theirs else None,
        )
        for name in [*ours, *(name for name in theirs if name not in ours)]
    ]


def unlike(first: Report, second: Report) -> list[str]:
    """Return what differs between two reports and makes a comparison mean something else."""
    pairs: dict[str, tuple[object, object]] = {
        "size": (first.size, second.size),
        "seed": (first.seed, second.seed),
        "format": (first.format, second.format),
        "machine": (first.machine, second.machine),
        "settings": (first.settings, second.settings),
    }
    return [f"{name}: {one} and {other}" for name, (one, other) in pairs.items() if one != other]


def machine() -> dict[str, str | int]:
    """Return what the figures hang on: processor, usable cores, memory in bytes, system, Python."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 0,
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
    }


def versions() -> dict[str, str]:
    """Return the versions of what does the work."""
    return {name: version(name) for name in _VERSIONS}


def settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of a run that change its cost: threads and memory limit."""
    return {name: environment[f"ANSWERABLE_{name.upper()}"] for name in ("threads", "memory_limit")}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown"
