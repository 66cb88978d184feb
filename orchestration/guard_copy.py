"""What the guard needs beside the published marts, as a file of the version: `guard.duckdb`.

Belongs here: each reason of each verdict with who decides and until when; who owns the touchpoints of money; the SQL by
which the run judged wording, and the programme's phrases. Does not: any rule (dbt_project), answering
(`answerable.guard`).
"""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import yaml

from answerable.settings import GUARD_DATABASE
from ingest.rules import literal
from orchestration.manifest import PROJECT

_VIEWS = ("stg_billing__notice_sentences", "int_notices__wording_severity")
_OWNED = ("billing_touchpoint", "renewal_touchpoint")
_CONSTANTS = ("notice_kinds", "notice_tones", "spoken_channels", "guard_verdicts", "guard_reasons", *_OWNED)
_NEEDED = {
    *("int_billing__moments", "int_billing__verdict_reasons", "int_programme__owners"),
    *("stg_programme__billing_phrases", *_VIEWS),
}

_REASONS = """
    create table guard.reasons as
    select moments.invoice_id, moments.on_day, reasons.severity, reasons.place, reasons.reason, reasons.verdict,
        reasons.decides_team_id, reasons.until_at
    from intermediate.int_billing__verdict_reasons as reasons
    join intermediate.int_billing__moments as moments using (moment_id)
    where moments.notice_id is null
    order by all
"""


def write(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the file into the folder of a version; nothing where the warehouse has no verdicts."""
    found = {name for (name,) in connection.execute("select table_name from information_schema.tables").fetchall()}
    if not found >= _NEEDED:
        return
    variables = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    connection.execute(f"attach {literal(str(folder / GUARD_DATABASE))} as guard")
    try:
        connection.execute(_REASONS)
        connection.execute(
            "create table guard.owners as from intermediate.int_programme__owners "
            f"where touchpoint in ({', '.join(literal(variables[name]) for name in _OWNED)}) order by all"
        )
        connection.execute(
            "create table guard.phrases as from staging.stg_programme__billing_phrases order by part, phrase"
        )
        connection.execute("create table guard.views (name varchar, sql varchar)")
        for name in _VIEWS:
            connection.execute(
                "insert into guard.views select view_name, sql from duckdb_views() "
                "where view_name = ? and database_name = current_database()",
                [name],
            )
        connection.execute("create table guard.constants (name varchar, value varchar)")
        connection.executemany(
            "insert into guard.constants values (?, ?)", [[name, json.dumps(variables[name])] for name in _CONSTANTS]
        )
    finally:
        connection.execute("detach guard")
