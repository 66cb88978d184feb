"""What a load leaves behind: ledger, vault, report, pages; and what a killed or failing one does not."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from load_zone import BOUND_BY_MODES, KEY, Zone, good_row

from ingest import IngestError, quarantine
from ingest.contracts import load_contracts
from ingest.expectations import suite
from ingest.quarantine import settle_scores
from ingest.warehouse import connect, prepare, set_clock

SITES = "site_id,account_id,updated_at,site_name\n"


@pytest.fixture
def zone(tmp_path: Path) -> Zone:
    return Zone(tmp_path)


def test_every_row_of_every_file_is_accounted_for(zone: Zone) -> None:
    zone.land("crm.sites", "a.csv", SITES + "1,A,2025-01-01,x\n2,,2025-01-01,x\n3,A\n")
    zone.land("crm.sites", "b.csv", SITES)
    zone.land("crm.sites", "c.jsonl", "")
    zone.load(load_id="L1")
    assert zone.ledger("file, rows_read, rows_loaded, rows_quarantined, load_id, reason") == [
        ("crm/sites/a.csv", 3, 1, 2, "L1", None),
        ("crm/sites/b.csv", 0, 0, 0, "L1", None),
        ("crm/sites/c.jsonl", 0, 0, 0, "L1", None),
    ]
    content_hash = hashlib.sha256((zone.landing / "crm/sites/b.csv").read_bytes()).hexdigest()
    assert zone.scalar("SELECT content_hash FROM raw.load_ledger WHERE file = 'crm/sites/b.csv'") == content_hash


def test_the_report_holds_every_expectation_and_the_pages_show_them(zone: Zone) -> None:
    zone.land("crm.sites", "a.csv", SITES + "1,A,2025-01-01,x\n2,,yesterday,x\n3,A\n")
    report = zone.load_one("crm.sites")
    found = {item.name: (item.success, item.severity, item.unexpected_count) for item in report.expectations}
    assert sorted(found) == sorted(item.name for item in suite(load_contracts()["crm.sites"]))
    assert found["quarantined_share"] == (True, "error", 0)
    assert found["rows_accounted_for"] == (True, "error", 0)
    assert found["readable_records"] == (False, "warn", 1)
    assert found["valid_account_id"] == found["valid_updated_at"] == (False, "warn", 1)
    assert found["valid_site_id"] == (True, "warn", 0)
    pages = sorted(path.name for path in (zone.home / "reports" / "data_docs").iterdir())
    assert pages == ["crm.sites.html", "index.html"]
    for page in pages:
        text = (zone.home / "reports" / "data_docs" / page).read_text()
        assert not re.search(r"(src|href|action)=.?(https?:)?//|<script|@import|url\(", text)
        assert "crm.sites" in text
    assert "account_id is present, except in deleted records, and is a non-empty id." in text_of(zone, "crm.sites.html")


def text_of(zone: Zone, page: str) -> str:
    return (zone.home / "reports" / "data_docs" / page).read_text()


def test_personal_values_live_in_the_vault_alone(zone: Zone) -> None:
    secret = {"full_name": "Zoe Zebra", "email": "zoe@zebra.test", "phone": "+33555666"}
    contact = good_row("crm.contacts", contact_id="C1", **secret)
    zone.land_rows("crm.contacts", "a.csv", contact, contact | {"updated_at": "never", "contact_id": "C2"})
    zone.land_rows("crm.contacts", "b.jsonl", contact | {"updated_at": "", "contact_id": "C3"})
    zone.parquet(
        "crm.contacts",
        "c.parquet",
        f"SELECT '{secret['email']}' AS email, 'C4' AS contact_id, 'A' AS account_id, 'x' AS updated_at",
    )
    zone.land_rows("crm.accounts", "a.csv", good_row("crm.accounts", owner_email="zoe@zebra.test"))
    zone.load()
    assert zone.query("SELECT contact_id, full_name, email, phone FROM vault.crm_contacts") == [
        ("C1", *secret.values())
    ]
    assert zone.scalar(
        "SELECT email IS NOT NULL FROM vault.crm_contacts "
        "JOIN raw.crm_contacts USING (contact_id, updated_at, _record_hash)"
    )
    assert json.loads(zone.quarantined("record")[0][0])["email"] == "[personal]"
    with connect(zone.warehouse) as con:
        tables = con.execute(
            "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE schema_name <> 'vault'"
        ).fetchall()
        for (table,) in tables:
            text = str(con.execute(f"FROM {table}").fetchall())
            assert not any(value in text for value in secret.values()), table
    assert "zebra" not in text_of(zone, "crm.contacts.html").lower()


def test_keys_are_hmac_sha256_and_made_once(zone: Zone) -> None:
    ids = ["C1", "ünï\\x41", "'; --", " ", "c" * 500]
    rows = [good_row("crm.interactions", interaction_id=str(i), contact_id=f'"{key}"') for i, key in enumerate(ids)]
    zone.land_rows("crm.interactions", "a.csv", *rows, good_row("crm.interactions", interaction_id="x", contact_id=""))
    zone.land_rows("crm.accounts", "a.csv", good_row("crm.accounts", owner_email="a@b.test"))
    zone.load()
    zone.land_rows("crm.contacts", "a.csv", good_row("crm.contacts", contact_id="C1", merged_into_contact_id=""))
    zone.load()
    expected = {(key, hmac.new(KEY, key.encode(), "sha256").hexdigest()) for key in ids}
    found = zone.query("SELECT contact_id, contact_key FROM vault.contact_keys")
    assert (set(found), len(found)) == (expected, len(ids))
    assert zone.query("FROM vault.owner_keys") == [("a@b.test", hmac.new(KEY, b"a@b.test", "sha256").hexdigest())]
    raw = zone.warehouse.read_bytes()
    assert KEY not in raw and KEY.hex().encode() not in raw


@pytest.mark.parametrize("key", [b"k" * 64, b"k" * 65, b"k"])
def test_keys_of_any_length(zone: Zone, key: bytes) -> None:
    zone.land_rows("crm.contacts", "a.csv", good_row("crm.contacts", contact_id="C1", merged_into_contact_id=""))
    zone.load(hmac_key=key)
    assert zone.scalar("SELECT contact_key FROM vault.contact_keys") == hmac.new(key, b"C1", "sha256").hexdigest()


def test_another_key_is_refused_before_anything_is_loaded(zone: Zone) -> None:
    zone.land_rows("crm.contacts", "a.csv", good_row("crm.contacts"))
    zone.load()
    zone.land_rows("crm.contacts", "b.csv", good_row("crm.contacts", contact_id="new"))
    with pytest.raises(IngestError, match=r"HMAC key changed.*restore the key"):
        zone.load(hmac_key=b"x" * 32)
    assert zone.scalar("SELECT count(*) FROM raw.crm_contacts") == 1


def test_entities_can_be_chosen(zone: Zone) -> None:
    zone.land_rows("crm.sites", "a.csv", good_row("crm.sites"))
    zone.land_rows("crm.products", "a.csv", good_row("crm.products"))
    assert list(zone.load(entities=["crm.products"]).entities) == ["crm.products"]
    assert zone.query("SELECT file FROM raw.load_ledger") == [("crm/products/a.csv",)]
    with pytest.raises(KeyError, match=r"crm\.nonsense"):
        zone.load(entities=["crm.nonsense"])


def test_reports_are_in_contract_order_and_progress_is_told(zone: Zone) -> None:
    told: list[str] = []
    zone.land_rows("crm.sites", "a.csv", good_row("crm.sites"))
    report = zone.load(on_progress=told.append)
    assert list(report.entities) == list(load_contracts())
    assert told == ["crm.sites: reading crm/sites/a.csv", "crm.sites: 1 rows loaded, 0 quarantined"]


def test_prepare_and_clock_are_idempotent(zone: Zone) -> None:
    prepare(zone.warehouse)
    prepare(zone.warehouse)
    for year in (2025, 2026):
        set_clock(zone.warehouse, datetime(year, 1, 1, tzinfo=UTC))
    assert zone.query("SELECT as_of FROM memory.clock") == [(datetime(2026, 1, 1, tzinfo=UTC),)]
    with pytest.raises(ValueError, match="time zone"):
        set_clock(zone.warehouse, datetime(2026, 1, 1))


def test_a_column_that_a_newer_contract_brings_is_added(zone: Zone) -> None:
    prepare(zone.warehouse)
    with connect(zone.warehouse) as con:
        con.execute("ALTER TABLE raw.crm_sites DROP COLUMN site_name")
    zone.land_rows("crm.sites", "a.csv", good_row("crm.sites"))
    assert zone.load_one("crm.sites").rows_loaded == 1
    assert zone.scalar("SELECT site_name FROM raw.crm_sites") == "some text"


def test_an_empty_landing_zone_loads_nothing(zone: Zone) -> None:
    report = zone.load()
    assert all(entity.files_new == 0 and not entity.expectations for entity in report.entities.values())
    assert not (zone.home / "staging").exists()


def test_a_warehouse_in_use_is_one_clear_line(zone: Zone) -> None:
    prepare(zone.warehouse)
    code = f"import duckdb, sys; c = duckdb.connect({str(zone.warehouse)!r}); print(flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout and holder.stdin
        holder.stdout.readline()
        with pytest.raises(IngestError, match=rf"is in use \(process {holder.pid}\)"):
            zone.load()
        holder.stdin.close()


def test_a_read_only_home_is_one_clear_line(zone: Zone) -> None:
    zone.home.mkdir(parents=True)
    zone.home.chmod(0o500)
    *_, last = zone.load_apart(*BOUND_BY_MODES).stderr.splitlines()
    assert last == f"ingest.IngestError: {zone.warehouse} can't be written to: check the owner and mode of {zone.home}"


def test_a_home_that_is_a_file_is_one_clear_line(zone: Zone) -> None:
    zone.home.parent.mkdir(parents=True, exist_ok=True)
    zone.home.write_text("")
    with pytest.raises(IngestError):
        zone.load()


def test_leftovers_of_a_killed_load_are_removed(zone: Zone) -> None:
    leftover = zone.home / "staging" / "duckdb_temp_storage_0.tmp"
    leftover.parent.mkdir(parents=True)
    leftover.write_text("x")
    zone.load()
    assert not leftover.exists()


def test_a_load_that_waits_for_the_lock_leaves_the_other_ones_scratch_alone(zone: Zone) -> None:
    prepare(zone.warehouse)
    scratch = zone.home / "staging" / "spilled"
    scratch.parent.mkdir()
    scratch.write_text("x")
    with connect(zone.warehouse), pytest.raises(IngestError, match="is in use"):
        zone.load()
    assert scratch.exists()


SELF_KILL = "os.kill(os.getpid(), 9)"
INSTANTS = {
    "while staging": f"staging.batch_table = lambda _: {SELF_KILL}",
    "before validation": f"expectations.validate = lambda *_: {SELF_KILL}",
    "with raw written": f"quarantine.add = lambda *_: {SELF_KILL}",
    "with all written": f"load._note_rejected = lambda *_: {SELF_KILL}",
    "after the first batch": f"real = load._finish; load._finish = lambda *a: (real(*a), {SELF_KILL})",
    "some time later": "threading.Timer(0.4, os.kill, (os.getpid(), 9)).start()",
}


@pytest.mark.parametrize("patch", INSTANTS.values(), ids=INSTANTS)
def test_a_load_killed_at_any_instant_needs_no_repair(zone: Zone, patch: str) -> None:
    body = "".join(f"{i},A,2025-01-01,{'x' * 30}{i}\n" for i in range(50_000))
    zone.land_rows("crm.accounts", "a.csv", good_row("crm.accounts"))
    zone.land("crm.sites", "a.csv", SITES + body + "bad,,2025-01-01,\n")
    killed = zone.load_apart(first=patch)
    assert killed.returncode == -signal.SIGKILL or "Timer" in patch
    zone.load()
    assert zone.scalar("SELECT count(*) FROM raw.crm_accounts") == 1
    assert zone.query("SELECT count(*), count(DISTINCT site_id) FROM raw.crm_sites") == [(50_000, 50_000)]
    assert len(zone.quarantined()) == 1
    assert [(rows, loaded) for _, _, rows, loaded, _ in zone.ledger()] == [(1, 1), (50_001, 50_000)]


def test_a_batch_that_fails_midway_is_rolled_back(zone: Zone, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    zone.land_rows("crm.sites", "a.csv", good_row("crm.sites"))
    with monkeypatch.context() as patched, pytest.raises(IngestError, match="No space left on device"):
        patched.setattr(quarantine, "add", no_space)
        zone.load()
    assert (zone.scalar("SELECT count(*) FROM raw.crm_sites"), zone.ledger()) == (0, [])
    assert zone.load_one("crm.sites").rows_loaded == 1


JUDGED = """
    CREATE SCHEMA IF NOT EXISTS intermediate;
    CREATE OR REPLACE TABLE intermediate.int_answers__verdicts AS
    SELECT response_id, question_id, _file, _row_number, _load_id,
        CASE WHEN score > {top} THEN 'score ' || score || ' is off the scale 0-{top}' END AS verdict,
        CASE WHEN score <= {top} THEN 'surviving'
            WHEN EXISTS (FROM raw.survey_answers AS newer WHERE newer.response_id = answers.response_id
                AND newer.updated_at > answers.updated_at AND newer.score <= {top}) THEN 'superseded'
            ELSE 'refused' END AS standing
    FROM raw.survey_answers AS answers WHERE response_id <> 'waiting'
"""


def judge(zone: Zone, top: int) -> list[tuple[str, list[str], bool]]:
    with connect(zone.warehouse) as con:
        con.execute(JUDGED.format(top=top))
    settle_scores(zone.warehouse)
    settle_scores(zone.warehouse)
    return [
        (json.loads(record)["response_id"], reasons, is_open)
        for record, reasons, is_open in zone.quarantined("record, reasons, resolved_at IS NULL")
    ]


def test_scores_are_settled_at_every_judgement(zone: Zone) -> None:
    answers = "response_id,question_id,score,updated_at\n"
    zone.land("survey.answers", "a.csv", answers + "R1,Q,11,2025-01-01\nR2,Q,9,2025-01-01\nwaiting,Q,99,2025-01-01\n")
    zone.load()
    eleven = ("R1", ["score 11.0 is off the scale 0-10"], True)
    assert judge(zone, 10) == [eleven]
    assert zone.ledger("rows_quarantined") == [(0,)], "the ledger counts what the load found"
    assert zone.quarantined("row_number, record_key, found_by") == [(1, ["R1", "Q"], "judgement")]
    assert judge(zone, 100) == [(*eleven[:2], False)]
    assert judge(zone, 5) == [
        ("R1", ["score 11.0 is off the scale 0-5"], True),
        ("R2", ["score 9.0 is off the scale 0-5"], True),
    ]
    zone.land("survey.answers", "b.csv", answers + "R1,Q,4,2025-02-01\nR2,Q,7,2025-02-01\n")
    zone.load()
    found = judge(zone, 5)
    assert [(key, is_open) for key, _, is_open in found] == [("R1", False), ("R2", True), ("R2", True)]
    assert [is_open for _, _, is_open in judge(zone, 8)] == [False, False, False], "7 is good, and newer than 9"
    zone.land("survey.answers", "c.csv", answers + "R3,Q,99,2025-01-01\nR3,Q,1,2025-02-01\n")
    zone.load()
    assert ("R3", False) in [(key, is_open) for key, _, is_open in judge(zone, 8)], "superseded before it was judged"


def test_duckdb_still_reads_the_file(zone: Zone) -> None:
    prepare(zone.warehouse)
    with duckdb.connect(str(zone.warehouse), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM raw.load_ledger").fetchone() == (0,)
