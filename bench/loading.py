"""How fast landed interactions become raw rows, beside DuckDB reading the same files into a table.

Belongs here: the files in both formats, timing both sides in one process. Does not: the rest of a run (runs).

    python -m bench.loading FOLDER RUNS MILLIONS      prints one JSON object per format

The import of Great Expectations is paid once per process, in a load of a small batch before the first timed one.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import duckdb

from answerable.demo import generate
from ingest import load
from ingest.rules import literal

ENTITY = "crm.interactions"
FORMATS = ("parquet", "csv")
_FILES = 4
_ACCOUNTS_PER_MILLION = 9600  # of the demo, whose accounts have 110 interactions or so: a little more than a million
_KEY = bytes(32)


@dataclass(frozen=True)
class Rate:
    """Seconds of the fastest load and of the fastest plain read of the same files, and the rows in them."""

    format: str
    rows: int
    load_seconds: float
    read_seconds: float


def measure(folder: Path, runs: int, millions: float) -> Iterator[Rate]:
    """Load about so many millions of interactions from each format into empty warehouses."""
    generate(folder / "demo", accounts=max(40, round(_ACCOUNTS_PER_MILLION * millions)))
    _load(folder / "demo", folder / "warm", "crm.products")
    for kind in FORMATS:
        landing = _land(folder, kind)
        files = sorted(map(str, landing.rglob(f"*.{kind}")))
        loads = [_timed(partial(_load, landing, landing / f"home_{run}", ENTITY)) for run in range(runs)]
        reads = [_timed(partial(_read, files, kind, landing / f"read_{run}.duckdb")) for run in range(runs)]
        (load_seconds, rows), (read_seconds, _) = min(loads), min(reads)
        yield Rate(kind, rows, load_seconds, read_seconds)


def _land(folder: Path, kind: str) -> Path:
    """Land the demo's interactions as a few files of one format; return the landing zone."""
    target = folder / kind / ENTITY.replace(".", "/")
    target.mkdir(parents=True)
    source = folder / "demo" / ENTITY.replace(".", "/") / "*.parquet"
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("CREATE TABLE rows AS FROM read_parquet(?, union_by_name = true)", [str(source)])
        for part in range(_FILES):
            rows = f"FROM rows WHERE hash(interaction_id) % {_FILES} = {part}"
            connection.execute(f"COPY ({rows}) TO {literal(str(target / f'part_{part}.{kind}'))} (FORMAT {kind})")
    return folder / kind


def _load(landing: Path, home: Path, entity: str) -> int:
    home.mkdir()
    load.prepare(home / "warehouse.duckdb")
    report = load.load(home / "warehouse.duckdb", landing, home, entities=[entity], hmac_key=_KEY)
    return report.entities[entity].rows_read


def _read(files: list[str], kind: str, target: Path) -> int:
    """Read the files as they are into one table."""
    reader = "read_parquet(?)" if kind == "parquet" else "read_csv(?, all_varchar = true)"
    with duckdb.connect(str(target)) as connection:
        connection.execute("SET enable_progress_bar = false")
        created = connection.execute(f"CREATE TABLE rows AS FROM {reader}", [files]).fetchone()
    return int(created[0]) if created else 0


def _timed(work: Callable[[], int]) -> tuple[float, int]:
    started = time.perf_counter()
    rows = work()
    return time.perf_counter() - started, rows


if __name__ == "__main__":
    for rate in measure(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])):
        print(json.dumps(asdict(rate)))
