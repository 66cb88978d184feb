"""How fast landed files become raw rows, next to DuckDB reading the same files.

Belongs here: making the files, timing both, the table and JSON that say so. Does not: judging a figure.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import duckdb

from answerable.demo import generate
from ingest import load

ENTITY = "crm.interactions"
_PER_ACCOUNT = 110
_KEY = bytes(32)


@dataclass(frozen=True)
class LoadFigures:
    """Seconds and rows per second of loading, and of the floor: DuckDB reading the same files into a table."""

    format: str
    rows: int
    megabytes: float
    load_seconds: float
    floor_seconds: float
    rows_per_second: float
    ratio_to_floor: float


def measure_load(interactions: int, runs: int = 3) -> list[LoadFigures]:
    """Load about this many interactions, made by the demo, into an empty warehouse; the best of `runs` for both sides.

    Once from Parquet, once from CSV. The import of Great Expectations is paid once per process, in a load of a small
    batch before the first timed one.
    """
    with tempfile.TemporaryDirectory(prefix="answerable_bench_") as name:
        folder = Path(name)
        generate(folder / "demo", accounts=max(40, interactions // _PER_ACCOUNT))
        _load(folder / "demo", folder / "warm", "crm.products")
        return [_measure(_landed_as(folder, kind), kind, runs) for kind in ("parquet", "csv")]


def as_table(figures: list[LoadFigures]) -> str:
    """Return the figures for a person."""
    lines = [f"{'':8}  {'rows':>10}  {'MB':>5}  {'load':>8}  {'rows/s':>10}  {'DuckDB':>8}  {'ratio':>5}"]
    lines += [
        f"{row.format:8}  {row.rows:10,}  {row.megabytes:5,.0f}  {row.load_seconds:6.2f} s"
        f"  {row.rows_per_second:10,.0f}  {row.floor_seconds:6.2f} s  {row.ratio_to_floor:5.2f}"
        for row in figures
    ]
    return "\n".join(lines)


def as_json(figures: list[LoadFigures]) -> str:
    """Return the figures for a machine."""
    return json.dumps({"load": [asdict(row) for row in figures]}, indent=2)


def _landed_as(folder: Path, kind: str) -> Path:
    """Land the demo's interactions as four files of one format; return the landing zone."""
    target = folder / kind / ENTITY.replace(".", "/")
    target.mkdir(parents=True)
    source = folder / "demo" / ENTITY.replace(".", "/") / "*.parquet"
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("CREATE TABLE rows AS FROM read_parquet(?, union_by_name = true)", [str(source)])
        for part in range(4):
            file = str(target / f"part_{part}.{kind}").replace("'", "''")
            connection.execute(f"COPY (FROM rows WHERE hash(interaction_id) % 4 = {part}) TO '{file}' (FORMAT {kind})")
    return folder / kind


def _measure(landing: Path, kind: str, runs: int) -> LoadFigures:
    files = sorted(landing.rglob(f"*.{kind}"))
    loads = [_timed(partial(_load, landing, landing / f"home_{run}", ENTITY)) for run in range(runs)]
    floors = [_timed(partial(_read, files, kind, landing / f"floor_{run}.duckdb")) for run in range(runs)]
    (load_seconds, rows), (floor_seconds, _) = min(loads), min(floors)
    size = sum(file.stat().st_size for file in files) / 1e6
    return LoadFigures(kind, rows, size, load_seconds, floor_seconds, rows / load_seconds, load_seconds / floor_seconds)


def _load(landing: Path, home: Path, entity: str) -> int:
    home.mkdir()
    load.prepare(home / "warehouse.duckdb")
    report = load.load(home / "warehouse.duckdb", landing, home, entities=[entity], hmac_key=_KEY)
    return report.entities[entity].rows_read


def _read(files: list[Path], kind: str, target: Path) -> int:
    """Read the files as they are into one table."""
    reader = "read_parquet(?)" if kind == "parquet" else "read_csv(?, all_varchar = true)"
    with duckdb.connect(str(target)) as connection:
        connection.execute("SET enable_progress_bar = false")
        created = connection.execute(f"CREATE TABLE rows AS FROM {reader}", [[str(file) for file in files]]).fetchone()
    return int(created[0]) if created else 0


def _timed(work: Callable[[], int]) -> tuple[float, int]:
    started = time.perf_counter()
    rows = work()
    return time.perf_counter() - started, rows
