"""The scorecards as an asset, after the publication they show.

Belongs here: when they are written, what Dagster shows about them. Does not: what they say (`answerable.scorecards`).
"""

from typing import Any

import dagster as dg

from answerable import scorecards as pages
from answerable.published import current_version
from answerable.settings import DATABASE, Settings
from orchestration import modes, progress, publishing
from orchestration.defs.published import published
from orchestration.failures import POOL, RETRIES, failing_clearly
from orchestration.lock import writing


@dg.asset(key="scorecards", deps=[published], group_name="published", kinds={"html"}, pool=POOL, retry_policy=RETRIES)
def scorecards(context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]) -> dg.MaterializeResult[Any]:
    """A page for the company and one for each team, from the served version, under `reports/<version>`."""
    with failing_clearly(), writing(settings.home, "the scorecards", timeout=settings.lock_timeout):
        progress.tell("scorecards", "reading")
        version = current_version(settings.published)
        if version is None:
            raise dg.Failure("nothing is published yet; materialize all assets", allow_retries=False)
        pages.prune(settings.reports, publishing.versions(settings.published))
        written = pages.write(settings.published / version / DATABASE, settings.reports, version)
        modes.open_to(settings.readers_group, settings.home, settings.reports)
    return dg.MaterializeResult(
        metadata={
            "version": version,
            "company": dg.MetadataValue.path(str(written[0])),
            "pages": len(written),
            "bytes": sum(page.stat().st_size for page in written),
        }
    )
