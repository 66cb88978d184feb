"""Publishing under `kill -9`: whatever instant it hits, `current` is whole and the next publication needs no repair."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb

from answerable.published import current_version
from ingest import load
from orchestration import publishing

PUBLISH_FOREVER = """
import sys
from pathlib import Path
from orchestration import publishing
warehouse, published = map(Path, sys.argv[1:])
print("ready", flush=True)
while True:
    publishing.publish(warehouse, published, publishing.next_version(published, "x"), keep_versions=2,
                       programme_hash="", code_version="", checks_passed=0)
"""


def test_killed_at_any_instant_the_published_version_is_whole(tmp_path: Path) -> None:
    warehouse, published = tmp_path / "warehouse.duckdb", tmp_path / "published"
    load.prepare(warehouse)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema marts; create table marts.publication as from memory.publications")
        for table in ("a", "b", "c"):
            connection.execute(f"create table marts.{table} as select range as id from range(50000)")
    publishing.publish(
        warehouse, published, publishing.next_version(published, "x"), keep_versions=2, programme_hash="",
        code_version="", checks_passed=0,
    )  # fmt: skip

    chance = random.Random(0)
    for _ in range(8):
        with subprocess.Popen(
            [sys.executable, "-c", PUBLISH_FOREVER, str(warehouse), str(published)], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout and process.stdout.readline() == b"ready\n"
            time.sleep(chance.uniform(0.02, 0.4))
            os.kill(process.pid, signal.SIGKILL)

        version = current_version(published)
        with duckdb.connect(str(published / "current" / "answerable.duckdb"), read_only=True) as connection:
            assert connection.execute("select max(version) from marts.publication").fetchall() == [(version,)]
            for table in ("a", "b", "c"):
                assert connection.execute(f"select count(*) from marts.{table}").fetchall() == [(50000,)]
                parquet = str(published / "current" / "parquet" / f"{table}.parquet")
                assert connection.execute("select count(*) from read_parquet(?)", [parquet]).fetchall() == [(50000,)]

    last = publishing.publish(
        warehouse, published, publishing.next_version(published, "x"), keep_versions=2, programme_hash="",
        code_version="", checks_passed=0,
    )  # fmt: skip
    assert publishing.versions(published)[-1] == last.version
    assert len(publishing.versions(published)) == 2
    assert not list(published.glob("*.tmp"))
