"""Pairs of checkouts: who runs when, and what is said of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench import data, paired
from bench.figures import Figure
from bench.process import CHECKOUT, Measured

OTHER = Path("/other")
SECONDS = {CHECKOUT: 6.0, OTHER: 10.0}
PEAKS = {CHECKOUT: 3, OTHER: 4}


class Watched:
    """A bench whose runs cost what they are told to, and are noted."""

    def __init__(self, work: Path, runs: int) -> None:
        self.work, self.runs, self.home = work, runs, work / "home"
        self.report = type("Report", (), {"landed_bytes": 10})()
        self.figures: dict[str, Figure] = {}
        self.done: list[tuple[Any, ...]] = []
        self.prepare, self.say = lambda checkout: None, lambda line: None

    def yardstick(self) -> float:
        return 2.0

    def land(self, *what: object) -> data.Landed:
        self.done.append(what)
        return data.Landed({"crm.interactions": 96, "crm.contacts": 4}, 3)

    def remove(self, home: Path) -> None:
        self.done.append(("remove", home.name))

    def answerable(self, home: Path, command: str, *, day: int, checkout: Path) -> Measured:
        self.done.append((home.name, day))
        home.mkdir(exist_ok=True)
        (home / "file").write_bytes(bytes(20 if checkout == CHECKOUT else 50))
        seconds = SECONDS[checkout] + len(self.done)  # later runs cost more: what the pairs are there for
        return Measured(0, 0, seconds, PEAKS[checkout] * (2 if day else 1), "")

    def add(self, *figures: Figure) -> None:
        self.figures |= {figure.name: figure for figure in figures}


def test_both_run_the_same_in_turn(tmp_path: Path) -> None:
    this = Watched(tmp_path, runs=2)
    paired.measure_pairs(this, OTHER)  # type: ignore[arg-type]

    assert this.done == [
        ("remove", "home"), ("home", 0), ("remove", "other_home"), ("other_home", 0),
        ("remove", "other_home"), ("other_home", 0), ("remove", "home"), ("home", 0),
        ("home", 0), ("other_home", 0), ("other_home", 0), ("home", 0),
        ("--day", 1, "--share", 0.001), ("home", 1), ("other_home", 1),
        ("--day", 2, "--share", 0.001), ("other_home", 2), ("home", 2),
        ("--correct", 3), ("home", 3), ("other_home", 3),
        ("--correct", 4), ("other_home", 4), ("home", 4),
    ]  # fmt: skip


def test_every_kind_of_run_stands_beside_the_other_checkout(tmp_path: Path) -> None:
    this = Watched(tmp_path, runs=1)
    paired.measure_pairs(this, OTHER)  # type: ignore[arg-type]
    found = {name: (figure.value, figure.floor, figure.yardstick) for name, figure in this.figures.items()}

    assert found == {
        "full run, paired": (8, 14, 2),
        "nothing new, paired": (11, 16, 2),
        "day of 0.1 %, paired": (14, 19, 2),
        "one account's value corrected, paired": (17, 22, 2),
        "peak memory, paired": (6, 8, None),
        "home after the full run, paired": (20, 50, None),
        "disk: home": (20, 10, None),
        "disk: home of the other": (50, 10, None),
    }
    assert this.figures["day of 0.1 %, paired"].against == "processor time of other, 100 new rows"


def test_a_checkout_is_called_by_its_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    assert paired._name(tmp_path) == tmp_path.name
