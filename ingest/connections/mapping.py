"""From a vendor's tables to records of the contracts: maps, links, and the connector's SQL.

Belongs here: what a client says a value means, which account a customer is, running a connector's queries.
Does not: reading the vendor (canonical), what of the records is new (changes).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from ingest import landing
from ingest.connections import Configuration, ConfigurationError, Connection, ConnectionFailedError, Connector
from ingest.connections.canonical import Tables
from ingest.contracts import Contract, load_contracts
from ingest.rules import identifier, literal

MACROS = Path(__file__).parent / "macros.sql"
LINKS = "links.csv"
SINCE = "_since"
"""A column of a connector's contact roles besides the contract's: when a role without a start may have begun."""

_OWN_IDS = {
    *("interaction_id", "journey_id", "invoice_id", "payment_id", "notice_id", "survey_id", "response_id"),
    *("invitation_id", "follow_up_id", "subscription_id", "product_id", "site_id"),
}
_NEEDS = re.compile(r"^-- needs: (.*)$", re.MULTILINE)
_FREE_MAIL = (
    *("gmail.com", "googlemail.com", "yahoo.com", "yahoo.co.uk", "hotmail.com", "outlook.com", "live.com", "msn.com"),
    *("icloud.com", "me.com", "aol.com", "gmx.de", "gmx.net", "web.de", "t-online.de", "orange.fr", "free.fr"),
    *("proton.me", "protonmail.com", "qq.com", "163.com", "yandex.ru", "mail.ru"),
)
_PROGRAMME = {"touchpoints": "touchpoint", "roles": "role", "teams": "team_id", "measures": "measure"}


@dataclass(frozen=True)
class Programme:
    """The codes that the programme knows, by file, and the journey of each touchpoint."""

    codes: Mapping[str, frozenset[str]]
    journeys: Mapping[str, str]


@dataclass(frozen=True)
class Mapped:
    """One value of a map: how often it occurs, its code, whether a map says so, and whether that is a code."""

    map: str
    value: str
    count: int
    code: str | None
    is_mapped: bool
    is_known: bool
    known_as: str


@dataclass
class Links:
    """How many customers were linked to an account, by rule, and how many were not; among how many accounts."""

    by_rule: dict[str, int] = field(default_factory=dict)
    unlinked: int = 0
    candidates: int = 0


def read_programme(folders: Sequence[Path]) -> Programme:
    """Read the codes of a programme; a file that the first folder lacks is taken from the next."""
    codes: dict[str, frozenset[str]] = {}
    journeys: dict[str, str] = {}
    for name, column in _PROGRAMME.items():
        path = next((folder / f"{name}.csv" for folder in folders if (folder / f"{name}.csv").is_file()), None)
        rows = list(_rows(path)) if path else []
        codes[name] = frozenset(row[column] for row in rows if row.get(column))
        if name == "touchpoints":
            journeys = {row["touchpoint"]: row.get("journey", "") for row in rows}
    return Programme(codes, journeys)


def read_maps(configuration: Configuration, connector: Connector) -> dict[tuple[str, str], str]:
    """Return the code of each map's values: the client's word before the connector's. Raises ConfigurationError."""
    found: dict[tuple[str, str], str] = {}
    for folder in (connector.folder / "maps", configuration.folder / "maps"):
        for path in sorted(folder.glob("*.csv")):
            if not path.name.endswith(".todo.csv"):
                found |= _map_of(path)
    return found


def _map_of(path: Path) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for row in _rows(path, "value", "code"):
        key = (path.stem, (row["value"] or "").strip().lower())
        code = (row["code"] or "").strip()
        if key[1] and code and found.setdefault(key, code) != code:
            raise ConfigurationError(f"{path}: {row['value']} stands twice, as {found[key]} and as {code}")
    return found


def read_links(configuration: Configuration) -> list[tuple[str, str, str]]:
    """Return what the client says: connection, ref, account_id. Raises ConfigurationError."""
    path = configuration.folder / LINKS
    if not path.exists():
        return []
    rows = [
        (row["connection"].strip(), row["ref"].strip(), row["account_id"].strip())
        for row in _rows(path, "connection", "ref", "account_id")
        if row["account_id"] and row["account_id"].strip()
    ]
    accounts: dict[tuple[str, str], str] = {}
    for connection, ref, account in rows:
        if accounts.setdefault((connection, ref), account) != account:
            raise ConfigurationError(f"{path}: {connection}, {ref} stands twice, with different accounts")
    return list(dict.fromkeys(rows))


def _rows(path: Path, *columns: str) -> Iterator[dict[str, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} can't be read: {error}; save it as CSV UTF-8") from None
    first = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if ";" in first and "," not in first else ",")
    for column in columns:
        if column not in (reader.fieldnames or ()):
            raise ConfigurationError(f"{path}: no column {column}; its header must be {','.join(columns)}")
    yield from ({key: value or "" for key, value in row.items() if key is not None} for row in reader)


def create_words(
    con: duckdb.DuckDBPyConnection,
    name: str,
    connection: Connection,
    connector: Connector,
    maps: Mapping[tuple[str, str], str],
    now: datetime,
) -> None:
    """Create what a connector's SQL may use: the macros, the maps and the settings."""
    unknown = connection.settings.keys() - connector.settings.keys()
    if unknown:
        known = ", ".join(connector.settings) or "none"
        raise ConnectionFailedError(f"settings: {connector.title} has no {', '.join(sorted(unknown))}; it has {known}")
    con.execute("CREATE TABLE maps (map VARCHAR, value VARCHAR, code VARCHAR)")
    if maps:
        con.executemany("INSERT INTO maps VALUES (?, ?, ?)", [[*key, code] for key, code in maps.items()])
    con.execute("CREATE TABLE links (ref VARCHAR, account_id VARCHAR, rule VARCHAR)")
    for key, value in {**connector.settings, **connection.settings}.items():
        text = (
            "NULL::VARCHAR" if value is None else literal(str(value).lower() if isinstance(value, bool) else str(value))
        )
        con.execute(f"SET VARIABLE {identifier(key)} = {text}")
    con.execute(f"SET VARIABLE connection = {literal(name)}")
    con.execute(f"SET VARIABLE now = {literal(now.strftime('%Y-%m-%dT%H:%M:%S.%fZ'))}")


def create_known(con: duckdb.DuckDBPyConnection, name: str, zone: Path) -> None:
    """Create the accounts and contacts landed so far, whoever landed them: what others are linked to."""
    found = landing.survey(zone).files if zone.is_dir() else {}
    for table, entity, columns in (
        ("accounts", "crm.accounts", ("account_id", "account_name", "merged_into_account_id")),
        ("contacts", "crm.contacts", ("contact_id", "account_id", "email", "merged_into_contact_id")),
    ):
        parts = [
            _landed(con, kind, [file for file in found.get(entity, []) if file.format == kind], columns)
            for kind in ("parquet", "csv", "jsonl")
        ]
        nothing = ", ".join(f"NULL::VARCHAR AS {column}" for column in (*columns, "is_deleted", "updated_at", "file"))
        body = " UNION ALL ".join([*filter(None, parts), f"SELECT {nothing} WHERE false"])
        prefix = f"{zone / 'crm' / table}/"
        con.execute(
            f"CREATE TABLE known_{table} AS SELECT {', '.join(columns)}, is_deleted, "
            f"CASE WHEN contains(substr(file, {len(prefix) + 1}), '/') "
            f"THEN split_part(substr(file, {len(prefix) + 1}), '/', 1) END AS connection FROM ({body}) "
            f"WHERE {columns[0]} IS NOT NULL QUALIFY row_number() OVER (PARTITION BY {columns[0]} "
            "ORDER BY try_cast(updated_at AS TIMESTAMPTZ) DESC NULLS LAST, file DESC) = 1"
        )
    con.execute(
        "CREATE TABLE unique_mails AS SELECT lower(trim(email)) AS email, min(contact_id) AS contact_id "
        "FROM known_contacts WHERE nullif(trim(email), '') IS NOT NULL AND merged_into_contact_id IS NULL "
        "AND is_deleted IS DISTINCT FROM 'true' AND NOT starts_with(contact_id, ? || ':') "
        "GROUP BY 1 HAVING count(DISTINCT contact_id) = 1",
        [name],
    )


def _landed(
    con: duckdb.DuckDBPyConnection, kind: str, files: Sequence[landing.LandedFile], columns: Iterable[str]
) -> str | None:
    if not files:
        return None
    paths = f"[{', '.join(literal(str(file.path)) for file in files)}]"
    relation = {
        "parquet": f"read_parquet({paths}, union_by_name=true, filename='_from')",
        "csv": f"read_csv({paths}, union_by_name=true, all_varchar=true, header=true, filename='_from')",
        "jsonl": f"read_json({paths}, union_by_name=true, format='newline_delimited', filename='_from')",
    }[kind]
    try:
        there = {row[0] for row in con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()}
    except duckdb.Error:
        if len(files) == 1:
            return None  # what can't be read is the door's to say
        halves = (_landed(con, kind, half, columns) for half in (files[: len(files) // 2], files[len(files) // 2 :]))
        return " UNION ALL ".join(filter(None, halves)) or None
    chosen = ", ".join(
        f"{column}::VARCHAR AS {column}" if column in there else f"NULL::VARCHAR AS {column}"
        for column in (*columns, "is_deleted", "updated_at")
    )
    return f"SELECT {chosen}, _from AS file FROM {relation}"


def link(
    con: duckdb.DuckDBPyConnection,
    name: str,
    connection: Connection,
    connector: Connector,
    own_links: Sequence[tuple[str, str, str]],
) -> Links:
    """Find the account of each of the vendor's customers: by the client's list, an id, a mail domain, a name."""
    if not connector.has_parties:
        return Links()
    query = (connector.folder / "parties.sql").read_text(encoding="utf-8")
    _select(con, "parties_all", query, f"{connector.title}: parties.sql")
    con.execute(
        "CREATE TABLE parties AS SELECT ref, max(name) AS name, max(crm_id) AS crm_id, max(domain) AS domain, "
        "max(updated_at) AS updated_at FROM parties_all WHERE ref IS NOT NULL GROUP BY ref"
    )
    con.execute("CREATE TABLE own_links (ref VARCHAR, account_id VARCHAR)")
    ours = [[ref, account] for owner, ref, account in own_links if owner == name]
    if ours:
        con.executemany("INSERT INTO own_links VALUES (?, ?)", ours)
    # what a name or a domain may lead to: accounts of others that are neither gone nor merged into another
    con.execute(
        "CREATE TABLE candidates AS SELECT account_id, account_name FROM known_accounts "
        "WHERE is_deleted IS DISTINCT FROM 'true' AND merged_into_account_id IS NULL "
        "AND NOT starts_with(account_id, ? || ':')",
        [name],
    )
    free = ", ".join(map(literal, _FREE_MAIL))
    con.execute(
        f"""
        CREATE TABLE found AS
        WITH domains AS (
            SELECT mail_domain(email) AS domain, min(account_id) AS account_id FROM known_contacts
            WHERE mail_domain(email) NOT IN ({free}) AND account_id IN (SELECT account_id FROM candidates)
            GROUP BY ALL HAVING count(DISTINCT account_id) = 1
        ),
        names AS (
            SELECT plain_name(account_name) AS name, min(account_id) AS account_id FROM candidates
            WHERE plain_name(account_name) IS NOT NULL GROUP BY ALL HAVING count(*) = 1
        )
        SELECT parties.ref, own_links.account_id AS by_list, ids.account_id AS by_id, domains.account_id AS by_domain,
            names.account_id AS by_name
        FROM parties
        LEFT JOIN own_links ON own_links.ref = parties.ref
        LEFT JOIN known_accounts AS ids ON ids.account_id = sfid(parties.crm_id)
        LEFT JOIN domains ON domains.domain = lower(trim(parties.domain))
        LEFT JOIN names ON names.name = plain_name(parties.name)
        """
    )
    con.execute(
        "INSERT INTO links SELECT ref, coalesce(by_list, by_id, by_domain, by_name), CASE WHEN by_list IS NOT NULL "
        "THEN 'links.csv' WHEN by_id IS NOT NULL THEN 'id' WHEN by_domain IS NOT NULL THEN 'domain' ELSE 'name' END "
        "FROM found WHERE coalesce(by_list, by_id, by_domain, by_name) IS NOT NULL"
    )
    if connection.unlinked == "create":
        con.execute("INSERT INTO links SELECT ref, own(ref), 'created' FROM parties ANTI JOIN links USING (ref)")
    rules = con.execute("SELECT rule, count(*) FROM links GROUP BY ALL ORDER BY 1").fetchall()
    (unlinked,) = con.execute("SELECT count(*) FROM parties ANTI JOIN links USING (ref)").fetchone() or (0,)
    (candidates,) = con.execute("SELECT count(*) FROM candidates").fetchone() or (0,)
    return Links(dict(rules), int(unlinked), int(candidates))


_CREATED_ACCOUNTS = """
    select
        own(parties.ref) as account_id, coalesce(parties.name, parties.ref) as account_name, 'active' as status,
        case when links.rule <> 'created' then links.account_id end as merged_into_account_id, parties.updated_at,
        parties.ref as _vendor_id
    from parties
    inner join links on parties.ref = links.ref
    where links.rule = 'created' or own(parties.ref) in (select account_id from known_accounts)
"""
"""Whom no other system knows is an account of its own; found elsewhere later, it is merged into that one."""


def map_records(
    con: duckdb.DuckDBPyConnection, name: str, connection: Connection, connector: Connector, tables: Tables
) -> dict[str, int]:
    """Run the connector's SQL: one table per entity, all texts, the contract's columns. Returns rows by entity."""
    prepare = connector.folder / "prepare.sql"
    if prepare.exists():
        try:
            con.execute(prepare.read_text(encoding="utf-8"))
        except duckdb.Error as error:
            raise ConnectionFailedError(f"{prepare}: {_first_line(error)}") from error
    queries: dict[str, list[tuple[str, str]]] = {}
    for entity, file, sql in connector.sql():
        needed = [table.strip().strip('"') for found in _NEEDS.findall(sql) for table in found.split(",")]
        if all(tables.has(table) for table in needed):
            queries.setdefault(entity, []).append((file, sql))
    if connection.unlinked == "create" and connector.has_parties:
        queries.setdefault("crm.accounts", []).append(("accounts of its own", _CREATED_ACCOUNTS))
    order = list(load_contracts())
    return {
        entity: _map_entity(con, name, load_contracts()[entity], queries[entity])
        for entity in sorted(queries, key=order.index)
    }


def mapped_table(contract: Contract) -> str:
    """Return the name of the table of an entity's mapped records."""
    return f"mapped_{contract.table}"


def columns_of(contract: Contract) -> list[str]:
    """Return the columns that a mapped record has, the contract's."""
    return [column.name for column in contract.columns]


def _map_entity(
    con: duckdb.DuckDBPyConnection, name: str, contract: Contract, queries: Sequence[tuple[str, str]]
) -> int:
    is_spell = contract.name == "crm.contact_roles"
    wanted = [*columns_of(contract), *([SINCE] if is_spell else [])]
    parts = []
    for place, (file, sql) in enumerate(queries):
        part = f"part_{contract.table}_{place}"
        _select(con, part, sql, file)
        there = {row[0] for row in con.execute(f"DESCRIBE {part}").fetchall()}
        if unknown := sorted(there - set(wanted)):
            raise ConnectionFailedError(f"{file}: {contract.name} has no column {', '.join(unknown)}")
        taken = ", ".join(
            f"{_id_of(name, contract, column)} AS {column}" if column in there else f"NULL::VARCHAR AS {column}"
            for column in wanted
        )
        parts.append(f"SELECT {taken} FROM {part}")
    body = " UNION ALL ".join(parts)
    if is_spell:  # a role without a start has no whole key yet (changes)
        con.execute(f"CREATE TABLE {mapped_table(contract)} AS {body}")
    else:
        keys = ", ".join(key.name for key in contract.keys)
        rest = ", ".join(f"{column} NULLS LAST" for column in wanted)
        con.execute(
            f"CREATE TABLE {mapped_table(contract)} AS SELECT * FROM ({body}) QUALIFY row_number() OVER "
            f"(PARTITION BY {keys} ORDER BY updated_at DESC NULLS LAST, {rest}) = 1"
        )
    (count,) = con.execute(f"SELECT count(*) FROM {mapped_table(contract)}").fetchone() or (0,)
    return int(count)


def _id_of(name: str, contract: Contract, column: str) -> str:
    """Return a column's text; an id of the vendor's begins with the connection, because two systems both have 105."""
    text = f"nullif({column}::VARCHAR, '')"
    is_anothers = contract.source == "survey" and column in ("interaction_id", "journey_id")
    return f"{literal(name + ':')} || {text}" if column in _OWN_IDS and not is_anothers else text


def _select(con: duckdb.DuckDBPyConnection, table: str, sql: str, what: str) -> None:
    """Create a table from one query of a connector. Raises ConnectionFailedError if it is anything else."""
    try:
        statements = con.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise ConnectionFailedError(f"{what}: must be one select")
        con.execute(f"CREATE TABLE {table} AS {sql.strip().rstrip(';')}")
    except duckdb.Error as error:
        raise ConnectionFailedError(f"{what}: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split("\n")[0].split())


def known_codes(to: str | None, programme: Programme) -> tuple[frozenset[str] | None, str]:
    """Return the codes that a map may lead to, None if any, and what they are called."""
    if to is None:
        return None, ""
    if to in programme.codes:
        return programme.codes[to], f"{to}.csv"
    entity, _, name = to.rpartition(".")
    column = next(column for column in load_contracts()[entity].columns if column.name == name)
    return frozenset((*(column.allowed or ()), "ignore")), to


def census(con: duckdb.DuckDBPyConnection, connector: Connector, tables: Tables, programme: Programme) -> list[Mapped]:
    """Return every value that needs a code: how often it occurs, its code, whether that is one."""
    found = []
    for name, wanted in connector.maps.items():
        if not all(tables.has(table) for table in wanted.needs):
            continue
        codes, known_as = known_codes(wanted.to, programme)
        query = (
            f"SELECT trim(value) AS value, count(*) AS n FROM ({wanted.values}) WHERE trim(value) <> '' GROUP BY ALL"
        )
        steps = {"": ("coded", "mapped"), **dict.fromkeys(wanted.steps, ("step_of", "step_of"))}
        for step, (coded, mapped) in steps.items():
            call = f"({literal(name)}, value{f', {literal(step)}' if step else ''})"
            for value, count, code, is_mapped in con.execute(
                f"SELECT value, n, {coded}{call}, {mapped}{call} IS NOT NULL FROM ({query}) ORDER BY n DESC, value"
            ).fetchall():
                shown = f"{value} > {step}" if step else value
                is_known = code is not None and (codes is None or code in codes)
                found.append(Mapped(name, shown, count, code, is_mapped, is_known, known_as))
    return found


def apart(found: Sequence[Mapped], programme: Programme) -> list[str]:
    """Return the kinds whose opening and closing touchpoints lie in different journeys, one line each."""
    lines = []
    codes = {(one.map, one.value): one.code or "" for one in found}
    for (name, value), code in codes.items():
        closing = codes.get((name, f"{value} > closed"))
        opened, closed = programme.journeys.get(code), programme.journeys.get(closing or "")
        if closing and opened and closed and opened != closed:
            lines.append(f"{name}: {value} opens in journey {opened} ({code}) and closes in {closed} ({closing})")
    return lines
