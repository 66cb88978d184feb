"""Landed files at a named size: a small demo world, multiplied in SQL.

Belongs here: how many accounts a size has, the copies of the demo world, a day that follows the history, a correction.
Does not: what a believable account looks like (answerable.demo), what is measured with the files (runs).

    python -m bench.data --size 1 --out DIR                    makes DIR/landing
    python -m bench.data --out DIR --day 1 --share 0.001       lands a day that follows
    python -m bench.data --out DIR --correct 1                 lands a correction of one account

Every size has the same proportions, because every size is copies of one world: 1 account per 500 interactions. The size
of the demo alone is different: it is the world of `answerable demo`, 500 accounts with 100 interactions or so. Ids
carry the number of their copy, so copies share nothing but products, surveys and questions. The demo's late, repeated,
tied, corrected and deleted records are in every copy; its hand-written unreadable rows are left out, so that a plain
reader can read the same files.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Literal

import duckdb

from answerable.demo import DEMO_END, generate
from ingest.contracts import Column, Contract, load_contracts
from ingest.rules import identifier, literal, sql_type

Format = Literal["parquet", "csv"]

ACCOUNTS_PER_MILLION = 2000
BASE_ACCOUNTS = 200
SHIFT_DAYS = 42
"""The history ends in the middle of a month and a quarter: the day that follows opens no period, like most days."""
END = datetime.fromisoformat(DEMO_END) - timedelta(days=SHIFT_DAYS)
"""The last instant of the history, the clock of a run on it."""

INTERACTIONS_PER_ACCOUNT = 556
"""Asked of the demo, whose churned accounts and prospects have fewer: 500 on average."""
DEMO_MILLIONS, DEMO_ACCOUNTS, DEMO_INTERACTIONS_PER_ACCOUNT = 0.05, 500, 110
"""The size of what `answerable demo` makes where nothing is said."""
_ROWS_PER_FILE = 1_500_000
_FEWEST_FILES = 4
_JOURNEY_DAYS = 60
_SHARED_ENTITIES = ("crm.products", "survey.surveys", "survey.questions")
_SHARED_IDS = ("product_id", "survey_id", "question_id")
_COPY_OPTIONS = {
    "parquet": "format parquet, compression zstd",
    "csv": "format csv, header, timestampformat '%Y-%m-%dT%H:%M:%S.%fZ'",
}


@dataclass(frozen=True)
class World:
    """What was made in a folder: enough to land more that fits to it."""

    folder: Path
    millions: float
    seed: int
    copies: int
    base_accounts: int
    format: Format
    rows: dict[str, int] = field(default_factory=dict)
    accounts: int = 0
    columns: dict[str, list[str]] = field(default_factory=dict)

    @property
    def landing(self) -> Path:
        """The landing zone."""
        return self.folder / "landing"

    @property
    def base(self) -> Path:
        """The demo world that is copied, typed tables in a DuckDB file."""
        return self.folder / "base.duckdb"

    def day(self, number: int) -> date:
        """Return the day `number` days after the last one of the history."""
        return END.date() + timedelta(days=number)

    def clock(self, number: int = 0) -> str:
        """Return the last instant of that day, for ANSWERABLE_AS_OF."""
        return datetime.combine(self.day(number), time(23, 59, 59), UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True)
class Landed:
    """What was landed after the history: rows per entity, and how many accounts they touch."""

    rows: dict[str, int]
    accounts_touched: int

    @property
    def records(self) -> int:
        """Rows of all entities."""
        return sum(self.rows.values())


@dataclass(frozen=True)
class _Daily:
    """How an entity's records of a new day follow from old ones.

    own: ids that become new. via: what knows the account and the day of a record that does not say it itself. Records
    move to the new day with all their instants and days, unless `stays`: then only `updated_at` moves, and every second
    one keeps its id, as a new version of an old record that says the same.
    """

    entity: str
    own: tuple[str, ...] = ()
    via: str = ""
    stays: bool = False


_DAILY = (
    _Daily("crm.accounts", ("account_id",), stays=True),
    _Daily("crm.sites", ("site_id",)),
    _Daily("crm.subscriptions", ("subscription_id",)),
    _Daily("crm.contacts", ("contact_id",), stays=True),
    _Daily("crm.contact_roles"),
    _Daily("crm.interactions", ("interaction_id",)),
    _Daily("billing.invoices", ("invoice_id",)),
    _Daily("billing.payments", ("payment_id",), "billed using (invoice_id)"),
    _Daily("billing.notices", ("notice_id",)),
    # A response comes with its invitation, its answers and its follow-up.
    _Daily("survey.invitations", ("invitation_id",), "asked using (invitation_id)"),
    _Daily("survey.responses", ("response_id", "invitation_id"), "asked using (invitation_id)"),
    _Daily("survey.answers", ("response_id",), "answered using (response_id)"),
    _Daily("survey.follow_ups", ("follow_up_id", "response_id"), "answered using (response_id)"),
)
_OCCASIONS = (
    """
    create temp view clients as
    select account_id as client from base.crm_accounts group by account_id having max_by(status, updated_at) = 'active'
    """,
    """
    create temp view billed as
    select invoice_id, min(account_id) as whose, null::date as occasion from base.billing_invoices group by invoice_id
    """,
    """
    create temp view asked as
    select invitation_id, min(account_id) as whose, min(sent_at)::date as occasion, min(last_one) as last_interaction_id
    from base.survey_invitations
    left join (
        select account_id, max_by(interaction_id, (occurred_at, interaction_id)) as last_one
        from base.crm_interactions where not coalesce(is_deleted, false) group by account_id
    ) using (account_id)
    group by invitation_id
    """,
    """
    create temp view answered as
    select distinct response_id, whose, occasion from base.survey_responses inner join asked using (invitation_id)
    """,
)


def make(
    folder: Path,
    millions: float,
    *,
    seed: int = 7,
    format: Format = "parquet",
    base_accounts: int = BASE_ACCOUNTS,
    interactions_per_account: int = INTERACTIONS_PER_ACCOUNT,
) -> World:
    """Write landed files with about so many million interactions below `folder/landing`.

    `base_accounts` and `interactions_per_account` are those of the world that is copied. Needs the disk of the files
    and less than 3 GB of memory at any size. Raises ValueError for a folder that has data already, and for a size below
    the 40 accounts of a demo.
    """
    if (folder / "landing").exists():
        raise ValueError(f"{folder} has data already: choose another folder or remove it")
    accounts = round(millions * ACCOUNTS_PER_MILLION * INTERACTIONS_PER_ACCOUNT / interactions_per_account)
    base = min(base_accounts, accounts)
    folder.mkdir(parents=True, exist_ok=True)
    world = World(folder, millions, seed, max(1, round(accounts / max(1, base))), base, format)
    with tempfile.TemporaryDirectory(prefix="base-", dir=folder) as name:
        generate(Path(name) / "demo", accounts=base, seed=seed, interactions_per_account=interactions_per_account)
        with _session(world) as connection:
            for contract in load_contracts().values():
                _read_base(connection, contract, Path(name) / "demo")
    with _session(world) as connection:
        rows = {contract.name: _write_history(connection, world, contract) for contract in load_contracts().values()}
        known = _one(connection, "select count(distinct account_id) from base.crm_accounts") * world.copies
    world = replace(world, rows=rows, accounts=known, columns=_columns())
    (folder / "data.json").write_text(json.dumps({**asdict(world), "folder": None}) + "\n", encoding="utf-8")
    return world


def find(folder: Path) -> World:
    """Return the world that was made in a folder. Raises ValueError if there is none, or half of one."""
    try:
        world = World(**{**json.loads((folder / "data.json").read_text(encoding="utf-8")), "folder": folder})
    except FileNotFoundError:
        raise ValueError(f"{folder} holds no finished data: remove it, it is made anew") from None
    if world.columns != _columns():
        raise ValueError(f"{folder} holds data of other contracts: remove it, it is made anew")
    return world


def _columns() -> dict[str, list[str]]:
    """Return the columns that are written of each entity."""
    return {contract.name: [column.name for column in contract.content] for contract in load_contracts().values()}


def add_day(world: World, number: int, share: float) -> Landed:
    """Land a day that adds `share` of the records of every entity that a day brings, `number` days after the history.

    What one account did on one day of the history is drawn as a whole, by hash: the new day is spread over accounts as
    the days of the history are, but for those that left. Clients and roles that are new are so from this day on, and
    who is asked about an interaction is asked about the last one. No client's value changes: that weighs every answer
    of every period anew and is what `correct` is for.
    """
    contracts = load_contracts()
    with _session(world) as connection:
        for view in _OCCASIONS:
            connection.execute(view)
        rows = {
            daily.entity: _write_day(connection, world, contracts[daily.entity], daily, number, share)
            for daily in _DAILY
        }
        touched = _accounts(connection, world, f"day_{number:04d}.*")
    return Landed(rows, touched)


def correct(world: World, number: int) -> Landed:
    """Land a correction of one account, on the last instant of day `number`: another annual value."""
    contract = load_contracts()["crm.accounts"]
    copy = number % world.copies
    changed = {
        "updated_at": f"timestamptz {literal(world.clock(number))}",
        "annual_value": f"(annual_value * {10 + number} / 10)::decimal(18, 2)",  # another one at each correction
    }
    columns = ", ".join(
        f"{changed.get(column.name, _copied(column, str(copy)))} as {identifier(column.name)}"
        for column in contract.content
    )
    # An ordinary account: the one in the middle by number of interactions.
    account = """
        select account_id from base.crm_interactions inner join base.crm_accounts using (account_id)
        where status = 'active' and merged_into_account_id is null and not coalesce(crm_accounts.is_deleted, false)
        group by account_id order by count(*), account_id
        limit 1 offset (select count(distinct account_id) // 2 from base.crm_accounts where status = 'active')
    """
    with _session(world) as connection:
        rows = _copy(
            connection,
            f"select {columns} from base.crm_accounts where account_id = ({account}) order by updated_at desc limit 1",
            _file(world, contract, f"correction_{number:04d}"),
        )
    return Landed({contract.name: rows}, rows)


@contextmanager
def _session(world: World) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the base world as catalog `base`; whatever does not fit into memory spills beside it."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'; set enable_progress_bar = false; set memory_limit = '2GB'")
        connection.execute(f"set temp_directory = {literal(str(world.folder / 'spill'))}")
        connection.execute(f"attach {literal(str(world.base))} as base")
        yield connection


def _read_base(connection: duckdb.DuckDBPyConnection, contract: Contract, demo: Path) -> None:
    """Type the demo's files of an entity; files landed twice and files typed by hand are left out.

    Of versions that tie and differ one is kept: which of them a run takes follows from a hash that the floor has not.
    """
    files = [str(path) for path in sorted(demo.joinpath(contract.source, contract.entity).glob("*_[0-9][0-9][0-9].*"))]
    kind = Path(files[0]).name.split(".")[1]
    landed = {"csv": "read_csv(?, all_varchar = true)", "jsonl": "read_json(?)", "parquet": "read_parquet(?)"}[kind]
    columns = ", ".join(
        f"{identifier(column.name)}::{sql_type(column)} as {identifier(column.name)}" for column in contract.content
    )
    version = ", ".join([*(identifier(key.name) for key in contract.keys), "updated_at"])
    connection.execute(
        f"create table base.{contract.table} as with typed as (select {columns} from {landed}) from typed "
        f"qualify rank() over (partition by {version} order by hash(typed)) = 1",
        [files],
    )


def _write_history(connection: duckdb.DuckDBPyConnection, world: World, contract: Contract) -> int:
    """Write every copy of an entity, one file per slice of time."""
    shared = contract.name in _SHARED_ENTITIES
    copies = 1 if shared else world.copies
    rows = copies * _one(connection, f"select count(*) from base.{contract.table}")
    files = 1 if shared else max(_FEWEST_FILES, -(-rows // _ROWS_PER_FILE))
    connection.execute(
        f"create or replace temp table slices as select *, ntile({files}) over (order by updated_at, "
        f"{', '.join(identifier(key.name) for key in contract.keys)}) as slice from base.{contract.table}"
    )
    columns = ", ".join(f"{_copied(column, 'copy')} as {identifier(column.name)}" for column in contract.content)
    return sum(
        _copy(
            connection,
            f"select {columns} from slices cross join range({copies}) as copies (copy) where slice = {number} "
            "order by updated_at",
            _file(world, contract, f"history_{number:04d}"),
        )
        for number in range(1, files + 1)
    )


def _copied(column: Column, copy: str) -> str:
    """Return the SQL of a column's value in a copy: ids prefixed, instants a little apart, all of it some weeks ago."""
    name = identifier(column.name)
    match column.type:
        case "id" if column.name not in _SHARED_IDS:
            return _copied_id(name, copy)
        case "ts":
            return f"{name} - to_days({SHIFT_DAYS}) - to_seconds({copy} * 7919 % 86400)"
        case "date":
            return f"{name} - {SHIFT_DAYS}"
        case _:
            return name


def _copied_id(name: str, copy: str) -> str:
    return f"'K' || lpad({copy}::varchar, 4, '0') || '-' || {name}"


def _write_day(
    connection: duckdb.DuckDBPyConnection, world: World, contract: Contract, daily: _Daily, number: int, share: float
) -> int:
    whose, occasion = (
        ("whose", "coalesce(occasion, updated_at::date)") if daily.via else ("account_id", "updated_at::date")
    )
    columns = ", ".join(
        f"{_moved(column, daily, world, number, occasion)} as {identifier(column.name)}" for column in contract.content
    )
    keys = ", ".join(identifier(key.name) for key in contract.keys)
    last = f"qualify row_number() over (partition by {keys} order by updated_at desc) = 1" if daily.stays else ""
    return _copy(
        connection,
        f"""
        with drawn as (
            select *, hash({whose}, {occasion}, copy, 'day', {number}, {world.seed}) as dice
            from (from base.{contract.table} {last}) {f"inner join {daily.via}" if daily.via else ""}
            semi join clients on {whose} = client
            cross join range({world.copies}) as copies (copy)
            where not coalesce(is_deleted, false) and dice < {int(share * 2**64)}::ubigint
        )

        select {columns} from drawn order by updated_at
        """,
        _file(world, contract, f"day_{number:04d}"),
    )


def _moved(column: Column, daily: _Daily, world: World, number: int, occasion: str) -> str:
    """Return the SQL of a column's value in a record of the new day. The last bits of the dice decide what is new."""
    name, copied = identifier(column.name), _copied(column, "copy")
    if column.name == "interaction_id" and daily.via:  # asked about the last one there was
        return f"if(interaction_id is null, null, {_copied_id('last_interaction_id', 'copy')})"
    if column.name in daily.own:
        fresh = f"'D{number}-' || {copied}"
        return f"if(dice % 2 = 0, {fresh}, {copied})" if daily.stays else fresh
    if column.name == "journey_id":  # of the journeys of the last weeks three in four go on, older ones are over
        lately = f"{occasion} >= date '{DEMO_END[:10]}' - {_JOURNEY_DAYS}"
        return f"if({lately} and dice % 4 > 0, {copied}, 'D{number}-' || {copied})"
    if column.name == "customer_since":
        return f"if(dice % 2 = 0, date '{world.day(number)}', {copied})"
    if (daily.entity, column.name) == ("crm.contact_roles", "valid_from"):
        return f"date '{world.day(number)}'"
    if (daily.entity, column.name) == ("crm.contact_roles", "valid_to"):
        return "null::date"
    days = f"(date '{world.day(number)}' - updated_at::date)::int"
    match column.type:
        case "ts" if column.name == "updated_at" or not daily.stays:
            return f"least({name} + to_days({days}), timestamptz {literal(world.clock(number))})"
        case "date" if not daily.stays:
            return f"{name} + {days}"
        case _:
            return copied


def _accounts(connection: duckdb.DuckDBPyConnection, world: World, files: str) -> int:
    """Count the accounts that files name, on their own or through an invoice, a response or a contact."""
    reader = {
        "parquet": "read_parquet(?, union_by_name = true)",
        "csv": "read_csv(?, union_by_name = true, all_varchar = true)",
    }
    named = [
        str(path)
        for contract in load_contracts().values()
        if any(column.name == "account_id" for column in contract.content)
        for path in world.landing.joinpath(contract.source, contract.entity).glob(files)
    ]
    return _one(connection, f"select count(distinct account_id) from {reader[world.format]}", [named]) if named else 0


def _file(world: World, contract: Contract, stem: str) -> Path:
    return world.landing.joinpath(contract.source, contract.entity, f"{stem}.{world.format}")


def _copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    """Write a query's rows to a file, none if there are no rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        raise ValueError(f"{path} exists: landed files are immutable")
    rows = _one(connection, f"copy ({query}) to {literal(str(path))} ({_COPY_OPTIONS[path.suffix[1:]]})")
    if not rows:
        path.unlink()
    return rows


def _one(connection: duckdb.DuckDBPyConnection, query: str, parameters: list[object] | None = None) -> int:
    row = connection.execute(query, parameters).fetchone()
    return int(row[0]) if row else 0


def main() -> None:
    """Make data from the command line."""
    parser = argparse.ArgumentParser(description="Landed files at a named size.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=float, default=1, help="million interactions")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--format", choices=("parquet", "csv"), default="parquet")
    parser.add_argument("--base-accounts", type=int, default=BASE_ACCOUNTS, help="of the world that is copied")
    parser.add_argument("--interactions-per-account", type=int, default=INTERACTIONS_PER_ACCOUNT, help="likewise")
    parser.add_argument("--day", type=int, help="land the day this many days after the history")
    parser.add_argument("--share", type=float, default=0.001, help="of the records, that the day adds")
    parser.add_argument("--correct", type=int, help="land a correction of one account, on that day")
    parser.add_argument("--json", action="store_true", help="print what a day or a correction brought as JSON")
    given = parser.parse_args()
    if given.day is None and given.correct is None:
        world = make(
            given.out,
            given.size,
            seed=given.seed,
            format=given.format,
            base_accounts=given.base_accounts,
            interactions_per_account=given.interactions_per_account,
        )
        landed, number = Landed(world.rows, world.accounts), 0
    else:
        world, number = find(given.out), given.day or given.correct
        landed = add_day(world, number, given.share) if given.day else correct(world, number)
    if given.json:
        print(json.dumps(asdict(landed)))
        return
    for entity, rows in landed.rows.items():
        print(f"{entity:20} {rows:12,}")
    print(f"touches {landed.accounts_touched:,} of {world.accounts:,} accounts")
    print(f"ANSWERABLE_LANDING={world.landing} ANSWERABLE_AS_OF={world.clock(number)}")


if __name__ == "__main__":
    main()
