"""What a client exports → relations of texts: a folder of files, a DuckDB file, a schema of PostgreSQL.

Belongs here: formats, encodings, header rows, nested values; every column as an SQL expression of its text.
Does not: what a column means or is called in a connector (canonical).
"""

from __future__ import annotations

import codecs
import csv
import gzip
import importlib
import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal

import duckdb

from ingest.connections import ENV, Connection, ConnectionFailedError, squeeze, variable
from ingest.rules import identifier, literal

Headers = Literal["one", "qualtrics", "surveymonkey"]

TEXTS, SHEETS, LINES, TYPED = (
    (".csv", ".tsv", ".txt"),
    (".xlsx", ".xls", ".xlsb", ".ods"),
    (".jsonl", ".ndjson"),
    ".parquet",
)
_ENDING = re.compile(r"([-_ .]?\d[\d\-_T:Z]*)+$")
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_CHUNK = 1 << 20
_LINE_BYTES = 64 * 1024**2


@dataclass(frozen=True)
class Relation:
    """One file or table. `columns`: squeezed name → SQL of its text; `header`: the header rows as written."""

    sql: str
    columns: Mapping[str, str]
    names: tuple[str, ...]
    file: str
    header: tuple[tuple[str, ...], ...] = ()
    time_zone: str | None = None


@dataclass
class Source:
    """All that was found: relations by squeezed table name, and the files that no table of the connector reads."""

    where: str
    relations: dict[str, list[Relation]] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)

    def add(self, table: str, relation: Relation) -> None:
        """Add a file or table under the name of its table."""
        self.relations.setdefault(squeeze(table), []).append(relation)


def open_source(
    con: duckdb.DuckDBPyConnection,
    connection: Connection,
    folder: Path,
    scratch: Path,
    is_wanted: Callable[[str], bool],
    headers: Headers,
) -> Source:
    """Find the tables that are wanted. `folder` is where relative paths start. Raises ConnectionFailedError."""
    where = connection.source
    source = Source(where)
    if where.startswith(ENV):
        reference, _, schema = where.partition("#")
        _postgres(con, source, variable(reference, "from"), schema or "public", is_wanted)
    elif ".duckdb" in where:
        path, _, schema = where.partition("#")
        _duckdb(con, source, folder / path, schema or "main", is_wanted)
    else:
        _folder(con, source, folder / where, scratch, is_wanted, headers)
    return source


def files_of(folder: Path) -> list[tuple[str, Path]]:
    """Return the files of a folder of exports, sorted, each with the name of its table."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith((".", "~$")))
    return [(_table_name(folder, path), path) for path in found]


def _table_name(folder: Path, path: Path) -> str:
    """A file in the folder is named by itself, less a date or number at its end; a deeper one by its own folder."""
    if path.parent != folder:
        return path.parent.name
    return _ENDING.sub("", _bare(path)) or _bare(path)


def _bare(path: Path) -> str:
    name = path.name.removesuffix(".gz")
    return name.removesuffix(Path(name).suffix)


def _kind(path: Path) -> str:
    return Path(path.name.lower().removesuffix(".gz")).suffix


def _folder(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    folder: Path,
    scratch: Path,
    is_wanted: Callable[[str], bool],
    headers: Headers,
) -> None:
    if not folder.is_dir():
        raise ConnectionFailedError(f"no folder {folder}: export into it, or change from")
    for number, (table, path) in enumerate(files_of(folder)):
        kind, shown = _kind(path), path.relative_to(folder).as_posix()
        try:
            if kind in SHEETS:
                for sheet, written in _sheets(path, scratch, number):
                    name = table if sheet is None else sheet
                    if is_wanted(name):
                        source.add(name, _delimited(written, shown, scratch, headers))
                    else:
                        source.others.append(f"{shown} ({name})")
            elif not is_wanted(table) or kind not in (*TEXTS, *LINES, TYPED):
                source.others.append(shown)
            elif kind in TEXTS:
                source.add(table, _delimited(path, shown, scratch, headers))
            elif kind in LINES:
                source.add(table, _lines(con, path, shown))
            else:
                source.add(table, _typed(con, f"read_parquet({literal(str(path))}, binary_as_string=true)", shown))
        except (duckdb.Error, OSError, UnicodeError, csv.Error, ValueError) as error:
            raise ConnectionFailedError(f"{path} can't be read: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split("\n")[0].split())[:200]


def _delimited(path: Path, shown: str, scratch: Path, headers: Headers) -> Relation:
    """A CSV or TSV file; DuckDB reads it as it lies where it is UTF-8, else a copy in `scratch`."""
    encoding = _encoding(path)
    with _text(path, encoding) as file:
        head = file.read(65536)
    if encoding != "utf-8" or ("\r" in head and "\n" not in head):
        path = _rewritten(path, encoding, scratch)
    first, _, rest = head.partition("\n")
    named = re.fullmatch(r"\ufeff?sep=(.)\r?", first)
    delimiter = named[1] if named else max(",;\t|", key=(first or rest).count)
    with _text(path, "utf-8-sig") as file:
        records = list(itertools.islice(csv.reader(file, delimiter=delimiter), 4))
    skipped = 1 if named else 0
    rows = _header(records[skipped:], headers)
    names = rows[0] if rows else ()
    if not names:
        raise ValueError("it is empty: no header row")
    types = ", ".join(f"c{i}: 'VARCHAR'" for i in range(len(names)))
    # Records that are short end in nulls; line breaks in quotes then need a single reader.
    relation = (
        f"read_csv({literal(str(path))}, columns={{{types}}}, auto_detect=false, header=false, "
        f"skip={skipped + len(rows)}, delim={literal(delimiter)}, quote='\"', escape='\"', nullstr='', "
        f"strict_mode=true, null_padding=true, parallel=false, hive_partitioning=false, "
        f"max_line_size={_LINE_BYTES}, buffer_size={2 * _LINE_BYTES})"
    )
    columns: dict[str, str] = {}
    for i, name in enumerate(names):
        columns.setdefault(squeeze(name) or f"c{i}", f"c{i}")
    return Relation(relation, columns, names, shown, rows, _time_zone(rows))


def _header(records: list[list[str]], headers: Headers) -> tuple[tuple[str, ...], ...]:
    """Return the header rows of a file: names, then words and import ids of questions where the vendor writes them."""
    rows = [tuple(row) for row in records]
    if headers == "qualtrics" and len(rows) > 1:
        if len(rows) > 2 and any('"ImportId"' in cell for cell in rows[2]):
            return rows[0], rows[1], rows[2]
        if rows[0][:2] == ("V1", "V2"):  # legacy: the names of what is no question stand in the second row
            named = tuple(b if a.startswith("V") else a for a, b in zip(rows[0], rows[1], strict=False))
            return named, rows[1]
    if headers == "surveymonkey" and len(rows) > 1 and not rows[1][0]:
        return rows[0], rows[1]
    return tuple(rows[:1])


def _time_zone(rows: tuple[tuple[str, ...], ...]) -> str | None:
    """Return the zone that a Qualtrics header names."""
    for cell in (cell for row in rows[2:] for cell in row if cell.startswith("{")):
        zone = json.loads(cell).get("timeZone")
        if zone and zone != "Z":
            return str(zone)
    return None


def _encoding(path: Path) -> str:
    with _bytes(path) as file:
        start = file.read(3)
    for mark, encoding in _BOMS.items():
        if start.startswith(mark):
            return encoding
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with _bytes(path) as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _bytes(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if path.name.lower().endswith(".gz") else path.open("rb")  # type: ignore[return-value]


def _text(path: Path, encoding: str) -> IO[str]:
    """Open a file as text with the line ends it has."""
    opened = gzip.open if path.name.lower().endswith(".gz") else open
    return opened(path, "rt", encoding=encoding, newline="")


def _rewritten(path: Path, encoding: str, scratch: Path) -> Path:
    target = scratch / f"{len(list(scratch.iterdir()))}.csv"
    with _text(path, encoding) as file, target.open("w", encoding="utf-8", newline="") as copy:
        last = ""
        while chunk := file.read(_CHUNK):
            last = chunk
            copy.write(chunk if "\n" in chunk else chunk.replace("\r", "\n"))
        if not last.endswith(("\n", "\r")):
            copy.write("\n")
    return target


def _sheets(path: Path, scratch: Path, number: int) -> Iterator[tuple[str | None, Path]]:
    """Yield the sheets that hold something as CSV, each with its name; the only one goes by the file's name."""
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_path(str(path)) as book:
        sheets = [(name, book.get_sheet_by_name(name).to_python()) for name in book.sheet_names]
    filled = [(name, rows) for name, rows in sheets if any(any(cell != "" for cell in row) for row in rows)]
    for place, (name, rows) in enumerate(filled):
        target = scratch / f"sheet_{number}_{place}.csv"
        with target.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([_cell(value) for value in row] for row in rows)
        yield (None if len(filled) == 1 else name), target


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _lines(con: duckdb.DuckDBPyConnection, path: Path, shown: str) -> Relation:
    """A JSON Lines file, whose objects are flattened by path."""
    relation = (
        f"(SELECT json AS line FROM read_json_objects({literal(str(path))}, format='newline_delimited', "
        f"maximum_object_size={_LINE_BYTES}))"
    )
    shape = _one(con, f"SELECT json_group_structure(line)::VARCHAR FROM {relation}")
    columns: dict[str, str] = {}
    for name, text in _paths("line", json.loads(shape or "{}"), ""):
        columns.setdefault(name, text)
    return Relation(relation, columns, tuple(json.loads(shape or "{}")), shown)


def _paths(column: str, shape: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield squeezed name and SQL of every value below a JSON column, those of objects included."""
    for name, kind in shape.items():
        here = f'{path}."{name}"' if '"' not in name else path
        yield squeeze(here), f"({column}->>{literal('$' + here)})"
        if isinstance(kind, dict):
            yield from _paths(column, kind, here)


def _typed(
    con: duckdb.DuckDBPyConnection, relation: str, shown: str, numerics: frozenset[str] = frozenset()
) -> Relation:
    """A typed table: each column as the text an export would hold. `numerics`: texts that are a database's numbers."""
    columns: dict[str, str] = {}
    nested: list[tuple[str, str]] = []
    names = []
    for name, kind, *_ in con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall():
        column = identifier(name)
        names.append(name)
        columns.setdefault(squeeze(name), _text_of(column, kind, name in numerics))
        if kind.startswith("STRUCT") or kind == "JSON" or (kind == "VARCHAR" and _holds_objects(con, relation, column)):
            nested.append((name, f"to_json({column})" if kind.startswith("STRUCT") else f"{column}::JSON"))
    for name, value in nested:
        shape = json.loads(_one(con, f"SELECT json_group_structure({value})::VARCHAR FROM {relation}") or "null")
        for path, text in _paths(value, shape, "") if isinstance(shape, dict) else ():
            columns.setdefault(squeeze(name) + path, text)
    return Relation(relation, columns, tuple(names), shown)


def _text_of(column: str, kind: str, is_numeric: bool) -> str:
    """Return the SQL of a typed value as text: a whole number is `7`, never `7.000000000`."""
    if kind.startswith("STRUCT") or kind.startswith("MAP") or kind.endswith("]"):
        return f"to_json({column})::VARCHAR"
    if kind.startswith("TIMESTAMP WITH"):
        return f"strftime({column}, '%Y-%m-%dT%H:%M:%S.%fZ')"
    if kind.startswith("DECIMAL") or is_numeric:
        return f"regexp_replace({column}::VARCHAR, '(\\.\\d*?)0+$', '\\1').rtrim('.')"
    if kind in ("DOUBLE", "FLOAT"):
        whole = f"{column} = trunc({column}) AND abs({column}) < 1e15"
        return f"CASE WHEN {whole} THEN {column}::BIGINT::VARCHAR ELSE {column}::VARCHAR END"
    return f"{column}::VARCHAR"


def _holds_objects(con: duckdb.DuckDBPyConnection, relation: str, column: str) -> bool:
    """Return whether a text column holds JSON objects, as replicators write them."""
    some = f"(SELECT {column} AS value FROM {relation} WHERE {column} IS NOT NULL LIMIT 200)"
    is_object = "bool_and(starts_with(value, '{') AND json_valid(value))"
    return bool(_one(con, f"SELECT count(*) > 0 AND coalesce({is_object}, false) FROM {some}"))


def _one(con: duckdb.DuckDBPyConnection, query: str) -> Any:
    return (con.execute(query).fetchone() or (None,))[0]


def _duckdb(
    con: duckdb.DuckDBPyConnection, source: Source, path: Path, schema: str, is_wanted: Callable[[str], bool]
) -> None:
    if not path.is_file():
        raise ConnectionFailedError(f"no file {path}: change from")
    try:
        con.execute(f"ATTACH {literal(str(path))} AS vendor (READ_ONLY)")
        names = con.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_catalog = 'vendor' AND table_schema = ? "
            "ORDER BY 1",
            [schema],
        ).fetchall()
        for (name,) in names:
            if is_wanted(name):
                relation = f"vendor.{identifier(schema)}.{identifier(name)}"
                source.add(name, _typed(con, relation, f"{schema}.{name}"))
    except duckdb.Error as error:
        raise ConnectionFailedError(f"{path}: {_first_line(error)}", is_passing="lock" in str(error)) from error


def _postgres(
    con: duckdb.DuckDBPyConnection, source: Source, url: str, schema: str, is_wanted: Callable[[str], bool]
) -> None:
    """Copy the tables through Arrow. No error shows the address: it holds a password."""
    try:
        dbapi = importlib.import_module("adbc_driver_postgresql.dbapi")
    except ImportError:
        raise ConnectionFailedError('PostgreSQL needs the extra: pip install "answerable[postgres]"') from None
    try:
        with dbapi.connect(url) as database, database.cursor() as cursor:
            cursor.execute(
                "SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns "
                "WHERE table_schema = $1 ORDER BY table_name, ordinal_position",
                (schema,),
            )
            columns: dict[str, list[tuple[str, str]]] = {}
            for table, column, kind in cursor.fetchall():
                columns.setdefault(table, []).append((column, kind))
            for number, (table, typed) in enumerate(columns.items()):
                if not is_wanted(table):
                    continue
                chosen = ", ".join(_selected(column, kind) for column, kind in typed)
                cursor.execute(f"SELECT {chosen} FROM {identifier(schema)}.{identifier(table)}")
                arrived = cursor.fetch_record_batch()
                copy = f"vendor_{number}"
                con.register("arriving", arrived)
                con.execute(f"CREATE TABLE {copy} AS SELECT * FROM arriving")
                con.unregister("arriving")
                numerics = frozenset(column for column, kind in typed if kind == "numeric")
                source.add(table, _typed(con, copy, f"{schema}.{table}", numerics))
    except dbapi.Error as error:
        line = _first_line(error).replace(url, "…")
        is_lost = "connect" in line.lower() or "connection" in line.lower()
        name = source.where.partition("#")[0].removeprefix(ENV)
        said = "the database can't be reached" if is_lost else re.sub(r"\S*://\S*", "…", line)
        raise ConnectionFailedError(f"PostgreSQL of {name}: {said}", is_passing=is_lost) from None


def _selected(column: str, kind: str) -> str:
    """Types that Arrow has no equal for travel as text."""
    name = identifier(column)
    plain = kind in ("text", "character varying", "boolean", "integer", "bigint", "smallint", "date") or (
        kind.startswith(("timestamp", "double", "real"))
    )
    return name if plain else f"{name}::text AS {name}"
