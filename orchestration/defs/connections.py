"""The client's connections as assets, upstream of the entities they land.

Belongs here: one asset per connection of ANSWERABLE_CONNECTIONS, retries with back-off. Does not: a sync
(ingest.connections).

A connection that fails is a failed check of its asset, which keeps nothing from running: the others land, and so does
what lies in the landing zone. They write no warehouse, so they are in no pool.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from answerable.settings import Settings, SettingsError
from ingest.connections import Configuration, ConnectionFailedError
from orchestration import connecting
from orchestration.lock import writing

LANDED = "landed"
MAX_RETRIES, FIRST_WAIT_SECONDS = 3, 5


def _configuration() -> Configuration | None:
    try:
        settings = Settings.load()
    except SettingsError:
        return None  # every run says so
    return connecting.configuration(settings)


_FOUND = _configuration()


def key_of(name: str) -> dg.AssetKey:
    """Return the key of a connection's asset."""
    return dg.AssetKey(["connections", name])


def upstream_of(entity: str) -> list[dg.AssetKey]:
    """Return the connections that may land an entity."""
    landed = connecting.entities_by_connection(_FOUND) if _FOUND else {}
    return [key_of(name) for name, entities in landed.items() if entity in entities]


def of(found: Configuration) -> Iterator[dg.AssetsDefinition]:
    """Yield the asset of each connection, in their order."""
    before: list[dg.AssetKey] = []
    for name in found.connections:
        yield _asset(found, name, list(before))
        before.append(key_of(name))


def _asset(found: Configuration, name: str, before: list[dg.AssetKey]) -> dg.AssetsDefinition:
    key = key_of(name)

    @dg.asset(
        key=key,
        deps=before,  # who owns the accounts comes first: the others are linked to what it landed
        description=f"Records of {found.connector_of(name).title}, landed.",
        group_name="connections",
        kinds={"duckdb"},
        check_specs=[dg.AssetCheckSpec(LANDED, asset=key, description="Its records, if new, landed")],
    )
    def connection(context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]) -> Iterator[Any]:
        try:
            with writing(settings.home, "a sync", timeout=settings.lock_timeout, on_wait=context.log.info):
                report = connecting.sync(settings, found, name)
        except ConnectionFailedError as error:
            if error.is_passing and context.retry_number < MAX_RETRIES:
                raise dg.RetryRequested(MAX_RETRIES, FIRST_WAIT_SECONDS * 2**context.retry_number) from error
            failed = dg.AssetCheckResult(check_name=LANDED, passed=False, description=f"{name}: {error}")
            yield dg.MaterializeResult(check_results=[failed], metadata={"records landed": 0})
            return
        yield dg.MaterializeResult(
            check_results=[dg.AssetCheckResult(check_name=LANDED, passed=True)],
            metadata={
                "records landed": report.landed,
                "changes": dg.MetadataValue.json({change.entity: change.landed for change in report.changes}),
            },
        )

    return connection


assets = list(of(_FOUND)) if _FOUND else []
keys = {key for definition in assets for key in definition.keys}
