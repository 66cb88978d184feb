"""Versions of one record that share their instant: the greater hash wins, whatever the order of landing."""

from __future__ import annotations

import itertools
from pathlib import Path

import jinja2
import pytest
from load_zone import Zone, good_row

from ingest import rules
from ingest.contracts import load_contracts

KEYS_SQL = Path(__file__).parents[2] / "dbt_project" / "macros" / "keys.sql"
NOON, SAME_NOON, MORNING = "2025-03-01T12:00:00Z", "2025-03-01 13:00:00+01", "2025-03-01T08:00:00Z"
# One record each, one load per word. a, b and c differ and share their instant, A is a copy of a, o is older.
TIED = ["abc", "cba", "a b c", "c b a", "b a c", "ab c", "c ab", "a bc", "aA b", "a A b", "b a A", "aA bc A", "a ob"]
NOT_TIED = ["a", "oa", "a o", "aA", "a A", "aA o A"]


@pytest.fixture
def zone(tmp_path: Path) -> Zone:
    return Zone(tmp_path)


def land(zone: Zone, entity: str, cuts: list[str]) -> None:
    """Load the first word of every cut together, then the second, and so on."""
    key, *_, last = [c.name for c in load_contracts()[entity].content if c.type in ("id", "text")]
    instants = {"A": SAME_NOON, "o": MORNING}
    for number, letters in enumerate(itertools.zip_longest(*(cut.split() for cut in cuts), fillvalue="")):
        rows = [
            good_row(entity, updated_at=instants.get(letter, NOON), extra=str(number))
            | {key: cuts[index], last: letter.lower()}
            for index, word in enumerate(letters)
            for letter in word
        ]
        zone.land_rows(entity, f"{number}.csv", *rows)
        assert zone.load_one(entity).rows_loaded == len(rows), zone.quarantined("reasons")


@pytest.mark.parametrize("entity", ["crm.interactions", "crm.contact_roles", "survey.answers"])
def test_the_greater_hash_wins_in_any_order(zone: Zone, entity: str) -> None:
    land(zone, entity, TIED + NOT_TIED)
    contract = load_contracts()[entity]
    keys = [column.name for column in contract.keys]
    macros = KEYS_SQL.read_text().split("{#- Sum of doubles")[0]
    rank = jinja2.Template(macros + "{{ version_rank(keys) }}").render(keys=keys)
    full_hash = rules.record_hash(contract.content, "landed")
    versions = zone.query(
        f"SELECT {keys[0]}, {full_hash}, updated_at, {rank} FROM raw.{contract.table} AS landed ORDER BY ALL"
    )
    greatest = {key: max((at, digest) for k, digest, at, _ in versions if k == key) for key, *_ in versions}
    assert {key: (at, digest) for key, digest, at, rank in versions if rank == 1} == greatest
    assert len(greatest) == len(TIED + NOT_TIED)


def test_only_versions_that_differ_have_a_hash(zone: Zone) -> None:
    land(zone, "crm.interactions", TIED + NOT_TIED)
    found = zone.query(
        "SELECT interaction_id, _record_hash IS NOT NULL FROM raw.crm_interactions WHERE updated_at = ?", NOON
    )
    assert set(found) == {(cut, True) for cut in TIED} | {(cut, False) for cut in NOT_TIED}


def test_entities_with_personal_values_always_have_it(zone: Zone) -> None:
    land(zone, "crm.accounts", ["a", "a b"])
    joined = "raw.crm_accounts JOIN vault.crm_accounts USING (account_id, updated_at, _record_hash)"
    assert zone.query(f"SELECT account_id, count(*) FROM {joined} GROUP BY ALL ORDER BY 1") == [("a", 1), ("a b", 2)]


def test_where_a_record_came_from_is_no_part_of_what_it_says(zone: Zone) -> None:
    rows = [good_row("crm.interactions", updated_at=NOON) | {"_vendor_file": file} for file in ("a.csv", "b.csv")]
    zone.land_rows("crm.interactions", "x.csv", *rows)
    zone.load_one("crm.interactions")
    assert zone.query("SELECT _vendor_file, _record_hash FROM raw.crm_interactions ORDER BY 1") == [
        ("a.csv", None),
        ("b.csv", None),
    ]
