"""Demo data: the landed files of a made-up B2B supplier of equipment, software and service.

Belongs here: believable behaviour and the errors of real exports, as files that `answerable run` loads. Each entity is
one SQL statement over hash-based randomness, so that the same arguments give the same bytes at any size.
Does not: loading, contracts, any number in the marts. These files refer to the shipped programme in
`dbt_project/seeds/programme/`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from answerable.demo import billing, crm, dirt, landing, surveys

__all__ = ["DEMO_END", "generate"]

DEMO_END = "2026-09-30T23:59:59Z"
"""Last instant of the demo data; set ANSWERABLE_AS_OF to it to get the numbers in the README."""

_MACROS = """
create macro rnd(key, salt) as (hash(hash(key, salt, {seed})) >> 11)::double / 9007199254740992.0;
create macro gauss(key, salt) as
    sqrt(-2 * ln(1 - rnd(key, salt))) * cos(2 * pi() * rnd(key, salt || '~'));
create macro pick(options, key, salt) as options[1 + floor(rnd(key, salt) * len(options))::int];
create macro clip(number, low, high) as least(greatest(number, low), high);
create macro demo_end() as timestamp '{end}';
create macro demo_start() as timestamp '{start}';
create macro demo_months() as {months};
create macro demo_accounts() as {accounts};
create macro office_hour(day, key, salt) as
    date_trunc('day', day)::timestamp + to_seconds(floor(28800 + 32400 * rnd(key, salt))::int);
"""


def generate(
    out: Path,
    *,
    accounts: int = 500,
    months: int = 24,
    seed: int = 7,
    interactions_per_account: int = 110,
    broken_files: bool = False,
) -> dict[str, int]:
    """Write landed files below `out/<source>/<entity>/` and return the rows landed per `source.entity`.

    The data cover `months` calendar months up to DEMO_END. `interactions_per_account` is an average over 24 months.
    Copies of whole files don't count. `broken_files` adds three files that a load rejects as a whole.

    Raises ValueError if the planted cases don't fit (accounts from 40, months 3 to 120, interactions per account 60
    to 1500), and if the folder already has landed files.
    """
    if accounts < 40:
        raise ValueError(f"accounts is {accounts}: the demo needs at least 40")
    if not 3 <= months <= 120:
        raise ValueError(f"months is {months}: choose 3 to 120")
    if not 60 <= interactions_per_account <= 1500:
        raise ValueError(f"interactions_per_account is {interactions_per_account}: choose 60 to 1500")
    if out.exists() and any(out.iterdir()):
        raise ValueError(f"{out} is not empty: landed files are immutable, choose another folder, or remove this one")
    with _session(accounts=accounts, months=months, seed=seed) as connection:
        for statement in (*crm.WORLD, *billing.MONEY, *crm.contacts_with_us(interactions_per_account), *surveys.VOICE):
            connection.execute(statement)
        rows = landing.write(connection, out)
    for entity, count in dirt.write(out, broken_files=broken_files).items():
        rows[entity] += count
    return rows


@contextmanager
def _session(*, accounts: int, months: int, seed: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A scratch database on disk (so that large demos need little memory) with the random and calendar macros."""
    end = datetime.fromisoformat(DEMO_END).astimezone(UTC)
    first = end.year * 12 + end.month - months
    start = datetime(first // 12, first % 12 + 1, 1, tzinfo=UTC)
    with tempfile.TemporaryDirectory(prefix="answerable-demo-") as folder:
        connection = duckdb.connect(str(Path(folder) / "demo.duckdb"))
        try:
            connection.execute("set TimeZone = 'UTC'; set memory_limit = '2GB'; set enable_progress_bar = false")
            connection.execute(
                _MACROS.format(
                    seed=seed,
                    accounts=accounts,
                    months=months,
                    start=f"{start:%Y-%m-%d %H:%M:%S}",
                    end=f"{end:%Y-%m-%d %H:%M:%S}",
                )
            )
            yield connection
        finally:
            connection.close()
