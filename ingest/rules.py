"""Landed types in DuckDB SQL: when a text is valid, its typed value, its canonical text.

Belongs here: one SQL expression per landed type, built from a contract's column. Nothing is executed here.
Does not: which columns exist (contracts), where a row that breaks a rule goes (staging, quarantine).
"""

from __future__ import annotations

from collections.abc import Mapping

from ingest.contracts import Column, Contract, LandedType

RESERVED = ("unknown", "unattributed", "unassigned")
"""Members that marts add for missing values: no landed record may have one of them as its key."""

TIME_ZONES = "memory.main.time_zones"
"""The table of valid time zones that staging provides."""

_SHOWN = ("code", "time_zone", "currency", "ts", "date", "money", "number", "int", "bool")
SHOWN_CHARACTERS = 60
"""A refused value is shown up to this length."""

SQL_TYPES: dict[LandedType, str] = {
    "id": "VARCHAR",
    "text": "VARCHAR",
    "code": "VARCHAR",
    "time_zone": "VARCHAR",
    "currency": "VARCHAR",
    "ts": "TIMESTAMPTZ",
    "date": "DATE",
    "money": "DECIMAL(18,2)",
    "number": "DOUBLE",
    "int": "BIGINT",
    "bool": "BOOLEAN",
}

OPEN_ENDED = ("valid_to", "ended_on", "churned_on", "renewal_on", "voided_on")
"""Columns in which the last day of the calendar means that there is none."""

NEVER = "9999-12-31"
FIRST_INSTANT, FIRST_DAY, LAST_DAY = "1990-01-01", "1900-01-01", "2199-12-31"
"""Instants and days outside are mistakes of whoever wrote them."""

_DAY = r"\d\d\d\d-\d\d-\d\d"
_HOUR, _SIXTY = r"([01]\d|2[0-3])", r"[0-5]\d"
_INSTANT = rf"{_DAY}([T ]{_HOUR}:{_SIXTY}(:{_SIXTY}(\.\d+)?)?(Z|[+-]{_HOUR}(:?{_SIXTY})?)?)?"
_MONEY = r"[+-]?\d+(\.\d\d?0*)?"
_NUMBER = r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"
_DECIMAL_COMMA = r"[+-]?[\d.' ]*\d,\d+"
_WHOLE = r"[+-]?\d+(\.0*)?"
_PLAIN_CODE = "[a-z0-9_.-]+"
_NOT_IN_A_CODE = r"[\s\p{Z}\x00]"
_MINUTE_WITH_OFFSET = r"^(.{16})(Z|[+-].*)$"

_EXPECTED: dict[LandedType, str] = {
    "id": "a non-empty id",
    "text": "text without NUL characters",
    "code": "a lower-case code without blanks",
    "time_zone": "an IANA time zone such as Europe/Paris",
    "currency": "an ISO 4217 code such as EUR",
    "ts": "an ISO 8601 instant such as 2025-01-31T09:30:00Z, of 1990 or later",
    "date": "a day such as 2025-01-31, of 1900 to 2199",
    "money": "a plain decimal with at most 2 decimals and 16 digits before them",
    "number": "a finite number",
    "int": "a whole number",
    "bool": "true, false, 1 or 0",
}


def literal(text: str) -> str:
    """Return the text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Return the name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def sql_type(column: Column) -> str:
    """Return the DuckDB type of the column in schema raw."""
    return SQL_TYPES[column.type]


def typed(column: Column, text: str) -> str:
    """Return the SQL of the typed value of `text` (SQL, null when empty): null, or meaningless, if `rule` is false."""
    match column.type:
        case "ts":
            # DuckDB reads an offset only after seconds, so the second try adds seconds to `09:30Z`.
            seconds = f"regexp_replace({text}, {literal(_MINUTE_WITH_OFFSET)}, '\\1:00\\2')"
            return f"coalesce(try_cast({text} AS TIMESTAMPTZ), try_cast({seconds} AS TIMESTAMPTZ))"
        case "date" if column.name in OPEN_ENDED:
            return f"nullif(try_cast({text} AS DATE), DATE '{NEVER}')"
        case "date" | "money" | "number" | "int":
            return f"try_cast({text} AS {sql_type(column)})"
        case "bool":
            return f"lower({text}) IN ('true', '1')"
        case _:
            return text


def rule(column: Column, text: str, value: str, *, may_hold_nul: bool = True) -> str:
    """Return the SQL condition that a non-null `text` with typed `value` must meet.

    `may_hold_nul` is false if a NUL character is already ruled out.
    """
    condition = _rule(column, text, value, may_hold_nul)
    if column.is_key and column.type in ("id", "code"):
        condition += f" AND {text} NOT IN ({', '.join(map(literal, RESERVED))})"
    return condition


def _rule(column: Column, text: str, value: str, may_hold_nul: bool) -> str:
    if column.allowed:
        return f"{text} IN ({', '.join(map(literal, column.allowed))})"
    match column.type:
        case "id" | "text":
            return f"NOT contains({text}, chr(0))" if may_hold_nul else "true"
        case "code":
            other = f"{text} = lower({text}) AND NOT regexp_matches({text}, {literal(_NOT_IN_A_CODE)})"
            return f"CASE WHEN {_matches(text, _PLAIN_CODE)} THEN true ELSE {other} END"
        case "time_zone":
            return f"{text} IN (SELECT name FROM {TIME_ZONES})"
        case "currency":
            return _matches(text, "[A-Z][A-Z][A-Z]")
        case "ts":
            return f"{_matches(text, _INSTANT)} AND {is_plausible(value)}"
        case "date":
            within = f"{_matches(text, _DAY)} AND {value} BETWEEN DATE '{FIRST_DAY}' AND DATE '{LAST_DAY}'"
            return f"({text} = '{NEVER}' OR {within})" if column.name in OPEN_ENDED else within
        case "money":
            return f"{_matches(text, _MONEY)} AND {value} IS NOT NULL"
        case "number":
            return f"{_matches(text, _NUMBER)} AND isfinite({value})"
        case "int":
            return f"{_matches(text, _WHOLE)} AND {value} IS NOT NULL"
        case "bool":
            return f"lower({text}) IN ('true', 'false', '1', '0')"


def is_plausible(instant: str) -> str:
    """Return the SQL condition that a typed instant is none of a clock that was never set; null if it is null."""
    return f"isfinite({instant}) AND {instant} >= TIMESTAMPTZ '{FIRST_INSTANT} 00:00:00+00'"


def row_rules(entity: str, values: Mapping[str, str]) -> dict[str, str]:
    """Return what the columns of a record promise together: reason → SQL condition, never null.

    `values` are the typed columns in SQL.
    """
    if entity != "survey.questions":
        return {}
    metric, least, most, is_reversed = (values[name] for name in ("metric", "scale_min", "scale_max", "is_reversed"))
    scale = f"coalesce({least}, 0) = 0 AND coalesce({most}, 10) = 10 AND NOT coalesce({is_reversed}, false)"
    return {"metric: nps is asked on 0 to 10, not reversed": f"coalesce({metric} <> 'nps' OR ({scale}), true)"}


def _matches(text: str, pattern: str) -> str:
    return f"regexp_full_match({text}, {literal(pattern)})"


def tombstone(contract: Contract, text: str) -> str | None:
    """Return the SQL of whether a record was deleted, by the landed `text` that says so; None if it can't say."""
    return f"coalesce(lower({text}) IN ('true', '1'), false)" if contract.has_tombstones else None


def is_fine(column: Column, text: str, condition: str, tombstone: str | None = None) -> str:
    """Return the SQL condition of the column, missing values included; it is never null.

    `tombstone` is the SQL of whether the record was deleted: then only key and updated_at are required.
    """
    if column.is_required and column.is_optional_if_deleted and tombstone:
        return f"(CASE WHEN {text} IS NULL THEN {tombstone} ELSE coalesce({condition}, false) END)"
    if column.is_required:
        return f"({text} IS NOT NULL AND coalesce({condition}, false))"
    return f"({text} IS NULL OR coalesce({condition}, false))"


def expected(column: Column) -> str:
    """Return in words which values the column takes."""
    words = f"one of {', '.join(column.allowed)}" if column.allowed else _EXPECTED[column.type]
    return f"{words}, not {', '.join(RESERVED)}" if column.is_key and column.type in ("id", "code") else words


def reason(column: Column, text: str) -> str:
    """Return the SQL of why `text` is refused: column, value, expected values.

    A value is shown, shortened, where it can't be a name or an address: not of a personal column, an id or a text.
    """
    shown = (
        "'the value'"
        if column.is_personal or column.type not in _SHOWN
        else f"'''' || left({text}, {SHOWN_CHARACTERS}) || "
        f"CASE WHEN length({text}) > {SHOWN_CHARACTERS} THEN '…''' ELSE '''' END"
    )
    start = literal(f"{column.name}: ")
    missing = literal(f"a value is required ({expected(column)})")
    wrong = literal(f" is not {expected(column)}")
    remedy = f"CASE WHEN {_matches(text, _DECIMAL_COMMA)} THEN ': write a point for its comma' ELSE '' END"
    end = f" || {remedy}" if column.type in ("money", "number", "int") else ""
    return f"{start} || CASE WHEN {text} IS NULL THEN {missing} ELSE {shown} || {wrong}{end} END"


def canonical(column: Column, value: str) -> str:
    """Return the SQL of the canonical text of a typed value: instants in UTC, numbers without trailing zeros.

    Null stays null. No value has an empty text or a NUL character, so texts joined by NUL are unambiguous.
    """
    match column.type:
        case "ts":
            return f"epoch_us({value})::VARCHAR"
        case "money":
            return f"regexp_replace({value}::VARCHAR, '[.]?0+$', '')"
        case "number":
            return f"regexp_replace({value}::VARCHAR, '[.]0$', '')"
        case "date" | "int" | "bool":
            return f"{value}::VARCHAR"
        case _:
            return value


def record_hash(columns: tuple[Column, ...], relation: str) -> str:
    """Return the SQL of the SHA-256 (hex) over the relation's typed values, in contract order."""
    texts = (canonical(column, f"{relation}.{identifier(column.name)}") for column in columns)
    return f"sha256(concat({', chr(0), '.join(texts)}))"
