"""Everything Dagster knows about this project. It only loads: see `defs/`."""

import os

import dagster as dg

from orchestration import modes
from orchestration.defs import (
    automation,
    connections,
    delivered_feedback,
    documentation,
    landing,
    published,
    published_postgres,
    recomputation,
    resources,
    scorecards,
    warehouse,
)

# What a run of the UI or of a schedule writes is the owner's alone, as with `answerable run`.
os.umask(modes.UMASK)

# Listed by name: Dagster's loader for a folder of definitions is a preview and warns at each start.
defs = dg.Definitions(
    assets=[
        *connections.assets,
        landing.landing,
        warehouse.warehouse,
        published.publications,
        published.published,
        *published_postgres.assets,
        scorecards.scorecards,
        delivered_feedback.ledger,
        delivered_feedback.delivered_feedback,
        documentation.column_lineage,
        recomputation.recomputed_months,
    ],
    jobs=[automation.everything],
    schedules=[automation.daily],
    sensors=[automation.landing_zone],
    resources={"settings": resources.settings},
    # One process per run: DuckDB has one writing process, and the steps share its caches.
    executor=dg.in_process_executor,
)
