"""The published version as an asset, after every mart.

Belongs here: whether the marts may be published, and what Dagster shows of the publication.
Does not: how a version is written (`orchestration.publishing`).
"""

from typing import Any

import dagster as dg
import duckdb

from answerable.settings import Settings
from ingest import quarantine
from orchestration import build_state, connecting, lost_points, manifest, progress, publishing
from orchestration.defs.landing import PUBLICATIONS, landing
from orchestration.defs.warehouse import warehouse
from orchestration.failures import POOL, failing_clearly
from orchestration.lock import writing

publications = dg.AssetSpec(
    PUBLICATIONS, description="Every version ever published", group_name="published", kinds={"duckdb"}
)


@dg.asset(
    key="published",
    deps=[key for key in warehouse.keys if key.path[0] == "marts"],
    group_name="published",
    kinds={"duckdb", "parquet"},
    pool=POOL,
    config_schema={
        "accept_restatement": dg.Field(bool, default_value=False, description="publish though points are lost")
    },
)
def published(context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]) -> dg.MaterializeResult[Any]:
    """Schema `marts` as a file that any number of readers may open, served by `published/current`."""
    with failing_clearly(), writing(settings.home, "a publication", timeout=settings.lock_timeout):
        progress.tell("published", "writing a version")
        passed = _passed_checks(context.instance)
        with duckdb.connect(str(settings.warehouse)) as connection:
            build = build_state.last_build(connection)
        if not build.is_finished:
            raise dg.Failure(
                "the marts are not those of one finished build; materialize everything", allow_retries=False
            )
        quarantine.settle_scores(settings.warehouse)
        if not context.op_execution_context.op_config["accept_restatement"]:
            _check_points(settings, build.programme_hash)
        publication = publishing.publish(
            settings.warehouse,
            settings.published,
            publishing.next_version(settings.published, context.run_id[:8]),
            keep_versions=settings.keep_versions,
            programme_hash=build.programme_hash,
            code_version=manifest.code_version(build.project_hash),
            checks_passed=passed,
            readers_group=settings.readers_group,
            synced=connecting.synced(settings),
            settings=settings.duckdb,
        )
    return dg.MaterializeResult(
        metadata={
            "version": publication.version,
            "path": dg.MetadataValue.path(str(settings.published_database)),
            "dagster/row_count": sum(publication.row_counts.values()),
            "rows": dg.MetadataValue.json(dict(publication.row_counts)),
            "checks passed": publication.checks_passed,
        }
    )


def _check_points(settings: Settings, programme_hash: str) -> None:
    """Raise dg.Failure where a past period would lose its headline, many responses or a large account."""
    if not settings.published_database.exists():
        return
    with duckdb.connect(str(settings.warehouse)) as connection:
        publishing.settle(connection, settings.published)
        lost = lost_points.describe(connection, settings.published_database.resolve(), programme_hash)
    if lost is not None:
        raise dg.Failure(f"{lost}; `answerable run --accept-restatement` publishes it", allow_retries=False)


def _passed_checks(instance: dg.DagsterInstance) -> int:
    """Return how many checks passed the last time they ran. Raises dg.Failure if a blocking one did not."""
    specs = {spec.key: spec for spec in (*landing.check_specs, *warehouse.check_specs)}
    records = instance.event_log_storage.get_latest_asset_check_execution_by_key(list(specs))
    failed = [key for key, record in records.items() if record.status.value == "FAILED" and specs[key].blocking]
    if failed:
        names = ", ".join(sorted(key.name for key in failed))
        raise dg.Failure(f"{len(failed)} blocking check(s) failed: {names}", allow_retries=False)
    return sum(record.status.value == "SUCCEEDED" for record in records.values())
