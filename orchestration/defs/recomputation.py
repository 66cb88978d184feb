"""Backfills by date: months whose periods the next build scores again.

Belongs here: the months as partitions. Nothing depends on them as an asset: any build that follows does the work.
Does not: scoring them (the dbt project). What follows from records alone is built whole by every build anyway.
"""

import warnings
from datetime import timedelta
from typing import Any

import dagster as dg

from answerable.settings import Settings
from ingest.warehouse import connect
from orchestration import build_state
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
    """Forget the scores of the periods that hold days of these months: the next build scores them again."""
    window = context.partition_time_window
    first_day, last_day = window.start.date(), (window.end - timedelta(days=1)).date()
    lock = writing(settings.home, "a recomputation", timeout=settings.lock_timeout)
    with failing_clearly(), lock, connect(settings.warehouse) as connection:
        build_state.remember_run(connection, None)
        forgotten = build_state.forget_scores(connection, first_day, last_day)
    return dg.MaterializeResult(metadata={"first day": str(first_day), "last day": str(last_day), "periods": forgotten})
