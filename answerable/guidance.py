"""Guidance before writing to a client: how to approach an account about one invoice.

Belongs here: reading it from the published version. Does not: any rule; `rpt_collections_guidance` decides.
"""

from __future__ import annotations

import json
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

_OPEN = "select * from marts.rpt_collections_guidance where invoice_id = ?"
_CLOSED = """
    select invoice_id, invoice_number, account_id, due_on, currency, amount, open_amount,
        0 as recommended_severity, 'statement' as recommended_tone, 'hold' as recommended_channel,
        case
            when is_voided then 'The invoice was voided on ' || voided_on
            when paid_on is not null then 'The invoice was paid on ' || paid_on
            else 'Nothing is due on the invoice'
        end as recommended_reason
    from marts.fct_invoice where invoice_id = ?
"""
_VERSION = "select max(version) from marts.publication"


class NoGuidanceError(Exception):
    """There is no published version, or no such invoice in it; the message says which."""


def read(database: Path, invoice_id: str) -> dict[str, Any]:
    """Return guidance for an invoice by column, `is_open` and the published version it comes from.

    Raises NoGuidanceError if nothing is published or the invoice is unknown.
    """
    if not database.exists():
        raise NoGuidanceError("nothing is published yet; run `answerable run` first")
    try:
        with closing(duckdb.connect(str(database), read_only=True)) as connection:
            connection.execute(
                "set TimeZone = 'UTC'; set enable_external_access = false; set lock_configuration = true"
            )
            version = connection.execute(_VERSION).fetchall()[0][0]
            for query, is_open in ((_OPEN, True), (_CLOSED, False)):
                cursor = connection.execute(query, [invoice_id])
                names = [column[0] for column in cursor.description or []]
                if row := cursor.fetchone():
                    return {"version": version, "is_open": is_open, **dict(zip(names, row, strict=True))}
    except duckdb.CatalogException as error:
        raise NoGuidanceError("the published version has no guidance yet: run `answerable run` again") from error
    except duckdb.Error as error:
        raise NoGuidanceError(f"{database} can't be read: {str(error).splitlines()[0]}") from error
    raise NoGuidanceError(f"the published version {version} has no invoice {invoice_id}")


def as_json(guidance: dict[str, Any]) -> str:
    """Return guidance as one JSON object: amounts as text, so that no digit is lost; days and instants in ISO 8601."""
    return json.dumps(guidance, default=_written, ensure_ascii=False, indent=2)


def as_text(guidance: dict[str, Any]) -> str:
    """Return guidance as one line per column, the recommendation first."""
    ordered = sorted(guidance.items(), key=lambda item: not item[0].startswith("recommended"))
    return "\n".join(f"{name:<24}{'-' if value is None else value}" for name, value in ordered)


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
