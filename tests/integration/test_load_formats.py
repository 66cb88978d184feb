"""The same record by CSV, JSON Lines and Parquet: the same row, the same hash; dialects and strict types."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from load_zone import Zone, good_row

from ingest.contracts import load_contracts

INVOICES = "billing.invoices"


@pytest.fixture
def zone(tmp_path: Path) -> Zone:
    return Zone(tmp_path)


@pytest.mark.parametrize("entity", load_contracts())
def test_a_good_row_of_every_entity_is_typed_alike_by_csv_jsonl_and_parquet(zone: Zone, entity: str) -> None:
    row = good_row(entity)
    zone.land_rows(entity, "a.csv", row)
    zone.land_rows(entity, "b.jsonl.gz", row)
    select = ", ".join(f"'{value}' AS \"{name}\"" for name, value in row.items())
    zone.parquet(entity, "c.parquet", f"SELECT {select}")
    report = zone.load_one(entity)
    assert (report.rows_loaded, report.rows_quarantined, report.rejected) == (3, 0, [])
    table = load_contracts()[entity].table
    assert zone.scalar(f"SELECT count(*) FROM (SELECT DISTINCT * EXCLUDE (_file) FROM raw.{table})") == 1


def test_native_types_are_typed_and_hashed_like_their_text(zone: Zone) -> None:
    row = good_row(INVOICES, invoice_id="12", account_id="007", amount="10.10", is_disputed="1", voided_on="")
    row |= {"updated_at": "2025-03-01 11:30:00.250+0130"}
    zone.land_rows(INVOICES, "a.csv", row)
    zone.land_rows(INVOICES, "another.csv", row | {"account_id": "7"})
    native = row | {"amount": 10.1, "is_disputed": True, "voided_on": None, "invoice_id": 12}
    zone.land(INVOICES, "b.jsonl", json.dumps(native | {"updated_at": "2025-03-01T10:00:00.25Z"}))
    zone.parquet(
        INVOICES,
        "c.parquet",
        "SELECT 12::BIGINT AS invoice_id, '007' AS account_id, '7' AS site_id, 'some text' AS invoice_number, "
        "TIMESTAMP '2025-03-01' AS issued_on, DATE '2025-03-01' AS due_on, 10.1::FLOAT AS amount, "
        "'EUR' AS currency, true AS is_disputed, DATE '2025-03-01' AS promised_on, "
        "'on_terms' AS collection, NULL::DATE AS voided_on, "
        "1.0::DOUBLE AS is_deleted, "
        "TIMESTAMP '2025-03-01 10:00:00.25' AS updated_at",
    )
    assert zone.load_one(INVOICES).rows_loaded == 4, zone.quarantined("reasons")
    ((*found,),) = zone.query(
        "SELECT DISTINCT * EXCLUDE (_file, _vendor_file, _vendor_id) FROM raw.billing_invoices WHERE account_id = '007'"
    )
    assert found[:14] == [
        "12",
        "007",
        "7",
        "some text",
        date(2025, 3, 1),
        date(2025, 3, 1),
        Decimal("10.10"),
        "EUR",
        True,
        date(2025, 3, 1),
        "on_terms",
        None,
        True,
        datetime(2025, 3, 1, 10, 0, 0, 250000, UTC),
    ]
    assert zone.scalar("SELECT count(DISTINCT _record_hash) FROM raw.billing_invoices") == 2


def test_parquet_values_that_do_not_fit_are_quarantined(zone: Zone) -> None:
    questions = "survey.questions"
    zone.parquet(
        questions,
        "a.parquet",
        "SELECT 'S' AS survey_id, 'Q' || i AS question_id, 'csat' AS metric, i AS scale_min, now() AS updated_at "
        "FROM unnest([9.0, 9.5, 'nan'::DOUBLE, 'inf'::DOUBLE]) AS t (i)",
    )
    assert zone.load_one(questions).rows_quarantined == 1
    found = zone.query("SELECT question_id, scale_min FROM raw.survey_questions ORDER BY 1")
    assert found == [("Q9.0", 9), ("Qinf", None), ("Qnan", None)]
    zone.parquet(
        INVOICES,
        "a.parquet",
        "SELECT i::VARCHAR AS invoice_id, 'A' AS account_id, TIMESTAMP '2025-03-01 00:00:01' AS issued_on, "
        "DATE '2025-03-01' AS due_on, [1.001, 1e17, 1.5][i] AS amount, 'infinity'::TIMESTAMP AS updated_at, "
        "'a' || chr(0) AS site_id FROM range(1, 4) AS t (i)",
    )
    zone.load()
    reasons = [row[0] for row in zone.quarantined("reasons") if row[0][0].startswith("site_id")]
    assert [[reason.split(":")[0] for reason in row] for row in reasons] == [
        ["site_id", "issued_on", "amount", "updated_at"],
        ["site_id", "issued_on", "amount", "updated_at"],
        ["site_id", "issued_on", "updated_at"],
    ]


def test_a_parquet_without_a_required_column_is_rejected(zone: Zone) -> None:
    zone.parquet("crm.products", "a.parquet", "SELECT 1 AS product_id, now() AS updated_at")
    (rejected,) = zone.load_one("crm.products").rejected
    assert rejected.reason.endswith(": required column missing: product_name")


SITES = "site_id,account_id,updated_at,site_name\n"
DIALECTS = {
    "empty and NULL": ('1,A,2025-01-01,""\n2,A,2025-01-01,\n3,A,2025-01-01,NULL\n', [None, None, "NULL"]),
    "blanks kept": ('1,A,2025-01-01, x \n2,A,2025-01-01," "\n', [" x ", " "]),
    "quotes": ('1,A,2025-01-01,"say ""hi"", then"\n2,A,2025-01-01,5" pipe\n', ['say "hi", then', '5" pipe']),
    "line breaks": ('1,A,2025-01-01,"a\nb\r\nc"\n2,A,2025-01-01,d\n', ["a\nb\r\nc", "d"]),
    "no last line break": ("1,A,2025-01-01,x\n2,A,2025-01-01,y", ["x", "y"]),
    "blank lines": ("1,A,2025-01-01,x\n\n\n2,A,2025-01-01,y\n\n", ["x", "y"]),
    "a comma at the end": ("1,A,2025-01-01,x\n2,A,2025-01-01,\n", ["x", None]),
    "a text that ends lines in commas": ('1,A,2025-01-01,"x,\ny,\n"\n2,A,2025-01-01,z\n', ["x,\ny,\n", "z"]),
    "other delimiters": ("1,A,2025-01-01,x;y\tz|'w'\n", ["x;y\tz|'w'"]),
    "hostile text": ("1,A,2025-01-01,'); DROP TABLE raw.crm_sites; --\n", ["'); DROP TABLE raw.crm_sites; --"]),
}


@pytest.mark.parametrize("with_bom", [False, True], ids=["plain", "BOM"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize(("body", "names"), DIALECTS.values(), ids=DIALECTS)
def test_csv_dialect(zone: Zone, body: str, names: list[str | None], line_end: str, with_bom: bool) -> None:
    text = SITES + body
    if line_end == "\r\n" and '"a\nb' not in text and '"x,\ny' not in text:
        text = text.replace("\n", line_end)
    zone.land("crm.sites", "a.csv", ("\ufeff" if with_bom else "") + text)
    report = zone.load_one("crm.sites")
    assert (report.rejected, zone.quarantined("reasons")) == ([], [])
    assert zone.query("SELECT site_name, _row_number FROM raw.crm_sites ORDER BY site_id") == [
        (name, number) for number, name in enumerate(names, 1)
    ]


def test_mixed_line_ends_are_read(zone: Zone) -> None:
    zone.land("crm.sites", "a.csv", SITES + '1,A,2025-01-01,x\r\n2,A,2025-01-01,"y"\n3,A\r\n4,A,2025-01-01,"z"\r\n')
    assert zone.load_one("crm.sites").rows_loaded == 3
    assert zone.query("SELECT site_id, site_name, _row_number FROM raw.crm_sites ORDER BY 1") == [
        ("1", "x", 1),
        ("2", "y", 2),
        ("4", "z", 4),
    ]


@pytest.mark.parametrize("size", [1 << 20, 33 << 20])
@pytest.mark.parametrize("end", ["", "\n"], ids=["open", "closed"])
def test_a_value_of_any_length_is_kept(zone: Zone, size: int, end: str) -> None:
    long = "ü" * (size // 2)
    row = json.dumps(good_row("crm.sites", site_id="2", site_name=long), ensure_ascii=False)
    zone.land("crm.sites", "a.csv", SITES + f"1,A,2025-01-01,{long}{end}")
    zone.land("crm.sites", "b.jsonl", row + end)
    zone.land("crm.sites", "c.csv", SITES + f'3,A,2025-01-01,"{long}\n"\n4,A,2025-01-01,y{end}')
    zone.land("crm.sites", "d.csv", SITES + f"5,A,2025-01-01,{long}\n6,A\n7,A,2025-01-01,y{end}")
    report = zone.load_one("crm.sites")
    assert (report.rejected, report.rows_read, report.rows_loaded) == ([], 7, 6)
    assert zone.scalar("SELECT count(*) FROM raw.crm_sites WHERE rtrim(site_name, chr(10)) = ?", long) == 4


def test_unknown_columns_are_kept_apart(zone: Zone) -> None:
    text = "site_id,nick'name,account_id,_file,updated_at,LOUD\n1,x,A,,2025-01-01,loud\n2,,A,,2025-01-01,\n"
    zone.land("crm.sites", "a.csv", text)
    row = good_row("crm.sites", site_id="3") | {"size": {"m2": 1.5}, "open": None}
    zone.land_rows("crm.sites", "b.jsonl", row, good_row("crm.sites", site_id="4"))
    zone.parquet("crm.sites", "c.parquet", "SELECT '5' AS site_id, 1 AS account_id, now() AS updated_at, [1] AS more")
    zone.load()
    found = zone.query("SELECT site_id, _extra FROM raw.crm_sites ORDER BY 1")
    assert [(key, extra and json.loads(extra)) for key, extra in found] == [
        ("1", {"nick'name": "x", "LOUD": "loud"}),
        ("2", None),
        ("3", {"size": {"m2": 1.5}, "open": None}),
        ("4", None),
        ("5", {"more": "[1]"}),
    ]


def test_parquet_columns_with_names_of_our_own_and_folders_like_partitions(zone: Zone) -> None:
    select = "'1' AS site_id, 2 AS account_id, TIMESTAMP_NS '2025-01-01 00:00:00' AS updated_at, 'x' AS site_name"
    zone.parquet("crm.sites", "site_name=y/a.parquet", f"SELECT {select}, 1 AS t0, 2 AS v1, 3 AS broken, 4 AS extra")
    zone.land("crm.sites", "site_name=y/b.csv", SITES + "2,A,2025-01-01,\n")
    assert zone.load_one("crm.sites").rejected == []
    assert zone.query("SELECT site_name, _extra FROM raw.crm_sites ORDER BY site_id") == [
        ("x", '{"t0":"1","v1":"2","broken":"3","extra":"4"}'),
        (None, None),
    ]


def test_json_values(zone: Zone) -> None:
    base = good_row("crm.interactions")
    rows: list[dict[str, Any]] = [
        base | {"interaction_id": "1", "effort_minutes": 1.50, "body": {"a": [1, "x"]}, "is_deleted": True},
        base | {"interaction_id": 2, "effort_minutes": None, "body": "", "is_deleted": 0},
        base | {"interaction_id": "3", "body": "a\u0000b"},
    ]
    zone.land("crm.interactions", "a.jsonl", "\ufeff" + "\r\n".join(json.dumps(row) for row in rows))
    assert zone.load_one("crm.interactions").rows_quarantined == 1
    found = zone.query("SELECT interaction_id, effort_minutes, body, is_deleted FROM raw.crm_interactions ORDER BY 1")
    assert found == [("1", 1.5, '{"a":[1,"x"]}', True), ("2", None, None, False)]
    assert zone.quarantined("row_number, reasons[1]")[0][0] == 3


@pytest.mark.parametrize(
    "name",
    [
        "a[1].csv",
        "a*.csv",
        "a?b.csv",
        "it's; DROP TABLE x.csv",
        'qu"ote.csv',
        "line\nbreak.csv",
        "ünï.csv",
        "{a,b}.csv",
    ],
)
def test_hostile_file_names_stay_data(zone: Zone, name: str) -> None:
    zone.land("crm.sites", "a1.csv", SITES + "0,A,2025-01-01,other\n")
    zone.land("crm.sites", f"sub [x]'/{name}", SITES + "1,A,2025-01-01,x\n")
    assert zone.load_one("crm.sites").rows_read == 2
    assert zone.query("SELECT site_id, _file FROM raw.crm_sites ORDER BY 1") == [
        ("0", "crm/sites/a1.csv"),
        ("1", f"crm/sites/sub [x]'/{name}"),
    ]
    assert len(zone.ledger()) == 2


def test_other_files_and_folders_are_left_alone(zone: Zone) -> None:
    zone.land("crm.sites", "a.xlsx", "x")
    zone.land("crm.sites", "b.csv.partial", "x")
    zone.land("crm.sites", "c.csv/d.csv", SITES + "1,A,2025-01-01,x\n")
    assert zone.load_one("crm.sites").files_new == 1


def test_many_rows_keep_their_numbers_and_order_across_threads(zone: Zone) -> None:
    body = "".join(f'{i},A,2025-01-01,"line one {i}\nline two, {"x" * (i % 50)}"\n' for i in range(1, 200_001))
    zone.land("crm.sites", "a.csv", SITES + body)
    zone.land(
        "crm.sites", "b.csv", SITES + body.replace("2025-01-01", "2025-01-02").replace("150000,A,", "150000,,", 1)
    )
    assert zone.load_one("crm.sites").rows_quarantined == 1
    assert zone.scalar("SELECT count(*) FROM raw.crm_sites WHERE _row_number <> site_id::BIGINT") == 0
    assert zone.quarantined("file, row_number") == [("crm/sites/b.csv", 150_000)]


@pytest.mark.parametrize("entity", [name for name, contract in load_contracts().items() if contract.has_tombstones])
@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_a_tombstone_needs_no_more_than_key_and_time(zone: Zone, entity: str, form: str) -> None:
    """Of rows without the other columns those that are deleted load; deleted without a time or a key is bad."""
    contract = load_contracts()[entity]
    keys = [column.name for column in contract.keys]
    required = {column.name for column in contract.columns if column.is_required} - {*keys, "updated_at"}
    row = {name: value for name, value in good_row(entity).items() if name in keys or name == "updated_at"}
    rows = [
        *({**row, keys[0]: name, "is_deleted": "true"} for name in ("gone", "lost", "past", "shut", "void")),
        {**row, keys[0]: "there", "is_deleted": "false"},
        {**row, keys[0]: "here", "is_deleted": ""},
        {**row, keys[0]: "when", "updated_at": "", "is_deleted": "1"},
        {**row, keys[0]: "", "is_deleted": "TRUE"},
    ]
    if form == "parquet":
        selects = (", ".join(f"'{value}' AS {name}" for name, value in one.items()) for one in rows)
        zone.parquet(entity, "a.parquet", " UNION ALL ".join(f"SELECT {select}" for select in selects))
    else:
        zone.land_rows(entity, f"a.{form}", *rows)
    report = zone.load_one(entity)
    bad = 4 if required else 2
    assert (report.rows_loaded, report.rows_quarantined, report.rejected) == (9 - bad, bad, [])
    loaded = zone.query(f"SELECT {keys[0]} FROM raw.{contract.table} ORDER BY 1")
    kept = [] if required else [("here",), ("there",)]
    assert loaded == sorted([("gone",), ("lost",), ("past",), ("shut",), ("void",), *kept])
    reasons = [" ".join(reasons) for (reasons,) in zone.quarantined("reasons")]
    assert all(name in reasons[0] for name in required)


def test_a_file_that_knows_no_tombstones_needs_every_required_column(zone: Zone) -> None:
    zone.land(INVOICES, "a.csv", "invoice_id,updated_at\n1,2025-03-01\n")
    zone.land(INVOICES, "b.csv", "invoice_id,is_deleted\n1,true\n")
    zone.land(INVOICES, "c.jsonl", '{"invoice_id": "1", "updated_at": "2025-03-01"}\n')
    found = [item.reason.split(": ", 1)[1] for item in zone.load_one(INVOICES).rejected]
    assert found == [
        "required column missing: account_id, issued_on, due_on, amount",
        "required column missing: updated_at",
        "required column missing: account_id, issued_on, due_on, amount",
    ]
