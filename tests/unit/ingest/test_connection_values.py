"""What a vendor's text becomes, value by value, through the very SQL that connectors run."""

from __future__ import annotations

import gzip
import io
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from ingest.connections import (
    Connection,
    ConnectionFailedError,
    Connector,
    VendorTable,
    canonical,
    mapping,
    reading,
    squeeze,
)

ZONE = "Europe/Berlin"


def known(con: duckdb.DuckDBPyConnection) -> None:
    """Create what the macros look people up in, empty."""
    con.execute("CREATE TABLE unique_mails (email VARCHAR, contact_id VARCHAR)")
    con.execute("CREATE TABLE known_contacts (contact_id VARCHAR, account_id VARCHAR)")


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        known(con)
        con.execute("CREATE TABLE maps (map VARCHAR, value VARCHAR, code VARCHAR)")
        con.execute("CREATE TABLE links (ref VARCHAR, account_id VARCHAR)")
        con.execute("INSERT INTO maps VALUES ('m', 'a b', 'one'), ('m', '*', 'other'), ('m', '* > closed', 'end')")
        con.execute("INSERT INTO maps VALUES ('m', 'a b > closed', 'own_end'), ('n', 'x', 'y')")
        con.execute(mapping.MACROS.read_text(encoding="utf-8"))
        yield con


def of(con: duckdb.DuckDBPyConnection, call: str, *texts: str | None) -> str | None:
    [(value,)] = con.execute(f"SELECT {call}", texts).fetchall()
    return None if value is None else str(value)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-02-03T04:05:06Z", "2026-02-03T04:05:06.000000Z"),
        ("2026-02-03T04:05:06.789+0000", "2026-02-03T04:05:06.789000Z"),
        ("2026-02-03 04:05:06+01:00", "2026-02-03T03:05:06.000000Z"),
        ("2026-02-03 04:05:06 UTC", "2026-02-03T04:05:06.000000Z"),
        ("2026-02-03 04:05", "2026-02-03T03:05:00.000000Z"),
        ("2026-07-03 04:05:00", "2026-07-03T02:05:00.000000Z"),
        ("2026-02-03", "2026-02-02T23:00:00.000000Z"),
        ("1770091506", "2026-02-03T04:05:06.000000Z"),
        ("1770091506789", "2026-02-03T04:05:06.789000Z"),
        ("/Date(1770091506000+0000)/", "2026-02-03T04:05:06.000000Z"),
        ("03/02/2026 04:05", "2026-02-03T03:05:00.000000Z"),
        ("3.2.2026 04:05:06", "2026-02-03T03:05:06.000000Z"),
        ("46056.5", "2026-02-03T11:00:00.000000Z"),
        ("soon", "soon"),
        ("2026-02-30T00:00:00Z", "2026-02-30T00:00:00Z"),
        (None, None),
    ],
)
def test_instants(con: duckdb.DuckDBPyConnection, text: str | None, instant: str | None) -> None:
    assert of(con, f"as_ts(?, '{ZONE}', true)", text) == instant


@pytest.mark.parametrize(
    ("text", "day_first", "day"),
    [
        ("2026-02-03", True, "2026-02-03"),
        ("2026-02-03T00:00:00Z", True, "2026-02-03"),
        ("2026-02-03T00:00:00.000+1100", True, "2026-02-03"),
        ("2026-02-03T23:30:00Z", True, "2026-02-04"),
        ("03/02/2026", True, "2026-02-03"),
        ("03/02/2026", False, "2026-03-02"),
        ("46056", True, "2026-02-03"),
        ("3 Feb 2026", True, "2026-02-03"),
        ("31/02/2026", True, "31/02/2026"),
    ],
)
def test_days(con: duckdb.DuckDBPyConnection, text: str, day_first: bool, day: str) -> None:
    assert of(con, f"as_date(?, '{ZONE}', {str(day_first).lower()})", text) == day


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1,250.50", "1250.50"),
        ("1.250,5", "1250.50"),
        ("1.250.000,00", "1250000.00"),
        ("-7", "-7.00"),
        ("(12.30)", "-12.30"),
        ("€ 9.99", "9.99"),
        ("EUR 1 200", "1200.00"),
        ("ten", "ten"),
        ("10.126", "10.126"),
        ("10.1000", "10.10"),
        ("10.12000000001", "10.12"),
    ],
)
def test_money(con: duckdb.DuckDBPyConnection, text: str, amount: str) -> None:
    assert of(con, "as_money(?)", text) == amount


@pytest.mark.parametrize(("currency", "amount"), [("EUR", "12.34"), ("JPY", "1234.00"), ("KWD", "1.23")])
def test_minor_units_are_those_of_the_currency(con: duckdb.DuckDBPyConnection, currency: str, amount: str) -> None:
    assert of(con, "minor('1234', ?)", currency) == amount


def test_an_id_of_15_characters_becomes_that_of_18(con: duckdb.DuckDBPyConnection) -> None:
    assert of(con, "sfid(?)", "001A0000006Vm9r") == "001A0000006Vm9rIAC"
    assert of(con, "sfid(?)", "001A0000006Vm9rIAC") == "001A0000006Vm9rIAC"
    assert of(con, "sfid(?)", "4711") == "4711"


@pytest.mark.parametrize(
    ("text", "said"), [("1", "true"), ("Yes", "true"), ("F", "false"), ("0.0", "false"), ("maybe", "maybe")]
)
def test_flags(con: duckdb.DuckDBPyConnection, text: str, said: str) -> None:
    assert of(con, "as_bool(?)", text) == said


def test_a_map_knows_values_everything_else_and_steps(con: duckdb.DuckDBPyConnection) -> None:
    assert [of(con, "coded('m', ?)", text) for text in (" A B ", "c", None)] == ["one", "other", None]
    assert of(con, "coded('n', ?)", "Señor Décisionnaire / Ventes") == "senor_decisionnaire_ventes"
    assert [of(con, "step_of('m', ?, 'closed')", text) for text in ("a b", "c")] == ["own_end", "end"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller Maschinenbau GmbH", "MULLER MASCHINENBAU"),
        ("Atlas Foods, Inc.", "Atlas-Foods"),
        ("Northwind Energy Limited", "Northwind Energy Ltd"),
    ],
)
def test_a_name_is_compared_without_case_accents_punctuation_and_legal_form(
    con: duckdb.DuckDBPyConnection, one: str, other: str
) -> None:
    assert of(con, "plain_name(?)", one) == of(con, "plain_name(?)", other) is not None


def test_names_that_differ_in_more_than_the_legal_form_are_two(con: duckdb.DuckDBPyConnection) -> None:
    assert of(con, "plain_name('Delta Chemicals')") != of(con, "plain_name('Delta Chemical Works')")
    assert of(con, "plain_name('GmbH')") is None


def test_columns_meet_by_their_squeezed_names() -> None:
    names = ("AccountId", "account_id", "Account ID", "ACCOUNT-ID", "account.id")
    assert {squeeze(name) for name in names} == {"accountid"}


@pytest.mark.parametrize(
    ("path", "table"),
    [
        ("Account.csv", "Account"),
        ("account_2026-04-01.csv.gz", "account"),
        ("Account 20260401T120000Z.xlsx", "Account"),
        ("tickets/part-0001.parquet", "tickets"),
        ("product2.csv", "product"),
        ("2026.csv", "2026"),
    ],
)
def test_a_file_is_named_without_its_date(tmp_path: Path, path: str, table: str) -> None:
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).touch()
    assert [name for name, _ in reading.files_of(tmp_path)] == [table]


SHEET = """<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
<row r="1"><c r="A1" t="inlineStr"><is><t>Id</t></is></c><c r="B1" t="inlineStr"><is><t>A Value</t></is></c></row>
<row r="2"><c r="A2"><v>7</v></c><c r="B2" t="inlineStr"><is><t>é</t></is></c></row></sheetData></worksheet>"""


def workbook() -> bytes:
    """A spreadsheet of one row, 7 and é."""
    schema = "http://schemas.openxmlformats.org"
    office = f"{schema}/officeDocument/2006/relationships"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{schema}/package/2006/content-types">'
            '<Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>',
        )
        packed.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{schema}/package/2006/relationships"><Relationship Id="r1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        packed.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{schema}/spreadsheetml/2006/main" xmlns:r="{office}"><sheets>'
            '<sheet name="t" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        packed.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{schema}/package/2006/relationships"><Relationship Id="r1" '
            f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        packed.writestr("xl/worksheets/sheet1.xml", SHEET)
    return file.getvalue()


def parquet(sql: str) -> bytes:
    with duckdb.connect() as con, tempfile.TemporaryDirectory() as folder:
        con.execute(f"COPY ({sql}) TO '{folder}/x' (FORMAT parquet)")
        return (Path(folder) / "x").read_bytes()


Rows = list[tuple[str | None, ...]]


def read(folder: Path, wanted: str = "id, a_value", /, **connection: object) -> Rows:
    """Return columns of the vendor table `t` in the files of a folder."""
    table = VendorTable.model_validate({"key": ["id"], "columns": {"id": None, "a_value": None}})
    connector = Connector(title="T", tables={"t": table}, prefixes=("property_",))
    chosen = Connection.model_validate({"connector": "t", "from": "files", **connection})
    (folder / "scratch").mkdir()
    with duckdb.connect() as con:
        mapping.create_words(con, "t", chosen, connector, {}, datetime(2026, 4, 1, tzinfo=UTC))
        known(con)
        con.execute(mapping.MACROS.read_text(encoding="utf-8"))
        source = reading.open_source(con, chosen, folder, folder / "scratch", lambda name: True, "one")
        canonical.create(con, chosen, connector, source)
        return con.execute(f"SELECT {wanted} FROM t ORDER BY id").fetchall()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", "Id,A Value\n7,é\n".encode()),
        ("t.csv", "\ufeffId;aValue\r\n7;é\r\n".encode()),
        ("t.csv", "sep=;\nId;aValue\n7;é\n".encode()),
        ("t.csv", "Id,A Value\n7,é\n".encode("cp1252")),
        ("t.tsv", "id\tA_VALUE\n7\té".encode("utf-16")),
        ("t_2026-04-01.csv.gz", gzip.compress("ID,a.value\n7,é\n".encode())),
        ("t/part.jsonl", '{"id": 7, "properties": {"a": 1}, "a": {"value": "é"}}\n'.encode()),
        ("t/part.ndjson.gz", gzip.compress('{"property_id": 7, "property_a_value": "é"}\n'.encode())),
        ("t.parquet", parquet("SELECT 7.000000000::DECIMAL(30, 9) AS id, 'é' AS a_value")),
        ("t.parquet", parquet("SELECT 7::DOUBLE AS id, {'value': 'é'} AS a")),
        ("t.parquet", parquet("""SELECT 7 AS id, '{"value": "é"}' AS a""")),
        ("any.xlsx", workbook()),
        ("t.xlsx", workbook()),
    ],
)
def test_every_format_is_the_same_text(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / "files" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    chosen = {"tables": {"t": "any"}} if name.startswith("any") else {}
    assert read(tmp_path, **chosen) == [("7", "é")]


def test_line_breaks_in_quotes_short_records_and_the_later_version_of_a_row(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    text = 'id,a_value,updated_at\n1,"a\nb ""c"", d",\n2\n3,old,2026-01-01T00:00:00Z\n,nobody,\n'
    (tmp_path / "files" / "t.csv").write_text(text)
    (tmp_path / "files" / "t_2.csv").write_text("id,a_value,updated_at\n3,new,2026-01-02T00:00:00Z\n")
    assert read(tmp_path) == [("1", 'a\nb "c", d'), ("2", None), ("3", "new")]


@pytest.mark.parametrize("flag", ["IsDeleted", "archived", "_fivetran_deleted"])
def test_what_is_deleted_says_so_by_many_names(tmp_path: Path, flag: str) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "t.csv").write_text(f"id,a_value,{flag}\n1,x,TRUE\n2,x,0\n")
    assert read(tmp_path, "id, is_deleted") == [("1", "true"), ("2", "false")]


def test_of_versions_that_a_replicator_keeps_the_active_one_counts_and_none_is_deleted(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "t.csv").write_text(
        "id,a_value,updated_at,_fivetran_active\n"
        "1,old,2026-01-01T00:00:00Z,false\n1,now,2026-01-01T00:00:00Z,true\n2,gone,2026-01-01T00:00:00Z,false\n"
    )
    assert read(tmp_path, "id, a_value, is_deleted") == [("1", "now", None), ("2", "gone", "true")]


def test_an_own_name_of_a_column_comes_before_those_of_the_connector(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "t.csv").write_text("id,a_value,Mine__c\n1,theirs,mine\n")
    assert read(tmp_path, columns={"t.a_value": "Mine__c"}) == [("1", "mine")]


@pytest.mark.parametrize(
    ("days", "decided"),
    [(["03/04/2026", "13/04/2026"], "dmy"), (["03/04/2026", "04/13/2026"], "mdy"), (["03/04/2026"], None)],
)
def test_slash_dates_are_decided_by_a_part_above_12_or_asked_for(
    tmp_path: Path, days: list[str], decided: str | None
) -> None:
    (tmp_path / "files").mkdir()
    rows = "".join(f"{number},{day},\n" for number, day in enumerate(days))
    (tmp_path / "files" / "t.csv").write_text("id,updated_at,a_value\n" + rows)
    if decided is None:
        with pytest.raises(ConnectionFailedError, match=r"is 03/04/2026 in t.csv day or month first\?"):
            read(tmp_path)
    else:
        assert len(read(tmp_path)) == len(days)
