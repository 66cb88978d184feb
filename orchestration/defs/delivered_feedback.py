"""The delivery of feedback as an asset, after the publication it comes from.

Belongs here: when it is sent, and what Dagster shows about it. Does not: what is sent, and how (`answerable.delivery`).
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from answerable import delivery
from answerable.published import current_version
from answerable.settings import DATABASE, Settings
from ingest import programme
from orchestration import manifest, progress
from orchestration.defs.landing import DELIVERIES
from orchestration.defs.published import published
from orchestration.failures import POOL, RETRIES, failing_clearly
from orchestration.lock import writing

KEY = dg.AssetKey("delivered_feedback")
CHECK = "feedback_delivered"

ledger = dg.AssetSpec(
    DELIVERIES, description="Every item of feedback sent or due to a team", group_name="published", kinds={"duckdb"}
)


@dg.multi_asset(
    name="delivered_feedback",
    specs=[
        dg.AssetSpec(
            KEY,
            deps=[published],
            description="New detractors, flagged notices and overdue follow-ups, sent to each team's `delivery_url`.",
            group_name="published",
            kinds={"apprise"},
            skippable=True,
        )
    ],
    check_specs=[dg.AssetCheckSpec(CHECK, asset=KEY, description="Every endpoint accepted what was due to its team")],
    can_subset=True,
    pool=POOL,
    retry_policy=RETRIES,
)
def delivered_feedback(context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]) -> Iterator[Any]:
    """Send new items that were not sent yet; retry what an endpoint refuses, now and in the next run."""
    with failing_clearly(), writing(settings.home, "a delivery", timeout=settings.lock_timeout):
        teams = [team for team in programme.teams(settings.programme, manifest.DEFAULT_PROGRAMME) if team.url]
        if not teams:
            yield dg.MaterializeResult(asset_key=KEY, metadata={"teams": "none has a delivery_url"})
            return
        progress.tell("delivered_feedback", "sending")
        version = current_version(settings.published)
        if version is None:
            raise dg.Failure("nothing is published yet; materialize all assets", allow_retries=False)
        found = delivery.deliver(
            settings.published / version / DATABASE,
            settings.warehouse,
            teams,
            delivery.When(settings.as_of, settings.delivery_days),
        )
    failed = [one for one in found if one.failure]
    retried = any(one.is_passing for one in failed) and context.retry_number < RETRIES.max_retries
    if not retried and dg.AssetCheckKey(KEY, CHECK) in context.selected_asset_check_keys:
        yield dg.AssetCheckResult(
            asset_key=KEY,
            check_name=CHECK,
            passed=not failed,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={one.team.team_id: str(one) for one in failed},
        )
    if failed:
        raise dg.Failure("; ".join(map(str, failed)), allow_retries=retried)
    yield dg.MaterializeResult(
        asset_key=KEY,
        metadata={
            "version": version,
            "messages": sum(one.messages for one in found),
            "items": sum(one.items for one in found),
            "items waiting": sum(one.waiting for one in found),
            "teams": dg.MetadataValue.json([str(one) for one in found]),
        },
    )
