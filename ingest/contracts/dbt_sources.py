"""What of the dbt project follows from the contracts: `models/staging/_sources.yml` and `macros/landed_columns.sql` are
generated, never edited.

Belongs here: one entry per table that loading owns, every column described.
Does not: tests and models on top of them (dbt_project).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from ingest.contracts import PROVENANCE, load_contracts
from ingest.warehouse import LINEAGE, Table, raw_columns, tables

TARGET = Path(__file__).parents[2] / "dbt_project" / "models" / "staging" / "_sources.yml"

COLUMNS = Path(__file__).parents[2] / "dbt_project" / "macros" / "landed_columns.sql"

_HEAD = "# Generated from ingest/contracts: python -m ingest.contracts\n"
_SCHEMAS = {
    "raw": "Landed records, append-only and typed by contract, and the ledger of loading.",
    "memory": "What the warehouse remembers besides records: the clock, builds, publications, deliveries.",
    "vault": "Names, addresses, and the keyed hashes that replace people everywhere else.",
    "quarantine": "Records that loading refused, or that a build found invalid later.",
}


class _Column(dict[str, str]):
    """A column of a table, written in braces."""


class _Dumper(yaml.SafeDumper):
    """Writes what safe_dump does, and columns in braces."""


_Dumper.add_representer(
    _Column, lambda dumper, column: dumper.represent_mapping("tag:yaml.org,2002:map", column, flow_style=True)
)


def dbt_sources_yaml() -> str:
    """Return the text of the sources file."""
    owned = tables()
    sources = [
        {
            "name": schema,
            "description": description,
            "schema": schema,
            "tables": [_entry(name, table) for name, table in owned.items() if name.startswith(f"{schema}.")],
        }
        for schema, description in _SCHEMAS.items()
    ]
    document = {"sources": sources}
    return _HEAD + yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def landed_columns_macro() -> str:
    """Return the text of the macro that names the columns of each landed table, those of a load left out."""
    lines = [
        f"        '{contract.table}': [\n"
        + "".join(f"            '{name}',\n" for name in raw_columns(contract) if name not in {*LINEAGE, *PROVENANCE})
        + "        ],\n"
        for contract in load_contracts().values()
    ]
    return (
        "{#- Generated from ingest/contracts: python -m ingest.contracts. What landed records say, by table. -#}\n"
        "{% macro landed_columns() -%}\n    {{ return({\n" + "".join(lines) + "    }) }}\n{%- endmacro %}\n"
    )


def _entry(name: str, table: Table) -> dict[str, Any]:
    return {
        "name": name.split(".")[1],
        "description": table.description,
        "columns": [
            _Column(name=column, data_type=kind, description=description)
            for column, (kind, description) in table.columns.items()
        ],
    }
