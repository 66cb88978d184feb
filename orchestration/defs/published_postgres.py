"""The published version in PostgreSQL as an asset, for installations that have a database for it.

Belongs here: when it is written, and what Dagster shows about it. Does not: how (`orchestration.postgres`).
"""

from typing import Any

import dagster as dg

from answerable.settings import Settings
from orchestration import manifest, postgres, progress
from orchestration.defs.published import published
from orchestration.defs.warehouse import MANIFEST, warehouse
from orchestration.failures import RETRIES, failing_clearly


@dg.asset(key="published_postgres", deps=[published], group_name="published", kinds={"postgres"}, retry_policy=RETRIES)
def published_postgres(
    context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]
) -> dg.MaterializeResult[Any]:
    """Schema `marts` of the database that ANSWERABLE_POSTGRES_URL names, replaced in one step."""
    if settings.postgres_url is None:
        raise dg.Failure("ANSWERABLE_POSTGRES_URL is not set", allow_retries=False)
    with failing_clearly():
        progress.tell("published_postgres", "connecting", of=sum(key.path[0] == "marts" for key in warehouse.keys))
        served = postgres.publish(
            settings.postgres_url.get_secret_value(),
            settings.published,
            manifest.grains(MANIFEST),
            lock_timeout=settings.lock_timeout,
            settings=settings.duckdb,
            say=lambda table: progress.tell("published_postgres", table),
        )
    for schema in served.left:
        context.log.warning(f"{schema} has replaced tables that a query reads or a view depends on; it was not dropped")
    return dg.MaterializeResult(
        metadata={
            "version": served.version,
            "dagster/row_count": sum(served.row_counts.values()),
            "rows": dg.MetadataValue.json(dict(served.row_counts)),
            "replaced schemas not dropped": dg.MetadataValue.json(served.left),
        }
    )


assets = [published_postgres] if Settings.load().postgres_url else []
"""The asset if there is a database, else none: an asset that is never materialized would look broken."""
