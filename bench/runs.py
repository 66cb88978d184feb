"""What is measured: real runs of the command on real files, each beside its floor.

Belongs here: which processes are run in which order, what is read from what they leave behind.
Does not: making the files (data), the floor's own work (floor), pairs of checkouts (paired), how figures look (report).

A bench has one full run on an empty home, then a run with nothing new, days and a correction on that same home, as they
would come.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Literal

from bench import data, floor, loading, paired
from bench.figures import Change, Figure, Report, machine, settings, versions
from bench.process import CHECKOUT, BenchError, Measured, importing, measure, python, size_of

Part = Literal["load", "run", "nothing-new", "day", "correction", "publish", "start", "alternatives"]
USUAL: tuple[Part, ...] = ("load", "run", "publish", "start", "nothing-new", "day", "correction")
_SMALLEST = 0.1  # of the sizes that have a name
DAY_SHARES = {"0.01 %": 0.0001, "0.1 %": 0.001, "1 %": 0.01}

_HMAC_KEY = "5e" * 32
_DEFAULTS = {"ANSWERABLE_THREADS": "2", "ANSWERABLE_MEMORY_LIMIT": "2.5GiB"}
_STEPS = {"landing": "load", "warehouse": "models", "published": "publish", "delivered_feedback": "deliver"}
_BESIDE = {
    "load": ("load", "reading the same files"),
    "models and tests": ("models", "the same SQL, no tests"),
    "publish": ("publish", "copying the marts"),
}
_OF_ITS_OWN = ("publication", "rpt_restatement")  # a run remembers what it published; the floor can't
_WAREHOUSE = "warehouse.duckdb"

_LOAD = """
import sys; from pathlib import Path; from ingest import load
home, landing = Path(sys.argv[1]), Path(sys.argv[2])
load.prepare(home / "warehouse.duckdb")
load.load(home / "warehouse.duckdb", landing, home, hmac_key=bytes.fromhex(sys.argv[3]),
    settings={"threads": sys.argv[4], "memory_limit": sys.argv[5]})
"""
_STATUS = """
import sys, duckdb
print(duckdb.connect(sys.argv[1], read_only=True).execute("select count(*) from marts.publication").fetchone())
"""
_YARDSTICK = "import dagster, dagster_dbt, dbt.cli.main, great_expectations, duckdb"
_DEFINITIONS = "from orchestration.definitions import defs; defs.resolve_job_def('everything')"


@dataclass(frozen=True)
class Bench:
    """Where a bench works, and how it says how far it is."""

    world: data.World
    work: Path
    runs: int
    say: Callable[[str], object]
    report: Report

    @property
    def home(self) -> Path:
        """The home of the full run, which days and corrections go to."""
        return self.work / "home"

    def environment(self, home: Path, day: int = 0, checkout: Path = CHECKOUT) -> dict[str, str]:
        """Return the environment of a run: nothing of the caller's settings but threads and memory limit."""
        whole = importing(checkout).items()
        kept = {name: value for name, value in whole if not name.startswith(("ANSWERABLE_", "DAGSTER_"))}
        return {
            **kept,
            **{name: os.environ.get(name, value) for name, value in _DEFAULTS.items()},
            "ANSWERABLE_HOME": str(home),
            "ANSWERABLE_LANDING": str(self.world.landing),
            "ANSWERABLE_AS_OF": self.world.clock(day),
            "ANSWERABLE_HMAC_KEY": _HMAC_KEY,
        }

    def answerable(self, home: Path, *arguments: str, day: int = 0, checkout: Path = CHECKOUT) -> Measured:
        """Run `answerable …` as a user does."""
        environment = self.environment(home, day, checkout)
        return measure(python("-m", "answerable.cli", *arguments), folder=self.work, environment=environment)

    def prepare(self, checkout: Path = CHECKOUT) -> None:
        """Do what an installation does once: compile a checkout's Python and parse its dbt project."""
        environment = self.environment(self.work / "prepared", checkout=checkout)
        packages = [str(checkout / name) for name in ("answerable", "ingest", "orchestration")]
        measure(python("-m", "compileall", "-q", *packages), folder=self.work, fine=(0, 1))
        measure(python("-m", "orchestration.manifest"), folder=self.work, environment=environment)

    def yardstick(self) -> float:
        """Return the processor seconds of importing the stack alone, now."""
        return measure(python("-c", _YARDSTICK), folder=self.work).processor_seconds

    def land(self, *what: object) -> data.Landed:
        """Land a day or a correction, with the options of `bench.data`."""
        options = ["--out", str(self.world.folder), "--json", *map(str, what)]
        made = measure(python("-m", "bench.data", *options), folder=self.work)
        return data.Landed(**json.loads(made.output))

    def remove(self, home: Path) -> None:
        """Remove a home, if there is one."""
        shutil.rmtree(home, ignore_errors=True)

    def value(self, name: str) -> float:
        """Return the value of a figure that was added."""
        return next(figure.value for figure in self.report.figures if figure.name == name)

    def add(self, *figures: Figure) -> None:
        """Keep figures."""
        self.report.figures.extend(figures)


def bench(
    millions: float,
    *,
    folder: Path | None = None,
    only: Collection[Part] = USUAL,
    against: Path | None = None,
    runs: int = 1,
    seed: int = 7,
    format: data.Format = "parquet",
    base_accounts: int = data.BASE_ACCOUNTS,
    interactions_per_account: int = data.INTERACTIONS_PER_ACCOUNT,
    say: Callable[[str], object] = print,
) -> Report:
    """Measure at a size, in millions of interactions; the median of `runs` runs.

    `against` is another checkout: pairs of runs are measured, and nothing else. `folder` keeps the data and is reused
    if it holds the same. Raises BenchError if a measured process fails, and ValueError if the folder holds other data
    or the other checkout is none.
    """
    if against and not (against / "answerable" / "cli.py").exists():
        raise ValueError(f"{against} is no checkout: it has no answerable/cli.py")
    with _place(folder) as place:
        report = _empty(millions, seed, format, runs)
        world = _data(place, report, base_accounts, interactions_per_account, say)
        work = Path(tempfile.mkdtemp(prefix="work-", dir=place))
        this = Bench(world, work, runs, say, report)
        try:
            this.prepare()
            if against:
                paired.measure_pairs(this, against.absolute())
            else:
                _measure(this, only)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return report


def _measure(this: Bench, only: Collection[Part]) -> None:
    if "load" in only:
        _rates(this)
    if set(only) == {"load"}:
        _load_alone(this)
        return
    _full_run(this)
    if "start" in only:
        _starts(this)
    if "alternatives" in only:
        from bench import alternatives

        this.report.alternatives = list(alternatives.measure_all(this))
    if "nothing-new" in only:
        _nothing_new(this)
    if "day" in only:
        _days(this)
    if "correction" in only:
        _correction(this)


@contextmanager
def _place(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="answerable-bench-") as name:
        yield Path(name)


def _empty(millions: float, seed: int, format: str, runs: int) -> Report:
    cost = settings({**_DEFAULTS, **os.environ})
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    return Report(millions, seed, format, runs, made_at, machine(), versions(), cost)


def _data(
    place: Path, report: Report, base_accounts: int, interactions_per_account: int, say: Callable[[str], object]
) -> data.World:
    """Make the data in a process of its own, or take what an earlier bench left, without its days and corrections."""
    if (place / "landing").exists():
        world = data.find(place)
        if (world.millions, world.seed, world.format) != (report.size, report.seed, report.format):
            raise ValueError(f"{place} holds data of size {world.millions:g}: choose another folder or remove it")
        for path in [*world.landing.rglob("day_*.*"), *world.landing.rglob("correction_*.*")]:
            path.unlink()
    else:
        say(f"Making {report.size:g} million interactions")
        options = ["--out", str(place), "--size", str(report.size), "--seed", str(report.seed)]
        copied = ["--base-accounts", str(base_accounts), "--interactions-per-account", str(interactions_per_account)]
        measure(python("-m", "bench.data", *options, "--format", report.format, *copied), folder=place)
        world = data.find(place)
    report.rows, report.accounts = world.rows, world.accounts
    report.landed_bytes = size_of(world.landing)
    return world


# ── The full run and its floor ─────────────────────────────────────────────────────────────────────────────────────


def _full_run(this: Bench) -> None:
    """Run on an empty home, and the floor on the same files, in turn; the last home stays."""
    full, floors, found, yardsticks = [], [], [], []
    for number in range(this.runs):
        this.say(f"Full run {number + 1} of {this.runs}")
        this.remove(this.home)
        yardsticks.append(this.yardstick())
        full.append(this.answerable(this.home, "run"))
        found.append(_steps(this.home, full[-1]))
        this.say(f"Floor {number + 1} of {this.runs}")
        floors.append(_floor(this, number))
    least = [json.loads(one.output) for one in floors]
    _same_marts(this.home, least[-1])
    report = this.report
    report.steps = _medians(found)
    report.floor_steps = _medians([one["seconds"] for one in least])
    report.models, report.floor_models = _models(this.home), least[-1]["by_model"]
    for name, (part, words) in _BESIDE.items():
        this.add(Figure(name, "s", report.steps[part], report.floor_steps[part], words))
    whole = median(one.seconds for one in full)
    this.add(
        Figure("full run", "s", whole, median(one.seconds for one in floors), "the floor, one process"),
        Figure("processor time", "s", _processor(full), _processor(floors), "the floor's", median(yardsticks)),
        Figure("peak memory", "bytes", _peak(full), _peak(floors), "the floor's"),
    )
    _disk(this)


def _floor(this: Bench, number: int) -> Measured:
    folder = this.work / "floor"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    environment = this.environment(this.home)
    target = this.work / "compiled"
    manifest = floor.compiled(this.home, target)
    cost = settings(environment)
    todo = floor.plan(
        manifest,
        this.world.landing,
        this.home / "warehouse.duckdb",
        folder,
        floor.settings_of_a_run(int(cost["threads"]), cost["memory_limit"]),
    )
    plan = todo.write(this.work / f"plan_{number}.json")
    return measure(python("-m", "bench.floor", str(plan)), folder=this.work)


def _same_marts(home: Path, found: dict[str, Any]) -> None:
    """Make sure the floor did the same work. Raises BenchError naming a mart of other rows, or another headline."""
    with _published(home) as marts:
        headlines = [list(row) for row in marts.execute(floor.HEADLINES).fetchall()]
    other = other_rows(home, lambda table: int(found["rows"].get(table, 0)))
    if headlines != found["headlines"]:
        other.append("the headlines differ")
    if other:
        raise BenchError(f"the floor made other marts than the run, so it is none: {'; '.join(other)}")


def other_rows(home: Path, count: Callable[[str], int]) -> list[str]:
    """Return the published marts that have not as many rows elsewhere: one line each with both counts."""
    with _published(home) as marts:
        tables = [str(row[0]) for row in marts.execute("select table_name from duckdb_tables() order by 1").fetchall()]
        rows = {table: int(marts.table(f"marts.{table}").count("*").fetchall()[0][0]) for table in tables}
    return [
        f"{table} has {here:,} rows and not {there:,}"
        for table, here in rows.items()
        if table not in _OF_ITS_OWN and (there := count(table)) != here
    ]


@contextmanager
def _published(home: Path) -> Iterator[Any]:
    import duckdb

    with duckdb.connect(str(home / "published/current/answerable.duckdb"), read_only=True) as connection:
        yield connection


def _disk(this: Bench) -> None:
    ours, least = this.home, this.work / "floor"
    version = (ours / "published" / "current").resolve()
    this.add(
        Figure("disk: warehouse", "bytes", size_of(ours / _WAREHOUSE), size_of(least / _WAREHOUSE),
               "the floor's"),
        Figure("disk: a published version", "bytes", size_of(version), size_of(least / "published"), "the floor's"),
        Figure("disk: home", "bytes", size_of(ours), this.report.landed_bytes, "the landed files"),
    )  # fmt: skip


# ── What comes after ───────────────────────────────────────────────────────────────────────────────────────────────


def _nothing_new(this: Bench) -> None:
    """Run once more on the same files, on the same day."""
    this.say("Nothing new")
    yardstick = this.yardstick()
    _beside_full_run(this, "nothing new", this.answerable(this.home, "run"), yardstick)


def _days(this: Bench) -> None:
    """Land and run one day after another, of growing size; each is one run, for a day comes once."""
    for number, (name, share) in enumerate(DAY_SHARES.items(), start=1):
        this.say(f"A day that adds {name}")
        _after(this, f"day of {name}", number, this.land("--day", number, "--share", share))


def _correction(this: Bench) -> None:
    this.say("One account's value corrected")
    number = len(DAY_SHARES) + 1
    _after(this, "one account's value corrected", number, this.land("--correct", number))


def _after(this: Bench, name: str, number: int, landed: data.Landed) -> None:
    yardstick = this.yardstick()
    ran = this.answerable(this.home, "run", day=number)
    steps, models = _steps(this.home, ran), _models(this.home)
    this.report.changes.append(Change(name, landed.records, landed.accounts_touched, ran.seconds, steps, models))
    _beside_full_run(this, name, ran, yardstick)


def _beside_full_run(this: Bench, name: str, ran: Measured, yardstick: float) -> None:
    whole, processor = this.value("full run"), this.value("processor time")
    this.add(
        Figure(name, "s", ran.seconds, whole, "the full run"),
        Figure(f"{name}: processor time", "s", ran.processor_seconds, processor, "the full run's", yardstick),
    )


def _starts(this: Bench) -> None:
    """Time what a person waits for before anything happens: new processes, their files in the system's cache."""
    this.say("Starting up")
    marts = str(this.home / "published/current/answerable.duckdb")
    figures = {
        "answerable --version": (["-m", "answerable.cli", "--version"], ["-c", "pass"], "a bare Python"),
        "answerable status": (["-m", "answerable.cli", "status"], ["-c", _STATUS, marts], "one query in DuckDB"),
        "loading definitions": (
            ["-c", _DEFINITIONS],
            ["-c", "import dagster, dagster_dbt"],
            "importing Dagster and dagster-dbt",
        ),
    }
    least = {}
    for name, (ours, bare, words) in figures.items():
        least[name] = _seconds(this, bare)
        this.add(Figure(name, "s", _seconds(this, ours), least[name], words))
    this.add(
        Figure(
            "first event of a run",
            "s",
            this.report.steps["start"],
            least["loading definitions"],
            "importing Dagster and dagster-dbt",
        )
    )


def _seconds(this: Bench, arguments: list[str]) -> float:
    environment = this.environment(this.home)
    return median(
        measure(python(*arguments), folder=this.work, environment=environment).seconds for _ in range(max(3, this.runs))
    )


def _rates(this: Bench) -> None:
    """Time a million interactions (fewer in a bench of no named size) from their files to raw rows, by format."""
    folder, millions = this.work / "loading", 1 if this.report.size >= _SMALLEST else this.report.size
    this.say(f"{millions:g} million interactions, loaded")
    arguments = [str(folder), str(max(3, this.runs)), str(millions)]
    ran = measure(python("-m", "bench.loading", *arguments), folder=this.work)
    for line in ran.output.splitlines():
        rate = loading.Rate(**json.loads(line))
        words = f"DuckDB reading the same files ({rate.rows / rate.load_seconds:,.0f} rows/s loaded)"
        this.add(Figure(f"loading {rate.format}", "s", rate.load_seconds, rate.read_seconds, words))
    shutil.rmtree(folder)


def _load_alone(this: Bench) -> None:
    """Time loading in a process of its own, and plain readers on the same files."""
    from ingest.contracts import load_contracts

    sources = {name: {"schema": "raw", "identifier": one.table} for name, one in load_contracts().items()}
    cost = this.report.settings
    loads, floors = [], []
    for number in range(this.runs):
        this.say(f"Load {number + 1} of {this.runs}")
        home, folder = this.work / f"load_{number}", this.work / f"floor_{number}"
        home.mkdir()
        folder.mkdir()
        arguments = [str(home), str(this.world.landing), _HMAC_KEY, cost["threads"], cost["memory_limit"]]
        loads.append(measure(python("-c", _LOAD, *arguments), folder=this.work))
        least = floor.settings_of_a_run(int(cost["threads"]), cost["memory_limit"])
        todo = floor.plan({"nodes": {}, "sources": sources}, this.world.landing, home / _WAREHOUSE, folder, least)
        plan = todo.write(folder / "plan.json")
        floors.append(measure(python("-m", "bench.floor", str(plan)), folder=this.work))
    seconds, least_seconds = (median(one.seconds for one in side) for side in (loads, floors))
    this.add(
        Figure("load alone", "s", seconds, least_seconds, "reading the same files, one process each"),
        Figure("load alone, peak memory", "bytes", _peak(loads), _peak(floors), "the floor's"),
    )


# ── What a run leaves behind ───────────────────────────────────────────────────────────────────────────────────────


def _steps(home: Path, ran: Measured) -> dict[str, float]:
    """Return seconds by step, from Dagster's own log: start (until its first event), the steps, the rest as end."""
    (log,) = (home / "dagster" / "events").glob("*.db")
    with closing(sqlite3.connect(f"file:{log}?mode=ro", uri=True)) as connection:
        events = connection.execute(
            """
            select dagster_event_type, step_key, timestamp from event_logs
            where dagster_event_type is not null and timestamp >= ?
            order by id
            """,
            [datetime.fromtimestamp(ran.started, UTC).strftime("%Y-%m-%d %H:%M:%S")],
        ).fetchall()
    at = [datetime.fromisoformat(event[2]).replace(tzinfo=UTC).timestamp() - ran.started for event in events]
    began = {step: when for (kind, step, _), when in zip(events, at, strict=True) if kind == "STEP_START"}
    ended = {step: when for (kind, step, _), when in zip(events, at, strict=True) if kind == "STEP_SUCCESS"}
    steps = {_STEPS.get(step, step): ended[step] - began[step] for step in began if step in ended}
    return {"start": at[0], **steps, "end": ran.seconds - at[0] - sum(steps.values())}


def _models(home: Path) -> dict[str, float]:
    """Return seconds by model as dbt recorded them, all tests as one; nothing if dbt had nothing to do."""
    results = home / "dbt" / "target" / "run_results.json"
    seconds: dict[str, float] = {}
    for result in json.loads(results.read_text(encoding="utf-8"))["results"] if results.exists() else ():
        kind, _, name = result["unique_id"].split(".")[:3]
        key = name if kind == "model" else f"{kind}s"
        seconds[key] = seconds.get(key, 0) + result["execution_time"]
    return seconds


def _medians(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: median(run.get(name, 0) for run in runs) for name in runs[-1]}


def _processor(ran: list[Measured]) -> float:
    return median(one.processor_seconds for one in ran)


def _peak(ran: list[Measured]) -> int:
    return max(one.peak_bytes for one in ran)
