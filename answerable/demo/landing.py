"""From clean tables to landed files, with the disorder of every export.

Belongs here: formats, file names, and generated disorder: late, repeated, corrected and deleted records.
Does not: records that are plainly wrong (dirt) or what the records say (crm, billing, surveys).
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

_OPTIONS = {
    "csv": "format csv, header, timestampformat '%Y-%m-%dT%H:%M:%SZ'",
    "csv.gz": "format csv, header, compression gzip, timestampformat '%Y-%m-%dT%H:%M:%S'",
    "jsonl": "format json, timestampformat '%Y-%m-%dT%H:%M:%SZ'",
    "jsonl.gz": "format json, compression gzip, timestampformat '%Y-%m-%dT%H:%M:%SZ'",
    "parquet": "format parquet, compression zstd",
}


@dataclass(frozen=True)
class Export:
    """How one entity lands: `months` per file (0 = one file), `slip` = the mistake of a careless version."""

    entity: str
    suffix: str
    months: int
    key: str
    slip: str | None = None
    spread: int = 4000
    copies: int = 0


_EXPORTS = (
    Export("crm.accounts", "csv", 6, "account_id", "industry = 'to be checked'", spread=400),
    Export("crm.sites", "csv", 0, "site_id", "site_name = 'Plant (old name)'", spread=400),
    Export("crm.products", "csv", 0, "product_id"),
    Export("crm.subscriptions", "csv.gz", 12, "subscription_id", "annual_value = 1", spread=400),
    Export("crm.contacts", "csv.gz", 6, "contact_id", "full_name = 'N. N.'", spread=600),
    Export(
        "crm.contact_roles", "csv", 12, "contact_id, account_id, role, valid_from", "product_id = 'PRD-001'", spread=600
    ),
    Export("crm.interactions", "parquet", 3, "interaction_id", "outcome = 'draft'", copies=1),
    Export("billing.invoices", "csv", 6, "invoice_id", "amount = amount + 10", spread=1000, copies=1),
    Export("billing.payments", "jsonl", 6, "payment_id", "method = 'other'", spread=1000),
    Export("billing.notices", "jsonl.gz", 6, "notice_id", "subject = 'Notice'", spread=1000),
    Export("survey.surveys", "csv", 0, "survey_id"),
    Export("survey.questions", "csv", 0, "survey_id, question_id"),
    Export("survey.invitations", "parquet", 6, "invitation_id", "attempts = 9", spread=2000),
    Export("survey.responses", "csv.gz", 3, "response_id", "language = 'xx'", spread=1000, copies=1),
    Export("survey.answers", "parquet", 6, "response_id, question_id", "text = 'typo'", spread=3000),
    Export("survey.follow_ups", "jsonl", 12, "follow_up_id", "notes = 'see above'", spread=300),
)

_DISORDER = """
create or replace table landed as
/* `slot` is a share of `spread`, `f` numbers the file. Dirt: late records, careless versions (an hour older, landed
   before their correction or, out of order, after it), repeats, ties (same updated_at, another content), deletions. */
with records as (
    select
        *, hash(dice, 'dirt') % {spread} as slot, {file} as f,
        updated_at < demo_end() - interval 3 hour as is_settled
    from {view}
),

versions as (
    select *, unnest(case
        when not is_settled then ['final']
        when slot < {spread} // 100 then ['final', 'careless']
        when slot between 40 and 40 + {spread} // 200 then ['final', 'repeat']
        when slot between 70 and 70 + {spread} // 1000 then ['final', 'tie']
        when slot between 80 and 80 + {spread} // 400 and dice > 500 then ['final', 'deletion']
        when slot between 100 and 100 + {spread} // 150 then ['late']
        else ['final']
    end) as version
    from records
)

select * replace (
    updated_at + case version when 'careless' then -1 when 'deletion' then 2 else 0 end * interval 1 hour as updated_at,
    if(version in ('careless', 'tie'), {value}, {column}) as {column},
    is_deleted or version = 'deletion' as is_deleted,
    least(f + case when version in ('late', 'tie', 'deletion') then 1 when version = 'final' then 0 else slot % 2 end,
        {last}) as f
)
from versions
order by f, {key}, updated_at, {column}
"""

_ORDERLY = "create or replace table landed as select *, {file} as f from {view} order by f, {key}"


def write(connection: duckdb.DuckDBPyConnection, out: Path) -> dict[str, int]:
    """Write every export below `out` and return the rows written per `source.entity`."""
    return {export.entity: _write_entity(connection, export, out) for export in _EXPORTS}


def _write_entity(connection: duckdb.DuckDBPyConnection, export: Export, out: Path) -> int:
    view = export.entity.replace(".", "_")
    months = connection.sql("select demo_months()").fetchone()[0]  # type: ignore[index]
    per_file = export.months or months
    last = (months - 1) // per_file
    number = (
        f"clip(((year(updated_at) * 12 + month(updated_at)) - (year(demo_start()) * 12 + month(demo_start())))"
        f" // {per_file}, 0, {last})::int"
    )
    column, _, value = (export.slip or "").partition(" = ")
    statement = _DISORDER if export.slip else _ORDERLY
    connection.execute(
        statement.format(
            view=view, key=export.key, spread=export.spread, file=number, last=last, column=column, value=value
        )
    )
    folder = out.joinpath(*export.entity.split("."))
    folder.mkdir(parents=True)
    rows = 0
    for f in range(last + 1):
        stem = f"{export.entity.split('.')[1]}_{f + 1:03d}"
        rows += _copy(connection, export, f, folder / f"{stem}.{export.suffix}")
        if f < export.copies:  # Dirt: the same file once more, under another name
            shutil.copyfile(folder / f"{stem}.{export.suffix}", folder / f"{stem}_resent.{export.suffix}")
    return rows


def _copy(connection: duckdb.DuckDBPyConnection, export: Export, f: int, path: Path) -> int:
    columns = {name: str(kind) for name, kind, *_ in connection.sql("describe landed").fetchall()}
    helpers = ", ".join(name for name in ("dice", "f", "slot", "is_settled", "version") if name in columns)
    zoned = [name for name, kind in columns.items() if kind == "TIMESTAMP"] if export.suffix == "parquet" else []
    replaced = ", ".join(f"{name}::timestamptz as {name}" for name in zoned)
    result = connection.execute(
        f"copy (select * exclude ({helpers}) {f'replace ({replaced})' if zoned else ''} from landed where f = {f})"
        f" to '{str(path).replace(chr(39), chr(39) * 2)}' ({_OPTIONS[export.suffix]})"
    ).fetchone()
    return int(result[0]) if result else 0
