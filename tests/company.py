"""A company whose systems' exports lie in a folder: the fixtures of the connectors, and what a person completed."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from ingest import connections
from ingest.connections import CONNECTORS, changes, mapping, syncing
from ingest.connections.syncing import Place, Report

PROGRAMME = mapping.read_programme([Path(__file__).parents[1] / "dbt_project" / "seeds" / "programme"])
NOW = datetime(2026, 4, 1, tzinfo=UTC)
VENDORS = ("salesforce", "zendesk", "xero", "qualtrics")
HAND_WORK = {
    "maps/team.csv": "value,code\nSupport Tier 1,support\nAccount Executive,sales\n",
    "maps/case_touchpoint.csv": "value,code\ninvoice question > closed,payment_confirmation\n",
    "maps/ticket_touchpoint.csv": "value,code\ninvoice question > closed,payment_confirmation\n",
    "maps/question_metric.csv": "value,code\nQID2_1,ces\n",
    "links.csv": "connection,ref,account_id\nzendesk,9006,001000000000007AAA\nzendesk,9007,001000000000008AAA\n",
}


class Company:
    """A folder with exports and connections.yml, synced into a landing zone beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, NOW
        self.place = Place(folder / "landing", folder / "home")
        self.place.zone.mkdir(parents=True, exist_ok=True)

    def export(self, *vendors: str) -> None:
        for vendor in vendors:
            shutil.copytree(CONNECTORS / vendor / "fixture", self.folder / "exports" / vendor, dirs_exist_ok=True)

    def configure(self, **entries: str) -> None:
        lines = [f"  {name}: {{{entry}}}" for name, entry in entries.items()]
        (self.folder / "connections.yml").write_text("\n".join(["connections:", *lines]) + "\n")

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def sync(self, name: str) -> Report:
        self.now += timedelta(days=1)
        return syncing.sync(connections.read(self.folder / "connections.yml"), name, self.place, self.now, PROGRAMME)

    def check(self, name: str) -> Report:
        return syncing.check(connections.read(self.folder / "connections.yml"), name, self.place, self.now, PROGRAMME)

    def rows(self, entity: str, columns: str = "*", *, connection: str = "*") -> list[tuple[Any, ...]]:
        """The latest landed record of every key, by the order in which files landed."""
        contract = changes.load_contracts()[entity]
        files = sorted(map(str, self.place.zone.glob(f"{entity.replace('.', '/')}/{connection}/*.parquet")))
        if not files:
            return []
        keys = ", ".join(key.name for key in contract.keys)
        with duckdb.connect() as con:
            return con.execute(
                f"SELECT {columns} FROM (SELECT * EXCLUDE (_vendor_file, filename) "
                "FROM read_parquet(?, filename=true, union_by_name=true) "
                f"QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY filename DESC) = 1) ORDER BY ALL",
                [files],
            ).fetchall()
