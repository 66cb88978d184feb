"""One table per vendor table: the connector's columns, plain texts, the latest version per key.

Belongs here: finding a column under any of its names, reading its values, which of two versions of a row is the later.
Does not: opening files (reading), what a row becomes (mapping).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

import duckdb

from ingest.connections import Connection, ConnectionFailedError, Connector, VendorColumn, VendorTable, squeeze
from ingest.connections.reading import Relation, Source
from ingest.rules import identifier, literal

IMPLIED: Mapping[str, VendorColumn] = {
    "updated_at": VendorColumn.model_validate({"type": "ts", "from": ["last_modified_date", "_fivetran_synced"]}),
    "is_deleted": VendorColumn.model_validate({"type": "bool", "from": ["deleted", "archived", "_fivetran_deleted"]}),
}
"""The columns that every vendor table has, if its export does."""

_READ: Mapping[str, str] = {
    "text": "{0}",
    "ts": "as_ts({0}, {1}, {2})",
    "date": "as_date({0}, {1}, {2})",
    "money": "as_money({0})",
    "number": "as_number({0})",
    "bool": "as_bool({0})",
    "sfid": "sfid({0})",
}
_SLASHED = r"^\d{1,2}[/-]\d{1,2}[/-]\d{2,4}"


@dataclass(frozen=True)
class MissingColumn:
    """A column that a file does not have, with the names it was looked for under."""

    table: str
    column: str
    names: Sequence[str]
    file: str


@dataclass
class Tables:
    """What was found of a connector's tables. `rows` is None for a table that no file or table of the source holds."""

    rows: dict[str, int | None] = field(default_factory=dict)
    missing: list[MissingColumn] = field(default_factory=list)

    def has(self, table: str) -> bool:
        """Return whether the source has the table."""
        return self.rows.get(table) is not None


def names_of(table: str, specification: VendorTable, connection: Connection) -> list[str]:
    """Return the squeezed names that a table goes by, that of the client first."""
    own = connection.tables.get(table)
    return [squeeze(name) for name in ([own] if own else [table, *specification.names])]


def create(con: duckdb.DuckDBPyConnection, connection: Connection, connector: Connector, source: Source) -> Tables:
    """Create a table for each vendor table, empty where the source has none. Raises ConnectionFailedError."""
    found = {
        table: _found(table, specification, connection, source)
        for table, specification in connector.vendor_tables.items()
    }
    if not any(found.values()):
        wanted = connector.export or ", ".join(connector.vendor_tables)
        others = f"; what lies there: {', '.join(source.others[:10])}" if source.others else ""
        raise ConnectionFailedError(f"{source.where} has no table of {connector.title}: export {wanted}{others}")
    unknown = connection.columns.keys() - {
        f"{table}.{column}"
        for table, specification in connector.vendor_tables.items()
        for column in (*IMPLIED, *specification.columns)
    }
    if unknown:
        raise ConnectionFailedError(f"columns: the connector has no {', '.join(sorted(unknown))}")
    columns = {
        table: [_picked(table, specification, connection, connector, relation) for relation in found[table]]
        for table, specification in connector.vendor_tables.items()
    }
    dmy = _is_day_first(con, connection, connector, found, columns)
    tables = Tables()
    for table, specification in connector.vendor_tables.items():
        tables.rows[table] = _create(con, table, specification, connection, found[table], columns[table], dmy)
        tables.missing += [
            MissingColumn(table, column, looked_for, relation.file)
            for relation, picked in zip(found[table], columns[table], strict=True)
            for column, (text, looked_for) in picked.items()
            if text is None and column not in IMPLIED
        ]
        if specification.wide:
            _unpivot(con, table, specification.wide.key, found[table])
    return tables


def _found(table: str, specification: VendorTable, connection: Connection, source: Source) -> list[Relation]:
    for name in names_of(table, specification, connection):
        if name in source.relations:
            return source.relations[name]
    if specification.any_file and specification.wide:
        key = squeeze(specification.wide.key)
        return [one for relations in source.relations.values() for one in relations if key in one.columns]
    return []


_Picked = dict[str, tuple[str | None, list[str]]]


def _picked(
    table: str, specification: VendorTable, connection: Connection, connector: Connector, relation: Relation
) -> _Picked:
    """Return the SQL of each column's text, None where it is missing, with the names it was looked for under."""
    prefixes = ["", *map(squeeze, connector.prefixes)]
    picked: _Picked = {}
    for column, kind in {**IMPLIED, **specification.columns}.items():
        own = connection.columns.get(f"{table}.{column}")
        names = [own] if own else [column, *kind.names]
        keys = dict.fromkeys(prefix + squeeze(name) for name in names for prefix in prefixes)
        hits = [relation.columns[key] for key in keys if key in relation.columns]
        if own and not hits:
            near = get_close_matches(own, relation.names, n=1)
            there = ", ".join(relation.names)
            hint = f"; is it {near[0]}?" if near else ""
            raise ConnectionFailedError(
                f"columns.{table}.{column}: {relation.file} has no column {own}{hint} There are: {there}"
            )
        text = f"coalesce({', '.join(hits)})" if len(hits) > 1 else hits[0] if hits else None
        picked[column] = (text, names)
    return picked


def _is_day_first(
    con: duckdb.DuckDBPyConnection,
    connection: Connection,
    connector: Connector,
    found: Mapping[str, list[Relation]],
    columns: Mapping[str, list[_Picked]],
) -> bool:
    """Return whether 03/04/2026 is in April: as the client says, else by a part above 12; else stop and ask."""
    if connection.dates is not None:
        return connection.dates == "dmy"
    example = is_day_first = is_month_first = None
    for table, specification in connector.vendor_tables.items():
        kinds = {**IMPLIED, **specification.columns}
        for relation, picked in zip(found[table], columns[table], strict=True):
            texts = [text for name, (text, _) in picked.items() if text and kinds[name].type in ("ts", "date")]
            if not texts:
                continue
            first = con.execute(
                f"SELECT min(t), bool_or(regexp_extract(t, '^\\d+')::INT > 12), "
                "bool_or(regexp_extract(t, '^\\d+[/-](\\d+)', 1)::INT > 12) "
                f"FROM (SELECT trim(unnest([{', '.join(texts)}])) AS t FROM {relation.sql}) "
                f"WHERE regexp_matches(t, '{_SLASHED}')"
            ).fetchone() or (None, None, None)
            example = example or (f"{first[0]} in {relation.file}" if first[0] else None)
            is_day_first, is_month_first = is_day_first or first[1], is_month_first or first[2]
    if example and bool(is_day_first) == bool(is_month_first):
        raise ConnectionFailedError(f"is {example} day or month first? Set dates: dmy, or dates: mdy")
    return bool(is_day_first)


def _create(
    con: duckdb.DuckDBPyConnection,
    table: str,
    specification: VendorTable,
    connection: Connection,
    found: list[Relation],
    columns: list[_Picked],
    dmy: bool,
) -> int | None:
    kinds = {**IMPLIED, **specification.columns}
    key = " || ':' || ".join(f"coalesce({identifier(column)}, '')" for column in specification.key) or "NULL"
    parts = []
    for place, (relation, picked) in enumerate(zip(found, columns, strict=True)):
        zone = literal(relation.time_zone or connection.time_zone)
        texts = ", ".join(
            f"nullif(trim({text}), '') AS {identifier(name)}" if text else f"NULL::VARCHAR AS {identifier(name)}"
            for name, (text, _) in picked.items()
        )
        values = ", ".join(
            f"{_READ[kind.type].format(identifier(name), zone, str(dmy).lower())} AS {identifier(name)}"
            for name, kind in kinds.items()
        )
        # A replicator that keeps history says which version is the current one; a row without is gone.
        current = relation.columns.get("fivetranactive")
        is_current = f"coalesce(as_bool({current}), 'true') = 'true'" if current else "true"
        parts.append(
            f"SELECT {values}, {literal(relation.file)} AS _vendor_file, {place} AS _place, _is_current "
            f"FROM (SELECT {texts}, {is_current} AS _is_current FROM {relation.sql})"
        )
    nothing = ", ".join(f"NULL::VARCHAR AS {identifier(name)}" for name in [*kinds, "_vendor_file"])
    rows = " UNION ALL ".join(parts) or f"SELECT {nothing}, 0 AS _place, true AS _is_current WHERE false"
    latest = ""
    if specification.key:
        keys = ", ".join(map(identifier, specification.key))
        latest = (
            f"WHERE {' AND '.join(f'{identifier(name)} IS NOT NULL' for name in specification.key[:1])} "
            f"QUALIFY row_number() OVER (PARTITION BY {keys} "
            "ORDER BY _is_current DESC, updated_at DESC NULLS LAST, _place DESC) = 1"
        )
    con.execute(
        f"CREATE TABLE {identifier(table)} AS SELECT * EXCLUDE (_place, _is_current) REPLACE (CASE WHEN _is_current "
        f"THEN is_deleted ELSE 'true' END AS is_deleted), {key} AS _vendor_id FROM ({rows}) {latest}"
    )
    (count,) = con.execute(f"SELECT count(*) FROM {identifier(table)}").fetchone() or (0,)
    return int(count) if found else None


def _unpivot(con: duckdb.DuckDBPyConnection, table: str, key: str, found: list[Relation]) -> None:
    """Make two tables of a survey export: its question columns with words and import ids, and its cells."""
    columns, cells = f"{table}_columns", f"{table}_cells"
    con.execute(
        f"CREATE TABLE {columns} (_vendor_file VARCHAR, position INT, name VARCHAR, words VARCHAR, import_id VARCHAR)"
    )
    con.execute(f"CREATE TABLE {cells} (response_id VARCHAR, _vendor_file VARCHAR, position INT, value VARCHAR)")
    for relation in found:
        if not relation.header:
            continue
        for i, name in enumerate(relation.header[0]):
            words, tag = (relation.header[row][i : i + 1] if len(relation.header) > row else () for row in (1, 2))
            con.execute(
                f"INSERT INTO {columns} SELECT ?, ?, ?, ?, CASE WHEN json_valid(?) THEN ?->>'$.ImportId' END",
                [relation.file, i, name, "".join(words), "".join(tag), "".join(tag)],
            )
        values = ", ".join(f"c{i}" for i in range(len(relation.header[0])))
        con.execute(
            f"INSERT INTO {cells} SELECT * FROM (SELECT {relation.columns[squeeze(key)]} AS response_id, ?, "
            f"unnest(range({len(relation.header[0])})) AS position, unnest([{values}]) AS value FROM {relation.sql}) "
            "WHERE value IS NOT NULL",
            [relation.file],
        )
