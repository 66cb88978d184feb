"""What a connection costs: 302,000 cases with 1.9 million rows of history, `python -m bench.connecting`.

Belongs here: making the export, timing both syncs, the peak of memory. Does not: judging the figures.
"""

from __future__ import annotations

import resource
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ingest import connections
from ingest.connections import mapping, syncing
from orchestration.manifest import DEFAULT_PROGRAMME

CASES, CHANGES = 302_000, 1_900_000


def export(folder: Path) -> None:
    """Write the cases of 10,000 accounts and the history of their owners, as Salesforce exports them."""
    folder.mkdir(parents=True)
    with duckdb.connect() as con:
        con.execute("CREATE MACRO sf(kind, n) AS kind || lpad(n::VARCHAR, 12, '0') || 'AAA'")
        con.execute(
            "CREATE MACRO instant_of(n) AS strftime(TIMESTAMP '2024-01-01' + to_minutes(n::INT), '%Y-%m-%dT%H:%M:%SZ')"
        )
        for name, query in {
            "Account": "SELECT sf('001', i) AS Id, 'Account ' || i AS Name, instant_of(0) AS SystemModstamp "
            "FROM range(10000) r(i)",
            "Group": "SELECT sf('00G', i) AS Id, 'Queue ' || i AS Name FROM range(12) r(i)",
            "Case": "SELECT sf('500', i) AS Id, sf('001', i % 10000) AS AccountId, 'Problem' AS Type, "
            "'Email' AS Origin, 'Closed' AS Status, repeat('words of a client ', 10) AS Description, "
            "sf('00G', i % 12) AS OwnerId, instant_of(i) AS CreatedDate, instant_of(i + 9000) AS ClosedDate, "
            f"instant_of(i + 9000) AS SystemModstamp FROM range({CASES}) r(i)",
            "CaseHistory": f"SELECT sf('017', i) AS Id, sf('500', i % {CASES}) AS CaseId, 'Owner' AS Field, "
            "sf('00G', i % 12) AS OldValue, sf('00G', (i + 1 + i % 11) % 12) AS NewValue, "
            f"instant_of(i % {CASES} + i // 1000) AS CreatedDate FROM range({CHANGES}) r(i)",
        }.items():
            con.execute(f"COPY ({query}) TO '{folder / name}.csv' (HEADER)")


def main() -> None:
    """Print seconds of both syncs and the peak of memory."""
    with tempfile.TemporaryDirectory(prefix="answerable-connecting-") as name:
        folder = Path(name)
        export(folder / "exports")
        (folder / "connections.yml").write_text("connections:\n  sf: {connector: salesforce, from: exports}\n")
        (folder / "landing").mkdir()
        found = connections.read(folder / "connections.yml")
        place = syncing.Place(folder / "landing", folder / "home", {"threads": 2, "memory_limit": "2GiB"})
        for turn in ("first sync", "second sync"):
            started = time.perf_counter()
            report = syncing.sync(found, "sf", place, datetime.now(UTC), mapping.read_programme([DEFAULT_PROGRAMME]))
            print(f"{turn}: {time.perf_counter() - started:.1f} s, {report.landed:,} records landed")
        print(f"peak of memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2:.2f} GiB")


if __name__ == "__main__":
    main()
