"""A landing zone, a home and a warehouse in a temporary folder, for tests of loading."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
from landed import grown_old

from ingest.contracts import load_contracts
from ingest.load import EntityReport, LoadReport, load
from ingest.warehouse import connect

KEY = bytes(range(32))

# Root opens every file, whatever its mode; a command under this is stopped by modes, as those of other users are.
BOUND_BY_MODES = (
    ("setpriv", "--inh-caps=-dac_override,-dac_read_search", "--bounding-set=-dac_override,-dac_read_search")
    if os.geteuid() == 0
    else ()
)

EXAMPLES = {
    "id": "7",
    "text": "some text",
    "code": "some_code",
    "time_zone": "Europe/Paris",
    "currency": "EUR",
    "ts": "2025-03-01T10:00:00Z",
    "date": "2025-03-01",
    "money": "12.50",
    "number": "3.5",
    "int": "4",
    "bool": "true",
}


def good_row(entity: str, **changes: str) -> dict[str, str]:
    """Return a row of the entity that breaks no rule, with some columns changed."""
    columns = load_contracts()[entity].columns
    row = {c.name: c.allowed[0] if c.allowed else EXAMPLES[c.type] for c in columns}
    return row | ({"metric": "csat"} if entity == "survey.questions" else {}) | changes  # nps has one scale alone


class Zone:
    """What a test lands, and what it finds afterwards."""

    def __init__(self, folder: Path) -> None:
        self.landing = folder / "landing"
        self.home = folder / "home"
        self.warehouse = self.home / "warehouse.duckdb"
        self.landing.mkdir(parents=True, exist_ok=True)

    def land(self, entity: str, name: str, content: str | bytes) -> Path:
        """Write a file below the entity's folder."""
        path = self.landing.joinpath(*entity.split(".")) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)
        return grown_old(path)

    def land_rows(self, entity: str, name: str, *rows: dict[str, Any]) -> Path:
        """Write rows as CSV or JSON Lines, by the name's ending; the columns of the first row."""
        if ".jsonl" in name:
            return self.land(entity, name, "".join(json.dumps(row) + "\n" for row in rows))
        lines = [",".join(rows[0]), *(",".join(str(row[column]) for column in rows[0]) for row in rows)]
        return self.land(entity, name, "".join(f"{line}\n" for line in lines))

    def load(self, **options: Any) -> LoadReport:
        """Load what is new."""
        return load(self.warehouse, self.landing, self.home, **{"hmac_key": KEY} | options)

    def load_apart(self, *within: str, first: str = "pass") -> subprocess.CompletedProcess[str]:
        """Load what is new in a process of its own, which another command may start and some code may prepare."""
        code = (
            "import great_expectations, os, sys, threading; from pathlib import Path; "
            f"from ingest import expectations, load, quarantine, staging; {first}; "
            f"load.load(*map(Path, sys.argv[1:]), hmac_key={KEY!r})"
        )
        return subprocess.run(
            [*within, sys.executable, "-c", code, self.warehouse, self.landing, self.home],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=False,
        )

    def load_one(self, entity: str, **options: Any) -> EntityReport:
        """Load what is new and return the entity's report."""
        return self.load(**options).entities[entity]

    def query(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query on the warehouse."""
        with connect(self.warehouse) as con:
            return con.execute(sql, list(parameters)).fetchall()

    def scalar(self, sql: str, *parameters: Any) -> Any:
        """Return the one value of a query on the warehouse."""
        ((value,),) = self.query(sql, *parameters)
        return value

    def quarantined(self, columns: str = "*") -> list[tuple[Any, ...]]:
        """Return columns of all quarantined records, by file and row number."""
        return self.query(f"SELECT {columns} FROM quarantine.records ORDER BY file, row_number")

    def ledger(self, columns: str = "file, status, rows_read, rows_loaded, rows_quarantined") -> list[tuple[Any, ...]]:
        """Return columns of the load ledger, by file."""
        return self.query(f"SELECT {columns} FROM raw.load_ledger ORDER BY file")

    def parquet(self, entity: str, name: str, select: str) -> Path:
        """Write the result of a query as a Parquet file."""
        path = self.land(entity, name, b"")
        with duckdb.connect() as con:
            con.execute("SET TimeZone = 'UTC'")
            con.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
        return grown_old(path)
