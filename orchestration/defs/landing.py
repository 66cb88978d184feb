"""The landed entities as assets: files of the landing zone → schema raw.

Belongs here: one asset and two checks per entity, and reporting the result of a load to Dagster.
Does not: read a file or check a row (ingest).
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import dagster as dg

from answerable.settings import Settings
from ingest import checks, load
from ingest.contracts import load_contracts
from ingest.reading import Limits
from orchestration import progress
from orchestration.defs import connections
from orchestration.defs.warehouse import MANIFEST
from orchestration.failures import POOL, RETRIES, failing_clearly
from orchestration.lock import writing

ROWS, BATCH = "rows", "batch"
UNSETTLED = "files still written"
PUBLICATIONS = dg.AssetKey(["memory", "publications"])
DELIVERIES = dg.AssetKey(["memory", "deliveries"])

_CONTRACTS = {dg.AssetKey(["raw", contract.table]): contract for contract in load_contracts().values()}
_FRESHNESS = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=50), warn_window=timedelta(hours=26))
# Tables besides the entities that every load writes and models read: the clock, keys, quarantine.
_BY_PRODUCTS = {
    key: source["description"]
    for unique_id, source in MANIFEST["sources"].items()
    if MANIFEST["child_map"][unique_id]
    and (key := dg.AssetKey([source["source_name"], source["name"]])) not in {*_CONTRACTS, PUBLICATIONS, DELIVERIES}
}


def _specs() -> Iterator[dg.AssetSpec]:
    for key, contract in _CONTRACTS.items():
        yield dg.AssetSpec(
            key,
            deps=connections.upstream_of(contract.name),
            description=contract.description,
            group_name=contract.source,
            owners=[contract.owner],
            kinds={"duckdb", "greatexpectations"},
            freshness_policy=_FRESHNESS,
            skippable=True,
        )
    for key, description in _BY_PRODUCTS.items():
        yield dg.AssetSpec(key, description=description, group_name="loading", kinds={"duckdb"}, skippable=True)


def _check_specs() -> Iterator[dg.AssetCheckSpec]:
    for key in _CONTRACTS:
        yield dg.AssetCheckSpec(ROWS, asset=key, description="No row was quarantined")
        yield dg.AssetCheckSpec(BATCH, asset=key, description="The batch as a whole may be loaded", blocking=True)


# One step for all entities: one process, one context of Great Expectations, one pass. An entity that is stopped fails
# the step only after its neighbours have loaded.
@dg.multi_asset(
    name="landing",
    specs=list(_specs()),
    check_specs=list(_check_specs()),
    can_subset=True,
    pool=POOL,
    retry_policy=RETRIES,
)
def landing(context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]) -> Iterator[Any]:
    """Load new files of the selected entities, all in one pass."""
    entities = {_CONTRACTS[key].name: key for key in sorted(context.selected_asset_keys) if key in _CONTRACTS}
    with failing_clearly(), writing(settings.home, "a load", timeout=settings.lock_timeout, on_wait=context.log.info):
        load.prepare(settings.warehouse)
        load.set_clock(settings.warehouse, settings.as_of)
        checks.load(settings.warehouse, settings.home)
        report = load.load(
            settings.warehouse,
            settings.landing,
            settings.home,
            entities=list(entities),
            max_quarantined_share=settings.max_quarantined_share,
            hmac_key=settings.key(),
            load_id=context.run_id,
            on_progress=partial(progress.tell, "landing"),
            settings=settings.duckdb,
            limits=Limits(
                columns=settings.max_columns,
                json_depth=settings.max_json_depth,
                line_bytes=settings.max_line_bytes,
                unpacked_ratio=settings.max_unpacked_ratio,
            ),
        )
    stopped = []
    for name, key in entities.items():
        found = report.entities[name]
        yield from _checks(context, key, found)
        if found.stopped:
            stopped.append(found.stopped)
        else:
            yield dg.MaterializeResult(asset_key=key, metadata=_metadata(found))
    if stopped:
        raise dg.Failure("; ".join(stopped), allow_retries=False)
    for key in _BY_PRODUCTS.keys() & context.selected_asset_keys:
        yield dg.MaterializeResult(asset_key=key)


def _metadata(found: load.EntityReport) -> dict[str, Any]:
    return {
        "dagster/partition_row_count": found.rows_loaded,
        "rows read": found.rows_read,
        "rows loaded": found.rows_loaded,
        "rows quarantined": found.rows_quarantined,
        "files new": found.files_new,
        "files duplicate": found.files_duplicate,
        UNSETTLED: dg.MetadataValue.json(found.unsettled),
        "files rejected": dg.MetadataValue.json([file.reason for file in found.rejected]),
        "seconds": found.seconds,
    }


def _checks(
    context: dg.AssetExecutionContext, key: dg.AssetKey, found: load.EntityReport
) -> Iterator[dg.AssetCheckResult]:
    results = {
        ROWS: (dg.AssetCheckSeverity.WARN, "warn", found.rows_quarantined == 0),
        BATCH: (dg.AssetCheckSeverity.ERROR, "error", found.stopped is None),
    }
    for name, (severity, level, passed) in results.items():
        if dg.AssetCheckKey(key, name) not in context.selected_asset_check_keys:
            continue
        expectations = [expectation for expectation in found.expectations if expectation.severity == level]
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name=name,
            passed=passed and all(expectation.success for expectation in expectations),
            severity=severity,
            description=found.stopped if name == BATCH else None,
            metadata={
                expectation.name: dg.MetadataValue.text(f"{expectation.unexpected_count}: {expectation.description}")
                for expectation in expectations
                if not expectation.success
            },
        )
