"""The dbt project as assets: one per seed, snapshot and model, its tests as checks.

Belongs here: how a dbt node looks in Dagster, and handing dbt's results over.
Does not: SQL (dbt_project), how dbt runs (`orchestration.dbt_process`).
"""

from collections.abc import Iterator, Mapping, Set
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets
from dagster_dbt.asset_utils import (
    DAGSTER_DBT_UNIQUE_ID_METADATA_KEY,
    get_asset_check_key_for_test,
    get_subset_selection_for_context,
)

from answerable.settings import Settings
from ingest import load, programme
from ingest.rules import identifier
from ingest.warehouse import CATALOG
from orchestration import build_state, dbt_process, lineage, manifest, progress, publishing
from orchestration.dbt_process import NodeResult
from orchestration.failures import POOL, failing_clearly
from orchestration.lock import writing
from orchestration.selection import affected, is_stored

MANIFEST = manifest.load(Settings.load())


class Translator(DagsterDbtTranslator):
    """dbt's nodes as they are, with a group for those that have none and a home for tests that span several models."""

    def __init__(self) -> None:
        """Take the tests of sources as checks too."""
        super().__init__(DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True))

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Return the dbt group, else the layer: the schema the node lands in."""
        return super().get_group_name(dbt_resource_props) or dbt_resource_props.get("schema")

    def get_asset_check_spec(
        self, asset_spec: dg.AssetSpec, manifest: Mapping[str, Any], unique_id: str, project: Any
    ) -> dg.AssetCheckSpec | None:
        """Return the check of a test; one over several models belongs to the first by name unless its meta says."""
        test = self.get_resource_props(manifest, unique_id)
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        homeless = get_asset_check_key_for_test(manifest, self, unique_id, project) is None
        if homeless and asset_spec.metadata[DAGSTER_DBT_UNIQUE_ID_METADATA_KEY] == min(test["depends_on"]["nodes"]):
            spec = dg.AssetCheckSpec(
                name=test["name"],
                asset=asset_spec.key,
                blocking=test["config"]["severity"].lower() == "error",
                metadata={DAGSTER_DBT_UNIQUE_ID_METADATA_KEY: unique_id},
            )
        return spec and spec._replace(description=test.get("description") or None)


class BuildConfig(dg.Config):
    """How the warehouse is built."""

    full_refresh: bool = False


@dbt_assets(manifest=MANIFEST, name="warehouse", dagster_dbt_translator=Translator(), pool=POOL)
def warehouse(
    context: dg.AssetExecutionContext, config: BuildConfig, settings: dg.ResourceParam[Settings]
) -> Iterator[Any]:
    """Build and test the selected nodes in one dbt process; a failing error-severity test stops what hangs on it."""
    with failing_clearly(), writing(settings.home, "a build", timeout=settings.lock_timeout, on_wait=context.log.info):
        effective = programme.resolve(
            settings.programme, manifest.DEFAULT_PROGRAMME, manifest.programme_directory(settings)
        )
        load.set_clock(settings.warehouse, settings.as_of, manifest.code_version(manifest.fingerprint()))
        build = build_state.Build(True, effective, manifest.fingerprint(), settings.as_of)
        with duckdb.connect(str(settings.warehouse)) as connection:
            publishing.settle(connection, settings.published)
            changed = build_state.changed_sources(connection, build)
            is_new_project = build_state.last_build(connection).project_hash != build.project_hash
            if is_new_project:
                _drop_strangers(connection)
        full_refresh = ["--full-refresh"] if config.full_refresh or is_new_project else []
        arguments = [*_selection(context), *full_refresh]
        progress.tell("warehouse", "dbt", of=len(context.selected_asset_keys) + len(context.selected_asset_check_keys))
        with duckdb.connect(str(settings.warehouse)) as connection:
            told = _Interpreter(context, connection, lineage.cached(settings))
            for result in dbt_process.build(settings, arguments):
                yield from told.events(result)
            # A build of some nodes is a whole one if all that can have changed are among them.
            if not context.is_subset or (
                changed is not None and keys_of(affected(MANIFEST, changed)) <= context.selected_asset_keys
            ):
                build_state.finish_build(connection, build)


def keys_of(unique_ids: Set[str]) -> Set[dg.AssetKey]:
    """Return the assets of these nodes."""
    return {spec.key for spec in warehouse.specs if spec.metadata[DAGSTER_DBT_UNIQUE_ID_METADATA_KEY] in unique_ids}


def _drop_strangers(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop what an earlier project left in the schemas of this one: nothing reads it, and marts would be published."""
    known = {node["relation_name"] for node in MANIFEST["nodes"].values() if is_stored(node)}
    schemas = {node["schema"] for node in MANIFEST["nodes"].values() if node["resource_type"] == "model"}
    found = connection.execute(
        "SELECT table_type, table_schema, table_name FROM information_schema.tables"
        " WHERE table_catalog = current_database() AND list_contains(?, table_schema)",
        [sorted(schemas)],
    ).fetchall()
    for kind, schema, name in found:
        if f'"{CATALOG}"."{schema}"."{name}"' not in known:
            kind = "VIEW" if kind == "VIEW" else "TABLE"
            connection.execute(f"DROP {kind} {identifier(schema)}.{identifier(name)}")


def _selection(context: dg.AssetExecutionContext) -> list[str]:
    arguments, indirect = get_subset_selection_for_context(
        context, MANIFEST, "fqn:*", None, None, Translator(), current_dbt_indirect_selection_env=None
    )
    return [*arguments, *(["--indirect-selection", indirect] if indirect else [])]


class _Interpreter:
    """Says in Dagster's words what became of a dbt node."""

    def __init__(
        self, context: dg.AssetExecutionContext, connection: duckdb.DuckDBPyConnection, columns: Mapping[str, Any]
    ) -> None:
        definition = context.assets_def
        self._connection, self._columns = connection, columns
        self._keys = {
            spec.metadata[DAGSTER_DBT_UNIQUE_ID_METADATA_KEY]: spec.key
            for spec in definition.specs
            if spec.key in context.selected_asset_keys
        }
        self._checks = {
            spec.metadata[DAGSTER_DBT_UNIQUE_ID_METADATA_KEY]: spec.key
            for spec in definition.check_specs
            if spec.key in context.selected_asset_check_keys
        }

    def events(self, result: NodeResult) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        """Yield what the result means; nothing for a node that failed to build or was not asked for."""
        if key := self._checks.get(result.unique_id):
            yield dg.AssetCheckResult(
                asset_key=key.asset_key,
                check_name=key.name,
                passed=result.status == "pass",
                severity=dg.AssetCheckSeverity.WARN if result.status == "warn" else dg.AssetCheckSeverity.ERROR,
                metadata={"seconds": result.seconds, "failing rows": result.failures},
            )
        elif (key := self._keys.get(result.unique_id)) and result.status == "success":
            yield dg.MaterializeResult(asset_key=key, metadata=self._metadata(result))

    def _metadata(self, result: NodeResult) -> dict[str, Any]:
        node = MANIFEST["nodes"][result.unique_id]
        counted = node["config"]["materialized"] != "view"
        return {
            "seconds": result.seconds,
            **({"dagster/row_count": self._rows(node["relation_name"])} if counted else {}),
            **self._columns.get(result.unique_id, {}),
        }

    def _rows(self, relation: str) -> int:
        return int(self._connection.table(relation).count("*").fetchall()[0][0])
