"""What starts a run: the job, its schedule, the sensor on the landing zone.

Belongs here: when. Does not: what (landing, warehouse, published).
"""

import hashlib

import dagster as dg
import duckdb

from answerable.settings import Settings
from ingest import IngestError
from ingest.landing import survey
from orchestration.defs.documentation import column_lineage
from orchestration.defs.recomputation import recomputed_months
from orchestration.lock import LockedError, writing

everything = dg.define_asset_job(
    "everything",
    selection=dg.AssetSelection.all() - dg.AssetSelection.assets(column_lineage, recomputed_months),
    description="Load new files, update the warehouse, test it, publish.",
)

daily = dg.ScheduleDefinition(
    name="daily",
    job=everything,
    cron_schedule="0 5 * * *",
    execution_timezone="UTC",
    description="Every morning, even without new files: open items grow older as days pass.",
)


@dg.sensor(job=everything, minimum_interval_seconds=60)
def landing_zone(settings: dg.ResourceParam[Settings]) -> dg.RunRequest | dg.SkipReason:
    """Start a run when the landing zone has files that no load has seen."""
    try:
        with writing(settings.home, "the landing sensor"):
            files = sorted(_unseen(settings))
    except (LockedError, IngestError) as error:
        return dg.SkipReason(str(error))
    if not files:
        return dg.SkipReason("no new files")
    # The same files start one run, not one per tick: files that failed once fail again.
    return dg.RunRequest(run_key=hashlib.sha256("\0".join(files).encode()).hexdigest())


def _unseen(settings: Settings) -> set[str]:
    """Return what lies in the landing zone and is not in the ledger, as paths under it."""
    found = survey(settings.landing)
    landed = {file.file for files in found.files.values() for file in files} | {file.file for file in found.ignored}
    if not landed or not settings.warehouse.exists():
        return landed
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return landed - {row[0] for row in connection.table("raw.load_ledger").project("file").fetchall()}
