"""One landed file → a DuckDB relation of texts: CSV, JSON Lines and Parquet, by DuckDB's own readers.

Belongs here: dialects, headers, compression, encodings, rows of the wrong width, lines that are not records; when a
file is rejected as a whole. Does not: types and rules (rules), where the texts go (staging).
"""

from __future__ import annotations

import codecs
import csv
import glob
import gzip
import json
import re
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
_SMALL = 1 << 16
_TOGETHER = 250
_FIRST_LETTER_OF_1252 = 0x80
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
_NOT_A_NULL = "\x01null\x01"
_NOT_A_DELIMITER = "\x1e\x1f\x1e\x1f"


@dataclass(frozen=True)
class Limits:
    """What a file may cost; each has a setting (answerable.settings). `unpacked_ratio`: bytes per packed byte."""

    columns: int = 2_000
    json_depth: int = 1_000
    line_bytes: int = 1 << 28
    unpacked_ratio: float = 50


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class Reading:
    """How to select a file's records. All SQL; `parameters` bind the `?` of `relation`.

    texts: per contract column the landed text, null when empty or absent from the file.
    typed: for columns whose native type already fits, the typed value, which breaks no rule.
    broken: why a record has no columns (wrong width, not a JSON object), else null.
    record: a refused record as JSON text. extra: JSON text of unknown columns, null if there are none.
    has_header: whether the file names its columns; if not, required columns are looked for in the records.
    may_hold_nul: whether a text may have a NUL character that the bytes of the file don't show.
    position: which of several files a record comes from, from 0.
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
    position: str = "0"


NewFile = tuple[LandedFile, str]
"""A file to load, and its content hash."""

Attempt = Callable[[duckdb.DuckDBPyConnection], Reading]


def attempts(landed: LandedFile, contract: Contract, scratch: Path, limits: Limits) -> Iterator[Attempt]:
    """Yield the ways to read the file, fastest first: try the next one when staging with one fails.

    `scratch` is a folder for copies and links. Raises RejectedError if the file can't be read at all.
    """
    match landed.format:
        case "parquet":
            yield partial(_parquet, _named_plainly(landed.path, scratch), contract, limits)
        case "jsonl":
            path, longest = _plain(landed, scratch, limits)
            _check_lines(path, limits)
            yield partial(_json_lines, path, contract, longest)
        case "csv":
            path, longest = _plain(landed, scratch, limits)
            header = _header(path, contract, limits)
            yield partial(_csv, path, header, contract, longest)
            yield partial(_csv_tolerant, path, header, contract, limits)
            yield partial(_csv_mixed, path, header, contract, limits, scratch)


def together(
    new: Iterable[NewFile], contract: Contract, scratch: Path, limits: Limits
) -> Iterator[tuple[list[NewFile], Attempt | None]]:
    """Yield groups of small text files with one way to read each group, None where a file is to be read alone."""
    groups: dict[tuple[str, ...], list[NewFile]] = {}
    for one in new:
        groups.setdefault(_shape(one[0], contract, scratch, limits), []).append(one)
    for shape, files in groups.items():
        for start in range(0, len(files), _TOGETHER):
            some = files[start : start + _TOGETHER]
            if shape:
                yield some, partial(_several, [landed.path for landed, _ in some], shape, contract, scratch)
            else:
                yield some, None


def _shape(landed: LandedFile, contract: Contract, scratch: Path, limits: Limits) -> tuple[str, ...]:
    """Return what files that can be read together share: their format and columns; nothing for one read alone."""
    if landed.is_gzip or landed.format == "parquet" or landed.bytes > _SMALL:
        return ()
    try:
        path, _ = _plain(landed, scratch, limits)
        if landed.format == "jsonl":
            _check_lines(path, limits)
            return ("jsonl",)
        header = _header(path, contract, limits)
    except (RejectedError, OSError):
        return ()
    return () if _count_ends(path) else ("csv", *header)


def _several(
    paths: Sequence[Path], shape: tuple[str, ...], contract: Contract, scratch: Path, con: duckdb.DuckDBPyConnection
) -> Reading:
    """Read files of one shape in their order."""
    links = [_named_plainly(path, scratch, f"landed_{position}") for position, path in enumerate(paths)]
    if shape[0] == "jsonl":
        found = _json_lines(links[0], contract, _LONGEST_LINE, con)
    else:
        names = {name: f"c{i}" for i, name in enumerate(shape[1:])}
        found = _columnar(_read_csv(len(names)), links[0], names, contract, "NULL::VARCHAR", "NULL")
    return replace(
        found,
        relation=found.relation.replace("hive_partitioning = false", "hive_partitioning = false, filename = true"),
        parameters=[[as_pattern(link) for link in links]],
        position=r"regexp_extract(filename, '\d+$')::INTEGER",
    )


def cause_of(landed: LandedFile, error: duckdb.Error) -> str:
    """Return in one line why DuckDB could not read a file, in words of our own: its messages quote the file."""
    message = str(error)
    near = re.search(r"CSV Error on Line: (\d+)", message)
    where = f"near line {near.group(1)}: " if near else ""
    if "unterminated quote" in message:
        return f"{where}a quote is not closed, or text follows a closing quote"
    if "unicode" in message.lower() or "utf-8" in message.lower():
        with gzip.open(landed.path) if landed.is_gzip else landed.path.open("rb") as lines:
            return f"not UTF-8{_first_wrong_byte(lines)}: save it as UTF-8"
    if "invalid state" in message:
        return "a quote is not closed, or there is a carriage return outside quotes"
    if landed.format == "parquet":
        if "too small" in message:
            return "too small to be a Parquet file: land it whole"
        return "no Parquet file, or a truncated or damaged one: land it whole"
    return f"{where}can't be read as {landed.format} ({type(error).__name__})"


def _first_wrong_byte(lines: Iterable[bytes]) -> str:
    """Return where a text stops being UTF-8: its line, the byte in it, and a guess at what was meant."""
    for number, line in enumerate(lines, 1):
        try:
            line.decode()
        except UnicodeDecodeError as error:
            byte = line[error.start]
            guess = ", as in Windows-1252" if byte >= _FIRST_LETTER_OF_1252 else ""
            return f" (line {number}, byte {error.start + 1}: 0x{byte:02X}{guess})"
    return ""


# ── CSV ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _header(path: Path, contract: Contract, limits: Limits) -> list[str]:
    """Return the columns of the first record by their names in the contract, others as landed.

    Raises RejectedError unless every required column is there, once.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = next(csv.reader(file, strict=True), [])
    except UnicodeDecodeError:
        with path.open("rb") as lines:
            raise RejectedError(f"not UTF-8{_first_wrong_byte(lines)}: save it as UTF-8") from None
    except csv.Error as error:
        raise RejectedError(f"unreadable header: {error}") from None
    if not header:
        raise RejectedError("no header: the first line is empty")
    _check_dialect(header, contract)
    return _columns(header, contract, limits)


def _columns(header: list[str], contract: Contract, limits: Limits) -> list[str]:
    """Return the names of a header as the contract has them, others as landed, in order.

    Raises RejectedError at too many columns, a name that occurs twice, or a missing required column. What a header says
    may be a person's data, so only its positions are named.
    """
    if len(header) > limits.columns:
        raise RejectedError(f"{len(header):,} columns, more than ANSWERABLE_MAX_COLUMNS = {limits.columns:,}")
    known = {column.name for column in contract.columns}
    matched = [_matched(name) for name in header]
    first: dict[str, int] = {}
    for position, name in enumerate(matched, 1):
        if name in first:
            shown = f" ({name})" if name in known else ""
            raise RejectedError(f"column {first[name]}{shown} is named twice, again as column {position}: keep one")
        first[name] = position
    missing = contract.missing(first)
    if missing:
        raise RejectedError(f"required column missing: {', '.join(missing)}")
    return [name if name in known else landed for name, landed in zip(matched, header, strict=True)]


def _matched(name: str) -> str:
    """Return a column's name as it is compared: whatever its case and the blanks around it."""
    return name.strip().lower()


def _check_dialect(header: list[str], contract: Contract) -> None:
    """Raise RejectedError with the remedy where the first line is not one of comma-separated names."""
    first, known = header[0], {column.name for column in contract.columns}
    if first.strip().lower().startswith("sep="):
        raise RejectedError("its first line is sep=, a mark for spreadsheets: remove that line")
    if first.lstrip().startswith("#"):
        raise RejectedError("its first line is a comment (#): remove it, the first line must name the columns")
    for delimiter, words in {";": "semicolons", "\t": "tabs", "|": "vertical bars"}.items():
        names = [_matched(name.strip('"')) for name in delimiter.join(header).split(delimiter)]
        if delimiter in first and len(known.intersection(names)) > 1:
            raise RejectedError(f"its columns are separated by {words}: save it with commas")


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
        parameters=[as_pattern(path)],
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
    (empty,) = con.execute(query, [as_pattern(path)]).fetchone() or (0,)
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


def _csv_tolerant(
    path: Path, header: list[str], contract: Contract, limits: Limits, con: duckdb.DuckDBPyConnection
) -> Reading:
    """Read in one thread, as wide as the widest record: a missing field is null, an empty one is empty text."""
    width = len(header)
    longest = min(max(path.stat().st_size, _LONGEST_LINE), max(limits.line_bytes, _LONGEST_LINE))
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
        con.execute(f"SELECT count(COLUMNS(*)) FROM {relation}", [as_pattern(path)])
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
    path: Path, header: list[str], contract: Contract, limits: Limits, scratch: Path, con: duckdb.DuckDBPyConnection
) -> Reading:
    """Read a copy with LF alone, for a file that mixes CRLF and LF."""
    copy = scratch / "landed.lf"
    with path.open("rb") as source, copy.open("wb") as target:
        carry = b""
        while chunk := source.read(_CHUNK):
            text = carry + chunk
            carry = b"\r" if text.endswith(b"\r") else b""
            target.write(text[: len(text) - len(carry)].replace(b"\r\n", b"\n"))
        target.write(carry)
    return _csv_tolerant(copy, header, contract, limits, con)


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
    objects = (
        f"SELECT *, CASE WHEN starts_with(ltrim(line, ' \t'), '{{') AND json_valid(line) THEN json_keys(line) END "
        f"AS keys FROM {lines} WHERE trim(line, ' \t\r') <> ''"
    )
    broken = (
        "CASE WHEN keys IS NULL THEN 'line: not a JSON object' "
        f"WHEN len(list_distinct(list_transform(keys, lambda key: {_MATCHED_KEY}))) < len(keys) "
        "THEN 'line: a key is named twice' END"
    )
    tidy = f"CASE WHEN broken_line IS NOT NULL THEN '{{}}' WHEN {_is_untidy(known)} THEN {_tidied(known)} ELSE line END"
    relation = (
        f"(SELECT *, json_transform(tidy, {literal(shape)}) AS object "
        f"FROM (SELECT *, {tidy} AS tidy FROM (SELECT *, {broken} AS broken_line FROM ({objects}))))"
    )
    without_known = literal(json.dumps({column.name: None for column in contract.columns}))
    hidden = ", ".join(
        f"CASE WHEN object.{identifier(column.name)} IS NULL THEN '{{}}' "
        f"ELSE {literal(json.dumps({column.name: HIDDEN}))} END"
        for column in contract.personal
    )
    record = f"json_merge_patch(tidy, {hidden})" if hidden else "tidy"
    return Reading(
        relation=relation,
        parameters=[as_pattern(path)],
        texts={column.name: f"nullif(object.{identifier(column.name)}, '')" for column in contract.columns},
        extra=f"CASE WHEN broken_line IS NULL AND NOT list_has_all({known}, keys) "
        f"THEN nullif(json_merge_patch(tidy, {without_known})::VARCHAR, '{{}}') END",
        record=f"CASE WHEN broken_line IS NULL THEN {record} ELSE json_object('line', line) END::VARCHAR",
        broken="broken_line",
        has_header=False,
    )


_MATCHED_KEY = "lower(trim(key, ' \t\r\n'))"


def _is_untidy(known: str) -> str:
    """Return the SQL of whether a line has NaN or Infinity, or names a column in another case or with blanks."""
    other = f"NOT list_contains({known}, key) AND list_contains({known}, {_MATCHED_KEY})"
    return (
        "(regexp_matches(line, '(?i)[:,[[:space:]]-?(nan|inf)') OR "
        f"(NOT list_has_all({known}, keys) AND len(list_filter(keys, lambda key: {other})) > 0))"
    )


def _tidied(known: str) -> str:
    """Return the SQL of a line with the contract's names, and null for NaN and Infinity, which are no values."""
    pointer = "'/' || replace(replace(key, '~', '~0'), '/', '~1')"
    is_no_number = (
        f"json_type(line, {pointer}) = 'DOUBLE' AND regexp_matches(json_extract_string(line, {pointer}), '(?i)nan|inf')"
    )
    name = f"CASE WHEN list_contains({known}, {_MATCHED_KEY}) THEN {_MATCHED_KEY} ELSE key END"
    value = f"CASE WHEN {is_no_number} THEN NULL ELSE json_extract(line, {pointer}) END"
    return f"to_json(map(list_transform(keys, lambda key: {name}), list_transform(keys, lambda key: {value})))::VARCHAR"


# ── Parquet ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _parquet(path: Path, contract: Contract, limits: Limits, con: duckdb.DuckDBPyConnection) -> Reading:
    """Read native types: values that already fit are kept, all others are converted by way of text."""
    source = "read_parquet(?, binary_as_string = true, hive_partitioning = false)"
    described = con.execute(f"DESCRIBE FROM {source}", [as_pattern(path)]).fetchall()
    landed = [str(row[0]) for row in described]
    types = dict(zip(_columns(landed, contract, limits), (str(row[1]) for row in described), strict=True))
    kinds = {column.name: column.type for column in contract.columns}
    values = {name: f"c{i}" for i, name in enumerate(types)}
    names = {name: _native_text(values[name], kind, kinds.get(name)) for name, kind in types.items()}
    listed = ", ".join(f"{identifier(name)} AS c{i}" for i, name in enumerate(landed))
    relation = f"(SELECT {listed} FROM {source})"
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
        return f"CASE WHEN isfinite({value}) THEN {_float_text(value, kind, wanted)} END"
    if kind.endswith("[]") or kind.startswith(("STRUCT", "MAP", "UNION")):
        return f"to_json({value})::VARCHAR"
    return f"nullif({value}::VARCHAR, '')"


def _float_text(value: str, kind: str, wanted: str | None) -> str:
    """Return the SQL of the text of a finite float. Money is a number of cents, or the nearest float of exactly one."""
    whole = f"abs({value}) < 1e15 AND {value} = trunc({value})"
    text = f"CASE WHEN {whole} THEN {value}::BIGINT::VARCHAR ELSE {value}::VARCHAR END"
    if wanted != "money":
        return text
    # DuckDB casts between floats and decimals by way of a product or a quotient that is rounded: digits are exact.
    whole_part = f"try_cast(try_cast(trunc({value}) AS BIGINT) AS DECIMAL(18,2))"
    cents = f"({whole_part} + round(({value} - trunc({value}))::DOUBLE, 2)::DECIMAL(18,2))"
    near = " AND ".join(f"({cents} {sign} 0.01)::VARCHAR::{kind} <> {value}" for sign in "+-")
    is_exact = f"{value} * 4 = trunc({value} * 4)"
    return (
        f"CASE WHEN {cents} IS NOT NULL AND {cents}::VARCHAR::{kind} = {value} AND ({is_exact} OR ({near})) "
        f"THEN {cents}::VARCHAR ELSE {value}::DOUBLE::VARCHAR || ' (a float)' END"
    )


# ── Files ──────────────────────────────────────────────────────────────────────────────────────────────────────────


_PACKED = {
    b"\x1f\x8b": "gzip-packed: name it so that it ends in .gz",
    b"PK\x03\x04": "a zip archive or a workbook: unpack it, or save it as CSV UTF-8",
    b"PAR1": "a Parquet file: name it .parquet",
}


def as_pattern(path: Path) -> str:
    """Return the path for DuckDB's readers, which take names for patterns."""
    return glob.escape(str(path))


def _named_plainly(path: Path, scratch: Path, name: str = "landed") -> Path:
    """Return a link to a landed file. Names are data: no escape of DuckDB's patterns covers all of them."""
    link = scratch / name
    link.unlink(missing_ok=True)
    link.symlink_to(path)
    return link


def _plain(landed: LandedFile, scratch: Path, limits: Limits) -> tuple[Path, int]:
    """Return a path to the decompressed text, which has no NUL byte, and the line size to read it with."""
    if landed.is_gzip:
        path = scratch / "landed.plain"
        try:
            _unpack(landed, path, limits)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise RejectedError(f"truncated or damaged gzip: {error}") from None
    else:
        path = _named_plainly(landed.path, scratch)
    _check_encoding(path)
    longest = _longest_line(path)
    if longest > limits.line_bytes:
        raise RejectedError(f"a line of {longest:,} bytes, more than ANSWERABLE_MAX_LINE_BYTES = {limits.line_bytes:,}")
    return path, _LONGEST_LINE if longest < _LONGEST_LINE else max(limits.line_bytes, _LONGEST_LINE)


def _unpack(landed: LandedFile, path: Path, limits: Limits) -> None:
    """Decompress a file, but no more of it than the limit and half of the free disk allow."""
    by_ratio, by_disk = int(landed.bytes * limits.unpacked_ratio), shutil.disk_usage(path.parent).free // 2
    unpacked = 0
    with gzip.open(landed.path) as source, path.open("wb") as target:
        while chunk := source.read(_CHUNK):
            unpacked += len(chunk)
            if unpacked > by_ratio:
                raise RejectedError(
                    "it unpacks to more than ANSWERABLE_MAX_UNPACKED_RATIO = "
                    f"{limits.unpacked_ratio:g} times its {landed.bytes:,} bytes"
                )
            if unpacked > by_disk:
                raise RejectedError(f"it unpacks to more than half of the free disk ({2 * by_disk:,} bytes)")
            target.write(chunk)


def _check_encoding(path: Path) -> None:
    """Raise RejectedError with the remedy where the first bytes are those of something else than UTF-8 text."""
    with path.open("rb") as file:
        start = file.read(4)
    for mark, cause in _PACKED.items():
        if start.startswith(mark):
            raise RejectedError(cause)
    if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or re.match(rb"[^\0]\0[^\0]\0|\0[^\0]\0[^\0]", start):
        raise RejectedError("UTF-16 text: save it as UTF-8")


def _check_lines(path: Path, limits: Limits) -> None:
    """Raise RejectedError at a line whose JSON is nested too deeply, or has too many keys: DuckDB breaks on them."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if len(line) <= min(limits.json_depth, limits.columns):
                continue
            if line.count(b"[") + line.count(b"{") > limits.json_depth and _depth(line) > limits.json_depth:
                raise RejectedError(
                    f"line {number} is nested deeper than ANSWERABLE_MAX_JSON_DEPTH = {limits.json_depth:,}"
                )
            if line.count(b":") > limits.columns and _key_count(line) > limits.columns:
                raise RejectedError(f"line {number} has more keys than ANSWERABLE_MAX_COLUMNS = {limits.columns:,}")


def _depth(line: bytes) -> int:
    """Return how deep the brackets of a line are nested, those in strings left out."""
    depth = deepest = 0
    for bracket in re.findall(rb"[\[{]|[\]}]", _STRING.sub(b"", line)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _key_count(line: bytes) -> int:
    """Return how many keys the object of a line has, 0 if it is none."""
    try:
        found = json.loads(line, object_pairs_hook=len)
    except (ValueError, RecursionError):
        return 0
    return found if isinstance(found, int) else 0


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
