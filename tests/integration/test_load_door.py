"""What lands at the door of the warehouse: names that look like patterns, files that cost too much, links, headers.

Each hostile file lies beside a good one that must load.
"""

from __future__ import annotations

import gzip
import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest
from landed import grown_old
from load_zone import Zone

from ingest import IngestError, landing
from ingest.reading import Limits

SITES = "crm.sites"
HEADER = "site_id,account_id,updated_at"
AT = "2025-03-01T10:00:00Z"


@pytest.fixture
def zone(tmp_path: Path) -> Zone:
    return Zone(tmp_path)


def site(key: str, **more: Any) -> str:
    return json.dumps({"site_id": key, "account_id": "A", "updated_at": AT} | more)


def loaded(zone: Zone) -> list[str]:
    return [key for (key,) in zone.query("SELECT site_id FROM raw.crm_sites ORDER BY 1")]


PATTERNS = [
    "contacts[1]",
    "contacts1",
    "a*",
    "ab",
    "a?",
    "[a-b]",
    "[!a]",
    "b\\s[1]",
    "b\\s1",
    "{a,b}*",
    "**",
    "with 'quotes\" and é 日本 %41 #x ?y ;z",
]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "csv.gz", "parquet"])
@pytest.mark.parametrize("folder", ["plain", "h[1] b*'é"])
def test_names_are_names_never_patterns(tmp_path: Path, ending: str, folder: str) -> None:
    zone = Zone(tmp_path / folder)
    for name in PATTERNS:
        if ending == "parquet":
            with duckdb.connect() as con:
                con.execute(f"COPY (SELECT 1 AS x) TO '{tmp_path}/x.parquet' (FORMAT parquet)")
                text = name.replace("'", "''")
                select = f"SELECT '{text}' AS site_id, 'A' AS account_id, now() AS updated_at"
                con.execute(f"COPY ({select}) TO '{tmp_path}/x.parquet' (FORMAT parquet)")
            zone.land(SITES, f"{name}.parquet", (tmp_path / "x.parquet").read_bytes())
        elif ending == "jsonl":
            zone.land(SITES, f"{name}.jsonl", site(name))
        else:
            quoted = name.replace('"', '""')
            zone.land(SITES, f"{name}.{ending}", f'{HEADER}\n"{quoted}",A,{AT}\n')
    report = zone.load_one(SITES)
    assert (report.rejected, report.files_new) == ([], len(PATTERNS))
    assert loaded(zone) == sorted(PATTERNS)
    of_file = zone.query("SELECT _file, site_id FROM raw.crm_sites")
    assert sorted(of_file) == sorted((f"crm/sites/{name}.{ending}", name) for name in PATTERNS)


def test_a_file_over_a_limit_is_rejected_with_the_limit_and_its_setting(zone: Zone) -> None:
    limits = Limits(line_bytes=3_000_000)
    wide = [f"c{i}" for i in range(20_000 - 3)]
    zone.land(SITES, "good.csv", f"{HEADER}\nS1,A,{AT}\n")
    zone.land(SITES, "nested.jsonl", f'{site("S2")[:-1]}, "x": {"[" * 200_000}{"]" * 200_000}}}\n{site("S3")}\n')
    zone.land(SITES, "nested_in_text.jsonl", site("S4", site_name="[{" * 2_000 + '"'))
    zone.land(SITES, "deep.jsonl", f'{site("S5")[:-1]}, "x": {"[" * 999}{"]" * 999}}}')
    zone.land(SITES, "deeper.jsonl", f'{site("S6")[:-1]}, "x": {"[" * 1_000}{"]" * 1_000}}}')
    zone.land(SITES, "wide.csv", ",".join([HEADER, *wide]) + f"\nS7,A,{AT}{',' * len(wide)}\n")
    zone.land(SITES, "wide.jsonl", site("S8", **dict.fromkeys(wide, 1)))
    with duckdb.connect() as con:
        columns = ", ".join(f"1 AS {name}" for name in wide)
        path = zone.land(SITES, "wide.parquet", b"")
        con.execute(f"COPY (SELECT 'S9' AS site_id, 'A' AS account_id, {columns}) TO '{path}' (FORMAT parquet)")
        grown_old(path)
    zone.land(SITES, "as_wide_as_may_be.csv", ",".join([HEADER, *wide[:1_997]]) + f"\nSA,A,{AT}{',1' * 1_997}\n")
    zone.land(SITES, "bomb.csv.gz", f"{HEADER}\nSB,A,{AT}\n" + "\n" * 40_000_000)
    zone.land(SITES, "packed.csv.gz", f"{HEADER}\n" + "".join(f"SC,A,{AT}\n" for _ in range(9)))
    zone.land(SITES, "long.csv", f"{HEADER},site_name\nSD,A,{AT},{'x' * 3_000_000}\n")
    zone.land("crm.products", "good.csv", f"product_id,product_name,updated_at\nP1,Pump,{AT}\n")
    report = zone.load(limits=limits)
    assert {file.file.split("/")[-1]: file.reason.split("): ")[1] for file in report.entities[SITES].rejected} == {
        "nested.jsonl": "line 1 is nested deeper than ANSWERABLE_MAX_JSON_DEPTH = 1,000",
        "deeper.jsonl": "line 1 is nested deeper than ANSWERABLE_MAX_JSON_DEPTH = 1,000",
        "wide.csv": "20,000 columns, more than ANSWERABLE_MAX_COLUMNS = 2,000",
        "wide.jsonl": "line 1 has more keys than ANSWERABLE_MAX_COLUMNS = 2,000",
        "wide.parquet": "19,999 columns, more than ANSWERABLE_MAX_COLUMNS = 2,000",
        "bomb.csv.gz": "it unpacks to more than ANSWERABLE_MAX_UNPACKED_RATIO = 50 times its "
        f"{(zone.landing / 'crm/sites/bomb.csv.gz').stat().st_size:,} bytes",
        "long.csv": "a line of 3,000,027 bytes, more than ANSWERABLE_MAX_LINE_BYTES = 3,000,000",
    }
    assert sorted(set(loaded(zone))) == ["S1", "S4", "S5", "SA", "SC"]
    assert report.entities["crm.products"].rows_loaded == 1


def test_no_link_is_followed_and_what_nobody_reads_is_in_the_ledger(zone: Zone, tmp_path: Path) -> None:
    text = f"{HEADER}\nS,A,{AT}\n"
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.csv").write_text(text.replace("S,", "SECRET,"))
    zone.land(SITES, "good.csv", text)
    folder = zone.landing / "crm" / "sites"
    (folder / "linked").symlink_to(outside)
    (folder / "link.csv").symlink_to(outside / "secret.csv")
    (folder / "nowhere.csv").symlink_to(outside / "none.csv")
    os.mkfifo(folder / "pipe.csv")
    zone.land(SITES, "Also Read .CSV ", text.replace("S,", "S2,"))
    zone.land("CRM. Sites", "x.csv", text.replace("S,", "S3,"))
    for name in ("data.json", "data.ndjson", "data.tsv", "book.xlsx", "README"):
        zone.land(SITES, name, text)
    zone.land("crm.site", "x.csv", text)
    (zone.landing / "sites.csv").write_text(text)
    (zone.landing / "crm" / "sites.csv").write_text(text)
    report = zone.load(entities=["crm.products"])
    assert report.entities["crm.products"].rejected == []
    zone.load()
    assert loaded(zone) == ["S", "S2", "S3"]
    ignored = dict(zone.query("SELECT file, reason FROM raw.load_ledger WHERE status = 'ignored'"))
    endings = "its name ends in none of .csv, .csv.gz, .jsonl, .jsonl.gz, .parquet"
    assert ignored == {
        "crm/sites/linked": "a link: links are not followed; land the file itself",
        "crm/sites/link.csv": "a link: links are not followed; land the file itself",
        "crm/sites/nowhere.csv": "a link: links are not followed; land the file itself",
        "crm/sites/pipe.csv": "no regular file",
        "crm/sites/data.json": f"{endings}: one object per line, as .jsonl, is read",
        "crm/sites/data.ndjson": f"{endings}: name it .jsonl",
        "crm/sites/data.tsv": f"{endings}: save it with commas, as .csv",
        "crm/sites/book.xlsx": f"{endings}: save it as CSV UTF-8",
        "crm/sites/README": endings,
        "crm/site/x.csv": "no contract reads its folder; is it crm/sites?",
        "crm/sites.csv": "not in the folder of an entity, such as crm/accounts",
        "sites.csv": "not in the folder of an entity, such as crm/accounts",
    }
    counts = "file, rows_read + rows_loaded + rows_quarantined"
    assert all(count == 0 for _, count in zone.query(f"SELECT {counts} FROM raw.load_ledger WHERE status = 'ignored'"))
    assert zone.query("SELECT source, entity FROM raw.load_ledger WHERE file = 'crm/site/x.csv'") == [(None, None)]
    (folder / "README").unlink()
    (folder / "data.ndjson").rename(folder / "data.jsonl")
    before = zone.query(
        "SELECT file, load_id FROM raw.load_ledger WHERE status = 'ignored' AND file <> ALL(?)",
        ["crm/sites/README", "crm/sites/data.ndjson"],
    )
    zone.load()
    assert sorted(zone.query("SELECT file, load_id FROM raw.load_ledger WHERE status = 'ignored'")) == sorted(before)


def test_a_landing_zone_that_is_no_folder_is_an_error_of_one_line(zone: Zone) -> None:
    for landing_zone, found in ((zone.landing / "none", "does not exist"), (zone.land(SITES, "x", ""), "is no folder")):
        zone.landing = landing_zone
        with pytest.raises(IngestError, match=found):
            zone.load()


def test_the_text_of_a_header_is_said_nowhere(zone: Zone, capfd: pytest.CaptureFixture[str]) -> None:
    secret = "ann.lee@example.com"
    files = {
        "doubled.csv": f"{HEADER},{secret},{secret}\nS,A,{AT},1,2\n",
        "no_header.csv": f"{secret},S,A,{AT}\n",
        "semicolons.csv": f"{HEADER};{secret}\n".replace(",", ";"),
        "quote.csv": f'{HEADER},"{secret}"x\nS,A,{AT},1\n',
        "torn.csv": f'{HEADER},"{secret}\n',
        "latin.csv": f"{HEADER},{secret}é\n".encode("latin-1"),
        "torn.jsonl": f'{{"{secret}": "\xff"}}\n'.encode("latin-1"),
    }
    for name, content in files.items():
        zone.land(SITES, name, content)
    with duckdb.connect() as con:
        path = zone.land(SITES, "doubled.parquet", b"")
        named = "'S' AS site_id, 'A' AS account_id, now() AS updated_at"
        con.execute(
            f"""COPY (SELECT {named}, 1 AS "{secret}", 2 AS "{secret.upper()} ") TO '{path}' (FORMAT parquet)"""
        )
        grown_old(path)
    zone.land(SITES, "good.csv", f"{HEADER}\nS1,A,{AT}\n")
    told: list[str] = []
    report = zone.load_one(SITES, on_progress=told.append)
    assert len(report.rejected) == len(files) + 1
    assert loaded(zone) == ["S1"]
    said = "".join([*told, *(file.reason for file in report.rejected), *capfd.readouterr(), str(zone.ledger("*"))])
    assert "ann" not in said.lower()
    reasons = {file.file.split("/")[-1]: file.reason for file in report.rejected}
    assert "column 4 is named twice, again as column 5" in reasons["doubled.csv"]
    assert "column 4 is named twice, again as column 5" in reasons["doubled.parquet"]


def test_a_file_that_is_still_being_written_is_waited_for(zone: Zone, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting is shortened to a third of a second; one file is finished meanwhile, one never is."""
    monkeypatch.setattr(landing, "SETTLED_SECONDS", 0.3)
    folder = zone.land(SITES, "old.csv", f"{HEADER}\nS1,A,{AT}\n").parent
    future = folder / "future.csv"
    future.write_text(f"{HEADER}\nS2,A,{AT}\n")
    os.utime(future, (time.time() + 3600,) * 2)
    started = time.monotonic()
    zone.load()
    assert loaded(zone) == ["S1", "S2"]
    young, endless = folder / "young.csv", folder / "endless.csv"
    young.write_text(f"{HEADER}\nS3,A,{AT}\n")
    endless.write_text(f"{HEADER}\nS4,A,{AT}\n")
    is_done = threading.Event()

    def write_on() -> None:
        while not is_done.wait(0.02):
            with endless.open("a") as file:
                file.write(f"S5,A,{AT}\n")

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        report = zone.load_one(SITES)
    finally:
        is_done.set()
        writer.join()
    assert report.unsettled == ["crm/sites/endless.csv"]
    assert loaded(zone) == ["S1", "S2", "S3"]
    assert [file for (file,) in zone.ledger("file")] == [f"crm/sites/{name}.csv" for name in ("future", "old", "young")]
    assert time.monotonic() - started < 60
    zone.load()
    assert {"S4", "S5"} <= set(loaded(zone))


def test_a_file_that_changes_while_it_is_staged_is_read_again_whole(
    zone: Zone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landing, "SETTLED_SECONDS", 0.3)
    long = "x" * 100_000
    path = zone.land(SITES, "a.csv", f"{HEADER},site_name\nS1,A,{AT},{long}\nS2,A")
    zone.land(SITES, "b.csv", f"{HEADER}\nS3,A,{AT}\n")
    is_written = False

    def finish(line: str) -> None:
        nonlocal is_written
        if "a.csv" in line and not is_written:
            is_written = True
            with path.open("a") as file:
                file.write(f",{AT},\n")

    report = zone.load_one(SITES, on_progress=finish)
    assert (report.rows_loaded, report.rows_quarantined, report.unsettled) == (3, 0, [])
    assert loaded(zone) == ["S1", "S2", "S3"]


def test_a_file_that_changed_under_its_name_is_loaded_and_named_once(zone: Zone) -> None:
    zone.land(SITES, "a.csv", f"{HEADER}\nS1,A,{AT}\n")
    zone.load()
    zone.land(SITES, "a.csv", f"{HEADER}\nS2,A,{AT}\n")
    zone.load(load_id="second")
    zone.load()
    assert loaded(zone) == ["S1", "S2"]
    named = "SELECT load_id, reason FROM raw.load_ledger WHERE reason IS NOT NULL"
    assert zone.query(named) == [
        ("second", "its content changed under its name: rows that are no longer in it still count")
    ]


def test_a_damaged_or_packed_text_is_named_for_what_it_is(zone: Zone) -> None:
    good = f"{HEADER}\nS,A,{AT}\n"
    files: dict[str, tuple[str | bytes, str]] = {
        "packed.csv": (gzip.compress(good.encode()), "gzip-packed: name it so that it ends in .gz"),
        "packed.jsonl": (gzip.compress(site("S").encode()), "gzip-packed: name it so that it ends in .gz"),
        "book.csv": (b"PK\x03\x04 and so on", "a zip archive or a workbook"),
        "wide.csv": (good.encode("utf-16"), "UTF-16 text: save it as UTF-8"),
        "wide_unmarked.csv": (good.encode("utf-16-le"), "UTF-16 text: save it as UTF-8"),
        "wide.jsonl": (site("S").encode("utf-16"), "UTF-16 text: save it as UTF-8"),
        "sep.csv": ("sep=,\n" + good, "its first line is sep=, a mark for spreadsheets: remove that line"),
        "sep_semicolon.csv": ("SEP=;\n" + good, "its first line is sep="),
        "comment.csv": ("# exported by hand\n" + good, "its first line is a comment (#): remove it"),
        "semicolon.csv": (good.replace(",", ";"), "its columns are separated by semicolons: save it with commas"),
        "tab.csv": (good.replace(",", "\t"), "its columns are separated by tabs: save it with commas"),
        "latin.csv": (
            f"{HEADER},site_name\nS,A,{AT},x\nS,A,{AT},Café\n".encode("latin-1"),
            "not UTF-8 (line 3, byte 29: 0xE9, as in Windows-1252): save it as UTF-8",
        ),
        "latin.jsonl": ('{"site_id": "é"}\n'.encode("latin-1"), "not UTF-8 (line 1, byte 14: 0xE9, as in Windows"),
    }
    for name, (content, _) in files.items():
        zone.land(SITES, name, content)
    zone.land(SITES, "blanks.csv", f" Site_ID , ACCOUNT_ID,updated_at \nS1,A,{AT}\n")
    report = zone.load_one(SITES)
    reasons = {file.file.split("/")[-1]: file.reason.split("): ", 1)[1] for file in report.rejected}
    assert reasons.keys() == files.keys()
    for name, (_, cause) in files.items():
        assert reasons[name].startswith(cause), name
    assert loaded(zone) == ["S1"]


def test_many_small_files_keep_what_each_of_them_holds(zone: Zone) -> None:
    """They are staged together: rows keep their file and number, a bad one its own."""
    for i in range(600):
        more = ",extra" if i % 7 == 0 else ""
        zone.land(SITES, f"{i}.csv", f"{HEADER}\nS{i},A,{AT}{more}\n" + (f"T{i},,{AT}\n" if i % 5 == 0 else ""))
        zone.land("crm.products", f"{i}.jsonl", json.dumps({"product_id": f"P{i}", "product_name": f"{i}"}) + "\n")
    zone.land("crm.products", "good.jsonl", "")
    zone.land(SITES, "torn.csv", f'{HEADER}\n"S')
    report = zone.load(max_quarantined_share=1)
    found = zone.query("SELECT _file, _row_number, site_id FROM raw.crm_sites")
    assert sorted(found) == sorted((f"crm/sites/{i}.csv", 1, f"S{i}") for i in range(600) if i % 7)
    bad = zone.query("SELECT file, row_number FROM quarantine.records WHERE entity = 'sites'")
    wide = [(f"crm/sites/{i}.csv", 1) for i in range(0, 600, 7)]
    assert sorted(bad) == sorted(wide + [(f"crm/sites/{i}.csv", 2) for i in range(0, 600, 5)])
    counts = zone.query("SELECT file, rows_read FROM raw.load_ledger WHERE entity = 'sites' AND status = 'loaded'")
    assert dict(counts) == {f"crm/sites/{i}.csv": 2 if i % 5 == 0 else 1 for i in range(600)}
    assert [file.file for file in report.entities[SITES].rejected] == ["crm/sites/torn.csv"]
    missing = [file.reason.split("): ")[1] for file in report.entities["crm.products"].rejected]
    assert missing == ["required column missing: updated_at"] * 600


def test_nothing_implausible_loads_and_no_number_is_guessed(zone: Zone) -> None:
    invoices = "invoice_id,account_id,issued_on,due_on,amount,voided_on,updated_at\n"
    rows = {
        "GOOD": f"A,1900-01-01,2199-12-31,10.00,9999-12-31,{AT}",
        "DUE-9999": f"A,2025-01-01,9999-12-31,10.00,,{AT}",
        "DAY-1899": f"A,1899-12-31,2025-01-01,10.00,,{AT}",
        "VOID-2200": f"A,2025-01-01,2025-01-01,10.00,2200-01-01,{AT}",
        "STAMP-1989": "A,2025-01-01,2025-01-01,10.00,,1989-12-31T23:59:59Z",
        "STAMP-ZONE": "A,2025-01-01,2025-01-01,10.00,,1990-01-01T00:30:00+01:00",
        "COMMA": f'A,2025-01-01,2025-01-01,"1.000,50",,{AT}',
        "NAN": f"A,2025-01-01,2025-01-01,NaN,,{AT}",
    }
    fine = "".join(f"F{i},A,2025-01-01,2025-01-01,1.00,,{AT}\n" for i in range(9))
    zone.land("billing.invoices", "a.csv", invoices + "".join(f"{key},{row}\n" for key, row in rows.items()) + fine)
    zone.parquet(
        "billing.invoices",
        "b.parquet",
        "SELECT key AS invoice_id, 'A' AS account_id, DATE '2025-01-01' AS issued_on, DATE '2025-01-01' AS due_on, "
        "amount, stamp AS updated_at FROM (VALUES ('P-CENTS', 0.1 + 0.2e0, now()), ('P-10', 10.1, now()), "
        "('P-EXACT', 2251799813685248.5e0, now()), ('P-WHOLE', 4503599627370498e0, now()), "
        "('P-TWO', 400000000000000.07e0, now()), "
        "('P-OLD', 1, TIMESTAMPTZ '0001-01-01 00:00:00Z')) AS t (key, amount, stamp)",
    )
    zone.parquet(
        "billing.invoices",
        "c.parquet",
        "SELECT key AS invoice_id, 'A' AS account_id, DATE '2025-01-01' AS issued_on, DATE '2025-01-01' AS due_on, "
        "amount::FLOAT AS amount, now() AS updated_at FROM (VALUES ('R-10', 10.1), ('R-TWO', 300000.03), "
        "('R-EXACT', 300000.25), ('R-NO', 10.101)) AS t (key, amount)",
    )
    refused = {"DUE-9999", "DAY-1899", "VOID-2200", "STAMP-1989", "STAMP-ZONE", "COMMA", "NAN"}
    refused |= {"P-CENTS", "P-TWO", "P-OLD", "R-TWO", "R-NO"}
    report = zone.load_one("billing.invoices")
    assert {key[0]: reasons for key, reasons in zone.quarantined("record_key, reasons")}.keys() == refused
    assert report.rows_loaded == 9 + 1 + 3 + 2
    reasons = {key[0]: reasons for key, reasons in zone.quarantined("record_key, reasons")}
    assert reasons["DUE-9999"] == ["due_on: '9999-12-31' is not a day such as 2025-01-31, of 1900 to 2199"]
    assert reasons["COMMA"][0].endswith(": write a point for its comma")
    assert zone.scalar("SELECT count(*) FROM raw.billing_invoices WHERE voided_on IS NOT NULL") == 0
    amounts = zone.query("SELECT invoice_id, amount::VARCHAR FROM raw.billing_invoices WHERE invoice_id[2] = '-'")
    assert dict(amounts) == {
        "P-10": "10.10",
        "P-EXACT": "2251799813685248.50",
        "P-WHOLE": "4503599627370498.00",
        "R-10": "10.10",
        "R-EXACT": "300000.25",
    }


def test_a_json_line_that_names_a_key_twice_is_a_bad_row(zone: Zone) -> None:
    lines = [
        '{"site_id": "S1", "account_id": "A", "Account_ID ": "B", "updated_at": "2025-01-01"}',
        '{"site_id": "S2", "account_id": "A", "x": 1, "x": 2, "updated_at": "2025-01-01"}',
        '{"site_id": "S3", "ACCOUNT_ID": "A", "site_name": "info: NaN, inf", "updated_at": "2025-01-01"}',
        '{"site_id": "S4", "account_id": "A", "site_name": NaN, "x": {"x": 1, "y": [NaN]}, "updated_at": "2025-01-01"}',
        '{"site_id": "S5", "account_id": "A", "Site_Name": -Infinity, "a/b~c": "é", "updated_at": "2025-01-01"}',
    ]
    zone.land(SITES, "a.jsonl", "\n".join([*lines, *(site(f"G{i}") for i in range(3))]))
    assert zone.load_one(SITES).rows_quarantined == 2
    assert zone.quarantined("row_number, reasons") == [
        (1, ["line: a key is named twice"]),
        (2, ["line: a key is named twice"]),
    ]
    found = zone.query(
        "SELECT site_id, account_id, site_name, _extra FROM raw.crm_sites WHERE site_id[1] = 'S' ORDER BY 1"
    )
    assert found == [
        ("S3", "A", "info: NaN, inf", None),
        ("S4", "A", None, '{"x":{"x":1,"y":[NaN]}}'),
        ("S5", "A", None, '{"a/b~c":"é"}'),
    ]


def test_nps_is_asked_on_0_to_10_and_not_reversed(zone: Zone) -> None:
    head = "survey_id,question_id,metric,scale_min,scale_max,is_reversed,updated_at\n"
    good = ["nps,0,10,false", "nps,,,", "nps,,10,0", "csat,1,5,true", "ces,7,1,true"]
    bad = ["nps,1,10,", "nps,0,5,", "nps,0,10,true"]
    rows = "".join(f"S,Q{i},{values},{AT}\n" for i, values in enumerate(good + bad))
    zone.land("survey.questions", "a.csv", head + rows)
    assert zone.load_one("survey.questions").rows_loaded == len(good)
    assert zone.quarantined("record_key, reasons") == [
        (["S", f"Q{len(good) + i}"], ["metric: nps is asked on 0 to 10, not reversed"]) for i in range(len(bad))
    ]
