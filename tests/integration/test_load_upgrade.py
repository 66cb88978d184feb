"""A home of contract 1 under contract 2: what landed before and after decides between versions as if landed now.

Belongs here: raw and vault. Does not: what the warehouse remembers besides records (tests/unit/ingest/test_upgrade).
"""

from __future__ import annotations

from pathlib import Path

import pytest
from load_zone import EXAMPLES, Zone

from ingest.contracts import load_contracts
from ingest.rules import record_hash
from ingest.warehouse import connect

ADDED = {
    "crm.contacts": ["merged_into_contact_id"],
    "crm.interactions": ["is_internal"],
    "billing.invoices": ["collection"],
    "billing.payments": ["kind"],
}
"""What contract 2 added to the columns of contract 1."""


def as_contract_1_left_it(warehouse: Path) -> None:
    """Take the columns of contract 2 out of a warehouse, and let its hashes be over those of contract 1."""
    with connect(warehouse) as con:
        for name, added in ADDED.items():
            contract = load_contracts()[name]
            raw, vault = f"raw.{contract.table}", f"vault.{contract.table}"
            columns = tuple(column for column in contract.columns if column.name not in added)
            version = ", ".join([*(key.name for key in contract.keys), "updated_at", "_record_hash"])
            for column in added:
                con.execute(f"ALTER TABLE {raw} DROP COLUMN {column}")
            whole = f"{raw} JOIN {vault} USING ({version})" if contract.personal else raw
            con.execute(
                f"CREATE OR REPLACE TEMP TABLE old AS SELECT {version}, {record_hash(columns, 'landed')} AS was "
                f"FROM (SELECT * FROM {whole}) AS landed WHERE _record_hash IS NOT NULL"
            )
            for table in (raw, vault) if contract.personal else (raw,):
                con.execute(
                    f"UPDATE {table} SET _record_hash = was FROM temp.old WHERE old._record_hash = {table}._record_hash"
                )


@pytest.mark.parametrize("entity", ADDED)
def test_a_home_of_contract_1_decides_between_versions_as_one_that_loads_all_now(tmp_path: Path, entity: str) -> None:
    contract = load_contracts()[entity]
    text = next(column.name for column in contract.columns if column.type == "text")
    rows = [
        {key.name: f"k{key_no}" for key in contract.keys}
        | {c.name: EXAMPLES[c.type] for c in contract.columns if c.is_required and not c.is_key}
        | {text: f"version {version}"}
        for key_no in range(20)
        for version in range(3)
    ]
    homes = {}
    for way in ("in one go", "upgraded in between"):
        zone = Zone(tmp_path / way.replace(" ", "_"))
        zone.land_rows(entity, "early.csv", *(row for row in rows if row[text] < "version 2"))
        if way == "upgraded in between":
            assert zone.load_one(entity).rows_loaded == 40
            before = zone.query(f"SELECT _record_hash, * EXCLUDE (_loaded_at) FROM raw.{contract.table} ORDER BY ALL")
            as_contract_1_left_it(zone.warehouse)
            zone.load()
            after = zone.query(f"SELECT _record_hash, * EXCLUDE (_loaded_at) FROM raw.{contract.table} ORDER BY ALL")
            assert len(after) == 40 and {row[0] for row in after} == {row[0] for row in before}
        zone.land_rows(entity, "late.csv", *(row for row in rows if row[text] == "version 2"))
        zone.load()
        homes[way] = zone.query(f"SELECT {contract.keys[0].name}, _record_hash FROM raw.{contract.table} ORDER BY ALL")
        if contract.personal:
            unnamed = f"SELECT 1 FROM raw.{contract.table} ANTI JOIN vault.{contract.table} USING (_record_hash)"
            assert zone.query(unnamed) == []
    assert homes["upgraded in between"] == homes["in one go"]
    assert len({hash for _, hash in homes["in one go"]}) == 60
