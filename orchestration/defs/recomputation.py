"""Backfills by date: months whose rows the next build computes again from raw.

Belongs here: the months as partitions. Nothing depends on them as an asset: any build that follows does the work.
Does not: how a build knows what to compute (macro `maintained` of the dbt project).
"""

import warnings
from datetime import timedelta
from typing import Any

import dagster as dg

from answerable.settings import Settings
from ingest import load
from orchestration import dbt_process
from orchestration.failures import POOL, failing_clearly
from orchestration.lock import writing

# A backfill of many months in one run is marked as beta; whoever starts a command need not read that each time.
warnings.filterwarnings("ignore", category=dg.BetaWarning, message="Parameter `backfill_policy`")


@dg.asset(
    key="recomputed_months",
    partitions_def=dg.MonthlyPartitionsDefinition(start_date="2015-01-01", end_offset=1),
    backfill_policy=dg.BackfillPolicy.single_run(),
    group_name="recomputation",
    kinds={"dbt"},
    pool=POOL,
)
def recomputed_months(
    context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]
) -> dg.MaterializeResult[Any]:
    """Have what happened in these months computed again from raw by the next build, and the periods that hold them."""
    window = context.partition_time_window
    first_day, last_day = window.start.date(), (window.end - timedelta(days=1)).date()
    with failing_clearly(), writing(settings.home, "a recomputation", timeout=settings.lock_timeout):
        load.prepare(settings.warehouse)
        dbt_process.run_operation(
            settings, "recompute_between", {"first_day": str(first_day), "last_day": str(last_day)}
        )
    return dg.MaterializeResult(metadata={"first day": str(first_day), "last day": str(last_day)})
