"""What a landed type takes and refuses, value by value, through the very SQL that loading runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from ingest import rules
from ingest.contracts import Column, LandedType

BAD = object()


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute(f"CREATE TABLE {rules.TIME_ZONES} AS SELECT name FROM pg_timezone_names()")
        yield con


def judge(con: duckdb.DuckDBPyConnection, column: Column, text: str | None) -> Any:
    condition = rules.is_fine(column, "text", rules.rule(column, "text", "value"))
    query = (
        f"SELECT {condition}, value FROM (SELECT text, {rules.typed(column, 'text')} AS value FROM (SELECT ? AS text))"
    )
    ((is_fine, value),) = con.execute(query, [text]).fetchall()
    assert isinstance(is_fine, bool)
    return value if is_fine else BAD


def instant(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


CASES: dict[LandedType, dict[str, Any]] = {
    "ts": {
        "2025-03-01": instant(2025, 3, 1),
        "2025-03-01T10:20": instant(2025, 3, 1, 10, 20),
        "2025-03-01 10:20:30": instant(2025, 3, 1, 10, 20, 30),
        "2025-03-01T10:20:30.5Z": instant(2025, 3, 1, 10, 20, 30, 500000),
        "2025-03-01T10:20:30.123456789Z": instant(2025, 3, 1, 10, 20, 30, 123456),
        "2025-03-01T10:20Z": instant(2025, 3, 1, 10, 20),
        "2025-03-01T10:20+02:00": instant(2025, 3, 1, 8, 20),
        "2025-03-01T10:20-0530": instant(2025, 3, 1, 15, 50),
        "2025-03-01T10:20:00+02": instant(2025, 3, 1, 8, 20),
        "2025-03-01 00:10:00+05:45": instant(2025, 2, 28, 18, 25),
        "2024-02-29T00:00:00Z": instant(2024, 2, 29),
        **dict.fromkeys(
            [
                "2025-1-2",
                "2025-02-29",
                "2025-03-01T24:00:00",
                "2025-03-01T10:60",
                "2025-03-01T10:20:60Z",
                "epoch",
                "infinity",
                "now",
                "x",
                "2025-03-01T10",
                "2025-03-01T10:20:30.Z",
                "2025-03-01T10:20:30 Z",
                "20250301",
                "2025-03-01t10:20:30z",
                " 2025-03-01",
                "2025-03-01 ",
                "0000-01-01",
                "2025-03-01T10:20+25:00",
                "2025-03-01T10:20:30 Europe/Paris",
                "2025-03-01 (BC)",
                "12025-03-01",
                "2025/03/01",
                "1740823200",
            ],
            BAD,
        ),
    },
    "date": {
        "2025-03-01": date(2025, 3, 1),
        **dict.fromkeys(
            ["2025-3-1", "2025-02-30", "2025-03-01T00:00:00Z", "01/03/2025", "0000-01-01", "infinity"], BAD
        ),
    },
    "money": {
        "12": Decimal("12.00"),
        "-0.50": Decimal("-0.50"),
        "+7.1": Decimal("7.10"),
        "1.2500": Decimal("1.25"),
        "1.2000": Decimal("1.20"),
        "9999999999999999.99": Decimal("9999999999999999.99"),
        **dict.fromkeys(["1.001", "10000000000000000", "1e3", "1,000.00", "€5", ".", "1.", ".5", "1_000", "NaN"], BAD),
    },
    "number": {
        "3": 3.0,
        "-2.5e-3": -0.0025,
        ".5": 0.5,
        **dict.fromkeys(["nan", "inf", "-infinity", "1e999", "1_0", "0x10", "1,5", "", " 1"], BAD),
    },
    "int": {
        "4": 4,
        "-4": -4,
        "9.0": 9,
        **dict.fromkeys(["9.5", "1e3", "0x1", "9223372036854775808", "1_0", "four"], BAD),
    },
    "bool": {
        "true": True,
        "FALSE": False,
        "True": True,
        "1": True,
        "0": False,
        **dict.fromkeys(["yes", "t", "2", "on", " true"], BAD),
    },
    "code": {
        "mid_market": "mid_market",
        "é-1": "é-1",
        **dict.fromkeys(["Mid", "mid market", "mid\u00a0market", "a\tb", "É", "a\n", "a\x00"], BAD),
    },
    "time_zone": {
        "Europe/Paris": "Europe/Paris",
        "UTC": "UTC",
        **dict.fromkeys(["Europe/Nowhere", "CEST+1", "europe/paris"], BAD),
    },
    "currency": {"EUR": "EUR", **dict.fromkeys(["eur", "EURO", "E R", "€"], BAD)},
    "text": {"NULL": "NULL", " x ": " x ", "unknown": "unknown", "a\x00b": BAD},
    "id": {"007": "007", " x": " x", "unknown": "unknown", "a\x00b": BAD},
}


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [(kind, text, expected) for kind, cases in CASES.items() for text, expected in cases.items() if text],
)
def test_a_value(con: duckdb.DuckDBPyConnection, kind: LandedType, text: str, expected: Any) -> None:
    assert judge(con, Column("x", kind, ""), text) == expected


@pytest.mark.parametrize("kind", rules.SQL_TYPES)
def test_a_missing_value_is_refused_only_when_required(con: duckdb.DuckDBPyConnection, kind: LandedType) -> None:
    assert judge(con, Column("x", kind, ""), None) is None
    assert judge(con, Column("x", kind, "", is_required=True), None) is BAD


@pytest.mark.parametrize("kind", ["id", "code"])
@pytest.mark.parametrize("word", rules.RESERVED)
def test_a_reserved_word_is_refused_as_a_key(con: duckdb.DuckDBPyConnection, kind: LandedType, word: str) -> None:
    assert judge(con, Column("x", kind, "", is_key=True, is_required=True), word) is BAD
    assert judge(con, Column("x", kind, "", is_required=True), word) == word


def test_a_closed_list(con: duckdb.DuckDBPyConnection) -> None:
    column = Column("x", "code", "", allowed=("a", "b"))
    assert [judge(con, column, text) for text in ("a", "c", "A")] == ["a", BAD, BAD]


def test_a_reason_names_column_value_and_expectation_and_hides_what_is_personal(con: duckdb.DuckDBPyConnection) -> None:
    def reason(column: Column, text: str | None) -> str:
        return str(
            con.execute(f"SELECT {rules.reason(column, 'text')} FROM (SELECT ? AS text)", [text]).fetchall()[0][0]
        )

    day = Column("x'y", "date", "")
    assert reason(day, "soon") == "x'y: 'soon' is not a day such as 2025-01-31, of 1900 to 2199"
    assert reason(day, None) == "x'y: a value is required (a day such as 2025-01-31, of 1900 to 2199)"
    assert reason(day, "z" * 100) == f"x'y: '{'z' * 60}…' is not a day such as 2025-01-31, of 1900 to 2199"
    assert "secret" not in reason(Column("x", "date", "", is_personal=True), "secret")


@pytest.mark.parametrize(
    ("kind", "left", "right"),
    [
        ("money", "10", "10.00"),
        ("money", "-0.10", "-0.1"),
        ("number", "9", "9.0"),
        ("number", "1e2", "100"),
        ("int", "9", "9.0"),
        ("bool", "TRUE", "1"),
        ("ts", "2025-03-01T10:00:00+02:00", "2025-03-01 08:00"),
    ],
)
def test_equal_values_have_one_canonical_text(
    con: duckdb.DuckDBPyConnection, kind: LandedType, left: str, right: str
) -> None:
    column = Column("x", kind, "")
    query = f"SELECT {rules.canonical(column, rules.typed(column, 'text'))} FROM (SELECT ? AS text)"
    assert con.execute(query, [left]).fetchall() == con.execute(query, [right]).fetchall()


def test_money_texts_without_trailing_zeros(con: duckdb.DuckDBPyConnection) -> None:
    column = Column("x", "money", "")
    query = f"SELECT {rules.canonical(column, 'x::DECIMAL(18,2)')} FROM (SELECT ? AS x)"
    texts = {text: con.execute(query, [text]).fetchall()[0][0] for text in ("100.00", "0.00", "10.50", "0.05", "-3.00")}
    assert texts == {"100.00": "100", "0.00": "0", "10.50": "10.5", "0.05": "0.05", "-3.00": "-3"}


def test_the_hash_tells_neighbouring_columns_apart(con: duckdb.DuckDBPyConnection) -> None:
    columns = (Column("a", "text", ""), Column("b", "text", ""))
    query = f"SELECT {rules.record_hash(columns, 'landed')} FROM (SELECT ? AS a, ? AS b) AS landed"
    found = {
        con.execute(query, list(pair)).fetchall()[0][0]
        for pair in [("xy", None), ("x", "y"), (None, "xy"), (None, None)]
    }
    assert len(found) == 4
