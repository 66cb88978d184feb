"""What the guard was asked, into the warehouse: whole lines of its files, each once by its id.

Belongs here: reading the files. Does not: writing them (`answerable.guard.audit`), what became of a check (dbt).
"""

from __future__ import annotations

from pathlib import Path

from answerable.settings import CHECKS
from ingest.rules import literal
from ingest.warehouse import TABLES, connect

_TABLE = "memory.notice_checks"


def load(warehouse: Path, home: Path) -> int:
    """Add the checks that are not there yet; return how many. A torn last line waits, or is lost with its process."""
    folder = home / CHECKS
    if not any(folder.glob("*.jsonl")):
        return 0
    columns = ", ".join(f"{name}: {literal(kind)}" for name, (kind, _) in TABLES[_TABLE].columns.items())
    with connect(warehouse) as con:
        row = con.execute(
            f"INSERT INTO {_TABLE} BY NAME SELECT * FROM read_json(?, format = 'newline_delimited', "
            f"ignore_errors = true, columns = {{{columns}}}) AS landed "
            f"WHERE check_id IS NOT NULL AND asked_at IS NOT NULL AND check_id NOT IN (SELECT check_id FROM {_TABLE}) "
            "QUALIFY row_number() OVER (PARTITION BY check_id ORDER BY asked_at, verdict) = 1",
            [str(folder / "*.jsonl")],
        ).fetchone()
    return int(row[0]) if row else 0
