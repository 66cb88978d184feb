"""Which column comes from which: computed once per change of the project, kept under the home.

Belongs here: the cache, and the computation from compiled SQL. It takes seconds per hundred models, so no run waits for
it: the asset `column_lineage` computes it, and later builds attach it as metadata.
Does not: parse SQL; dagster-dbt does that with sqlglot.
"""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import orjson
from dagster import AssetKey, TableColumnDep, TableColumnLineage
from dagster._core.definitions.metadata import TableMetadataSet
from dagster_dbt import DagsterDbtTranslator
from dagster_dbt.core.dbt_cli_event import EventHistoryMetadata, _build_column_lineage_metadata

from answerable.settings import Settings
from orchestration import manifest

Columns = Mapping[str, Mapping[str, str]]


def cached(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return the lineage metadata of every node by unique id, empty if the project has changed since."""
    try:
        cache = orjson.loads(_file(settings).read_bytes())
    except (OSError, ValueError):
        return {}
    if cache["project"] != manifest.fingerprint():
        return {}
    return {unique_id: _metadata(columns) for unique_id, columns in cache["nodes"].items()}


def compute(settings: Settings, project: Mapping[str, Any], translator: DagsterDbtTranslator, columns: Columns) -> int:
    """Compute the lineage of every model from its compiled SQL and keep it; return how many models have one.

    `columns` gives the type of each column by relation name (`"warehouse"."marts"."fct_handoff"`).
    """
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    nodes = {}
    for unique_id, node in project["nodes"].items():
        if node["resource_type"] in ("model", "snapshot") and node["relation_name"] in columns:
            nodes[unique_id] = _of_node(settings, project, translator, columns, node)
    _file(settings).write_bytes(orjson.dumps({"project": manifest.fingerprint(), "nodes": nodes}))
    return sum(bool(lineage) for lineage in nodes.values())


def columns_of(warehouse: Path) -> dict[str, dict[str, str]]:
    """Return the column types of every relation in the warehouse, by relation name as dbt writes it."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            "SELECT database_name, schema_name, table_name, column_name, data_type"
            " FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
    columns: dict[str, dict[str, str]] = {}
    for database, schema, table, column, data_type in rows:
        columns.setdefault(f'"{database}"."{schema}"."{table}"', {})[column] = data_type
    return columns


def _of_node(
    settings: Settings,
    project: Mapping[str, Any],
    translator: DagsterDbtTranslator,
    columns: Columns,
    node: dict[str, Any],
) -> dict[str, list[tuple[list[str], str]]]:
    relations = [_relation(project, parent) for parent in node["depends_on"]["nodes"]]
    history = EventHistoryMetadata(
        columns=_typed(columns[node["relation_name"]]),
        parents={name: _typed(columns[name]) for name in relations if name in columns},
    )
    try:
        metadata = _build_column_lineage_metadata(
            history, node, project, translator, settings.dbt_home / "target", None
        )
    except Exception:  # sqlglot knows less SQL than DuckDB; what it can't parse has no lineage
        return {}
    lineage = metadata["dagster/column_lineage"]
    return {
        column: [(list(dep.asset_key.path), dep.column_name) for dep in deps]
        for column, deps in lineage.deps_by_column.items()
    }


def _typed(columns: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    return {name: {"data_type": data_type} for name, data_type in columns.items()}


def _relation(project: Mapping[str, Any], unique_id: str) -> str:
    node = project["sources"].get(unique_id) or project["nodes"][unique_id]
    return str(node["relation_name"])


def _metadata(columns: Mapping[str, list[tuple[list[str], str]]]) -> dict[str, Any]:
    deps = {
        column: [TableColumnDep(asset_key=AssetKey(path), column_name=name) for path, name in parents]
        for column, parents in columns.items()
    }
    return dict(TableMetadataSet(column_lineage=TableColumnLineage(deps_by_column=deps))) if deps else {}


def _file(settings: Settings) -> Path:
    return settings.dbt_home / "column_lineage.json"
