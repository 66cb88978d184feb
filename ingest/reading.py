"""One landed file → a DuckDB relation of texts: CSV, JSON Lines and Parquet, by DuckDB's own readers.

Belongs here: dialects, headers, compression, encodings, rows of the wrong width, lines that are not records; when a
file is rejected as a whole. Does not: types and rules (rules), where the texts go (staging).
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import shutil
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import duckdb

from ingest.contracts import Contract
from ingest.landing import LandedFile, RejectedError
from ingest.rules import identifier, literal

HIDDEN = "[personal]"
"""Replaces a personal value in a quarantined record; only schema vault has the value."""

_CHUNK = 1 << 20
_LONGEST_LINE = 1 << 24
_LONGEST_LINE_EVER = 1 << 28
_NOT_A_NULL = "\x01null\x01"
_NOT_A_DELIMITER = "\x1e\x1f\x1e\x1f"


@dataclass(frozen=True)
class Reading:
    """How to select a file's records. All SQL; `parameters` bind the `?` of `relation`.

    texts: per contract column the landed text, null when empty or absent from the file.
    typed: for columns whose native type already fits, the typed value, which breaks no rule.
    broken: why a record has no columns (wrong width, not a JSON object), else null.
    record: a refused record as JSON text. extra: JSON text of unknown columns, null if there are none.
    has_header: whether the file names its columns; if not, required columns are looked for in the records.
    may_hold_nul: whether a text may have a NUL character that the bytes of the file don't show.
    """

    relation: str
    parameters: list[object]
    texts: dict[str, str]
    extra: str
    record: str
    broken: str = "NULL::VARCHAR"
    typed: Mapping[str, str] = field(default_factory=dict)
    has_header: bool = True
    may_hold_nul: bool = True


Attempt = Callable[[duckdb.DuckDBPyConnection], Reading]


def attempts(landed: LandedFile, contract: Contract, scratch: Path) -> Iterator[Attempt]:
    """Yield the ways to read the file, fastest first: try the next one when staging with one fails.

    `scratch` is a folder for decompressed copies. Raises RejectedError if the file can't be read at all.
    """
    match landed.format:
        case "parquet":
            yield partial(_parquet, landed.path, contract)
        case "jsonl":
            path, longest = _plain(landed, scratch)
            yield partial(_json_lines, path, contract, longest)
        case "csv":
            path, longest = _plain(landed, scratch)
            header = _header(path, contract)
            yield partial(_csv, path, header, contract, longest)
            yield partial(_csv_tolerant, path, header, contract)
            yield partial(_csv_mixed, path, header, contract, scratch)


def cause_of(error: duckdb.Error) -> str:
    """Return in one line why DuckDB could not read a file."""
    message = str(error)
    near = re.search(r"CSV Error on Line: (\d+)", message)
    where = f"near line {near.group(1)}: " if near else ""
    if "unterminated quote" in message:
        return f"{where}a quote is not closed, or text follows a closing quote"
    if "unicode" in message.lower() or "utf-8" in message.lower():
        return f"{where}not UTF-8"
    if "invalid state" in message:
        return "a quote is not closed, or there is a carriage return outside quotes"
    return " ".join(message.split("\n")[0].split())[:200]


# ── CSV ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _header(path: Path, contract: Contract) -> list[str]:
    """Return the names in the first record, which must have every required column once."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = next(csv.reader(file, strict=True), [])
    except UnicodeDecodeError:
        raise RejectedError("not UTF-8") from None
    except csv.Error as error:
        raise RejectedError(f"unreadable header: {error}") from None
    if not header:
        raise RejectedError("no header: the first line is empty")
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise RejectedError(f"header names a column twice: {_listed(repeated)}")
    _require(contract, set(header))
    return header


def _require(contract: Contract, names: set[str]) -> None:
    missing = [column.name for column in contract.columns if column.is_required and column.name not in names]
    if missing:
        raise RejectedError(f"required column missing: {_listed(missing)}")


def _listed(names: list[str]) -> str:
    return ", ".join(" ".join(name.split()) or "(empty)" for name in names)


def _line_size(longest: int) -> str:
    """Return the reader's settings for lines of up to `longest` bytes; DuckDB's default buffer is 16 times that."""
    return f"max_line_size = {longest}, buffer_size = {max(longest, 2 * _LONGEST_LINE)}"


def _read_csv(width: int, longest: int = _LONGEST_LINE, **options: str) -> str:
    columns = ", ".join(f"c{i}: 'VARCHAR'" for i in range(width))
    settings = {
        "columns": f"{{{columns}}}",
        "auto_detect": "false",
        "header": "true",
        "delim": "','",
        "quote": "'\"'",
        "escape": "'\"'",
        "nullstr": "''",
        "strict_mode": "true",
        "hive_partitioning": "false",
    } | options
    listed = ", ".join(f"{name} = {value}" for name, value in settings.items())
    return f"read_csv(?, {listed}, {_line_size(longest)})"


def _columnar(relation: str, path: Path, names: dict[str, str], contract: Contract, broken: str, line: str) -> Reading:
    """Return the reading of a relation with one text per landed column; `names` maps columns to SQL."""
    known = {column.name: column for column in contract.columns}
    extras = {name: text for name, text in names.items() if name not in known}
    shown = {
        name: f"CASE WHEN {text} IS NOT NULL THEN {literal(HIDDEN)} END"
        if name in known and known[name].is_personal
        else text
        for name, text in names.items()
    }
    record = f"json_object({_pairs(shown)})"
    return Reading(
        relation=relation,
        parameters=[str(path)],
        texts={name: names.get(name, "NULL::VARCHAR") for name in known},
        extra=f"nullif(json_merge_patch('{{}}', json_object({_pairs(extras)}))::VARCHAR, '{{}}')"
        if extras
        else "NULL::VARCHAR",
        record=f"CASE WHEN {broken} IS NULL THEN {record} ELSE json_object('line', {line}) END::VARCHAR",
        broken=broken,
        may_hold_nul=False,
    )


def _pairs(texts: dict[str, str]) -> str:
    return ", ".join(f"{literal(name)}, {text}" for name, text in texts.items())


def _csv(path: Path, header: list[str], contract: Contract, longest: int, con: duckdb.DuckDBPyConnection) -> Reading:
    """Read in parallel; fail at the first record of the wrong width or with broken quotes."""
    if _has_trailing_delimiters(path, len(header), longest, con):
        raise duckdb.InvalidInputException("a record has one empty field more than the header")
    names = {name: f"c{i}" for i, name in enumerate(header)}
    return _columnar(_read_csv(len(header), longest), path, names, contract, "NULL::VARCHAR", "NULL")


def _has_trailing_delimiters(path: Path, width: int, longest: int, con: duckdb.DuckDBPyConnection) -> bool:
    """Return whether a record may end with an extra comma, which DuckDB accepts even in strict mode."""
    ends = _count_ends(path)
    if not ends:
        return False
    query = f"SELECT count(*) FROM {_read_csv(width, longest)} WHERE c{width - 1} IS NULL"
    (empty,) = con.execute(query, [str(path)]).fetchone() or (0,)
    return bool(ends > empty)


def _count_ends(path: Path) -> int:
    """Count the lines that end with a comma. `bytes.count` takes twice as long, 3 % of a load."""
    import numpy as np

    count, last = 0, b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            codes = np.frombuffer(last + chunk, dtype=np.uint8)
            after = codes[1:]
            count += int(np.count_nonzero((codes[:-1] == ord(",")) & ((after == ord("\n")) | (after == ord("\r")))))
            last = chunk[-1:]
    return count + (last == b",")


def _csv_tolerant(path: Path, header: list[str], contract: Contract, con: duckdb.DuckDBPyConnection) -> Reading:
    """Read in one thread, as wide as the widest record: a missing field is null, an empty one is empty text."""
    width = len(header)
    longest = min(max(path.stat().st_size, _LONGEST_LINE), _LONGEST_LINE_EVER)
    widest = max(_widest(path, width, longest, con), width + 1)
    fields = f"[{', '.join(f'c{i}' for i in range(widest))}]"
    relation = _read_csv(widest, longest, null_padding="true", parallel="false", nullstr=literal(_NOT_A_NULL))
    present = f"list_filter({fields}, lambda field: field IS NOT NULL)"
    broken = (
        f"CASE WHEN c{width - 1} IS NULL OR c{width} IS NOT NULL "
        f"THEN 'line: ' || len({present}) || ' fields where the header has {width}' END"
    )
    line = f"array_to_string(list_transform({present}, lambda field: {_quoted('field')}), ',')"
    names = {name: f"nullif(c{i}, '')" for i, name in enumerate(header)}
    return _columnar(relation, path, names, contract, broken, line)


def _quoted(field: str) -> str:
    quoted = f"'\"' || replace({field}, '\"', '\"\"') || '\"'"
    return f"CASE WHEN regexp_matches({field}, '[\",\\r\\n]') THEN {quoted} ELSE {field} END"


def _widest(path: Path, width: int, longest: int, con: duckdb.DuckDBPyConnection) -> int:
    """Return the number of fields of the widest record that is not `width` wide, 0 if there is none.

    Raises the first error that is not about width, because null_padding loses a record whose quote is not closed.
    """
    relation = _read_csv(width, longest, store_rejects="true")
    try:
        con.execute(f"SELECT count(COLUMNS(*)) FROM {relation}", [str(path)])
        is_width = "error_type IN ('TOO MANY COLUMNS', 'MISSING COLUMNS')"
        query = f"SELECT line, error_message FROM reject_errors WHERE NOT {is_width} ORDER BY ALL LIMIT 1"
        for line, message in con.execute(query).fetchall():
            raise duckdb.InvalidInputException(f"CSV Error on Line: {line}\n{message}")
        query = "SELECT max(regexp_extract(error_message, 'Found: (\\d+)', 1)::INT) FROM reject_errors"
        (found,) = con.execute(query).fetchone() or (0,)
        return int(found or 0)
    finally:
        con.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")


def _csv_mixed(
    path: Path, header: list[str], contract: Contract, scratch: Path, con: duckdb.DuckDBPyConnection
) -> Reading:
    """Read a copy with LF alone, for a file that mixes CRLF and LF."""
    copy = scratch / f"{path.name}.lf"
    with path.open("rb") as source, copy.open("wb") as target:
        carry = b""
        while chunk := source.read(_CHUNK):
            text = carry + chunk
            carry = b"\r" if text.endswith(b"\r") else b""
            target.write(text[: len(text) - len(carry)].replace(b"\r\n", b"\n"))
        target.write(carry)
    return _csv_tolerant(copy, header, contract, con)


# ── JSON Lines ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _json_lines(path: Path, contract: Contract, longest: int, _: duckdb.DuckDBPyConnection) -> Reading:
    """Read every line as one text and every object by its keys; blank lines are not records."""
    lines = (
        f"read_csv(?, columns = {{line: 'VARCHAR'}}, auto_detect = false, header = false, quote = '', escape = '', "
        f"delim = {literal(_NOT_A_DELIMITER)}, nullstr = {literal(_NOT_A_NULL)}, strict_mode = false, "
        f"hive_partitioning = false, {_line_size(longest)})"
    )
    shape = json.dumps({column.name: "VARCHAR" for column in contract.columns})
    known = f"[{', '.join(literal(column.name) for column in contract.columns)}]"
    relation = (
        "(SELECT line, is_object, json_transform(CASE WHEN is_object THEN line ELSE '{}' END, "
        f"{literal(shape)}) AS object FROM (SELECT line, starts_with(ltrim(line, ' \t'), '{{') AND json_valid(line) "
        f"AS is_object FROM {lines} WHERE trim(line, ' \t\r') <> ''))"
    )
    without_known = literal(json.dumps({column.name: None for column in contract.columns}))
    hidden = ", ".join(
        f"CASE WHEN object.{identifier(column.name)} IS NULL THEN '{{}}' "
        f"ELSE {literal(json.dumps({column.name: HIDDEN}))} END"
        for column in contract.personal
    )
    record = f"json_merge_patch(line, {hidden})" if hidden else "line"
    return Reading(
        relation=relation,
        parameters=[str(path)],
        texts={column.name: f"nullif(object.{identifier(column.name)}, '')" for column in contract.columns},
        extra=f"CASE WHEN is_object AND NOT list_has_all({known}, json_keys(line)) "
        f"THEN nullif(json_merge_patch(line, {without_known})::VARCHAR, '{{}}') END",
        record=f"CASE WHEN is_object THEN {record} ELSE json_object('line', line) END::VARCHAR",
        broken="CASE WHEN NOT is_object THEN 'line: not a JSON object' END",
        has_header=False,
    )


# ── Parquet ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _parquet(path: Path, contract: Contract, con: duckdb.DuckDBPyConnection) -> Reading:
    """Read native types: values that already fit are kept, all others are converted by way of text."""
    source = "read_parquet(?, binary_as_string = true, hive_partitioning = false)"
    types = {str(row[0]): str(row[1]) for row in con.execute(f"DESCRIBE FROM {source}", [str(path)]).fetchall()}
    _require(contract, set(types))
    kinds = {column.name: column.type for column in contract.columns}
    values = {name: f"c{i}" for i, name in enumerate(types)}
    names = {name: _native_text(values[name], kind, kinds.get(name)) for name, kind in types.items()}
    relation = f"(SELECT {', '.join(f'{identifier(name)} AS {value}' for name, value in values.items())} FROM {source})"
    reading = _columnar(relation, path, names, contract, "NULL::VARCHAR", "NULL")
    typed = {
        name: f"{values[name]}::TIMESTAMPTZ"
        for name, kind in types.items()
        if kinds.get(name) == "ts" and kind.startswith("TIMESTAMP")
    }
    return replace(reading, typed=typed, may_hold_nul=True)


def _native_text(value: str, kind: str, wanted: str | None) -> str:
    """Return the SQL of the text that a CSV would have for a native value."""
    if kind.startswith("TIMESTAMP"):
        instant = f"({value}::TIMESTAMPTZ AT TIME ZONE 'UTC')"
        full = f"strftime({instant}, '%Y-%m-%dT%H:%M:%S.%fZ')"
        if wanted != "date":
            return full
        day = f"strftime({instant}, '%Y-%m-%d')"
        return f"CASE WHEN {instant} = date_trunc('day', {instant}) THEN {day} ELSE {full} END"
    if kind in ("FLOAT", "DOUBLE"):
        if wanted == "money":
            cents = f"round({value}::DOUBLE, 2)"
            return (
                f"CASE WHEN abs({value} - {cents}) <= 1e-6 AND try_cast({cents} AS DECIMAL(18,2)) IS NOT NULL "
                f"THEN {cents}::DECIMAL(18,2)::VARCHAR ELSE {value}::VARCHAR END"
            )
        whole = f"abs({value}) < 1e15 AND {value} = trunc({value})"
        return f"CASE WHEN {whole} THEN {value}::BIGINT::VARCHAR ELSE {value}::VARCHAR END"
    if kind.endswith("[]") or kind.startswith(("STRUCT", "MAP", "UNION")):
        return f"to_json({value})::VARCHAR"
    return f"nullif({value}::VARCHAR, '')"


# ── Files ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _plain(landed: LandedFile, scratch: Path) -> tuple[Path, int]:
    """Return a path to the decompressed text, which has no NUL byte, and the line size to read it with."""
    path = landed.path
    if landed.is_gzip:
        path = scratch / f"plain.{landed.format}"
        try:
            with gzip.open(landed.path) as source, path.open("wb") as target:
                shutil.copyfileobj(source, target, _CHUNK)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise RejectedError(f"truncated or damaged gzip: {error}") from None
    longest = _longest_line(path)
    if longest > _LONGEST_LINE_EVER:
        raise RejectedError(f"a line is longer than {_LONGEST_LINE_EVER >> 20} MiB")
    return path, _LONGEST_LINE if longest < _LONGEST_LINE else _LONGEST_LINE_EVER


def _longest_line(path: Path) -> int:
    """Return the bytes of the longest line, ignoring lines within one chunk. Raises RejectedError at a NUL byte.

    DuckDB's parallel reader silently loses a line that is longer than its buffer.
    """
    longest = open_bytes = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if b"\0" in chunk:
                raise RejectedError("holds a NUL byte")
            first = chunk.find(b"\n")
            longest = max(longest, open_bytes + (len(chunk) if first < 0 else first))
            open_bytes = open_bytes + len(chunk) if first < 0 else len(chunk) - chunk.rfind(b"\n")
    return longest
