"""Knowledge about the warehouse, not data in it.

Belongs here: column lineage as an asset that follows changes of the dbt project. Does not: anything a run waits for.
"""

from typing import Any

import dagster as dg

from answerable.settings import Settings
from orchestration import lineage, manifest
from orchestration.defs.warehouse import MANIFEST, Translator, warehouse
from orchestration.failures import POOL, failing_clearly
from orchestration.lock import writing


@dg.asset(
    key="column_lineage",
    deps=list(warehouse.keys),
    group_name="documentation",
    kinds={"dbt"},
    pool=POOL,
    code_version=manifest.fingerprint()[:12],
    automation_condition=dg.AutomationCondition.missing() | dg.AutomationCondition.code_version_changed(),
)
def column_lineage(
    context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]
) -> dg.MaterializeResult[Any]:
    """Which column comes from which, from the compiled SQL; the next build shows it on every model."""
    with failing_clearly(), writing(settings.home, "column lineage", timeout=settings.lock_timeout):
        columns = lineage.columns_of(settings.warehouse)
    models = lineage.compute(settings, MANIFEST, Translator(), columns)
    return dg.MaterializeResult(metadata={"models": models})
