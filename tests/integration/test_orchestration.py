"""The Dagster definitions, and what a run leaves on the instance that the UI shows."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest
from conftest import Installation

from answerable.settings import Settings
from ingest import load
from ingest.contracts import load_contracts


@pytest.fixture(scope="module")
def settings(worked_example: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The settings of the worked example, for this process: its definitions are read when they are first imported."""
    example = worked_example.copy(tmp_path_factory.mktemp("orchestration"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in example.environment().items():
            patch.setenv(name, value)
        yield Settings.load()


@pytest.fixture(scope="module")
def defs(settings: Settings) -> dg.Definitions:
    from orchestration.definitions import defs

    return defs


@pytest.fixture(scope="module")
def specs(defs: dg.Definitions) -> dict[dg.AssetKey, dg.AssetSpec]:
    return {spec.key: spec for spec in defs.resolve_all_asset_specs()}


@pytest.fixture(scope="module")
def instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    from orchestration.instance import open_instance

    with open_instance(settings) as instance:
        yield instance


def test_every_asset_hangs_together_from_landing_to_published(specs: dict[dg.AssetKey, dg.AssetSpec]) -> None:
    neighbours: dict[dg.AssetKey, set[dg.AssetKey]] = {key: set() for key in specs}
    for key, spec in specs.items():
        for dep in spec.deps:
            neighbours[key].add(dep.asset_key)
            neighbours[dep.asset_key].add(key)

    reached, waiting = set(), [dg.AssetKey("published")]
    while waiting:
        key = waiting.pop()
        reached.add(key)
        waiting += neighbours[key] - reached

    # nothing depends on months that are to be recomputed: a selection along the graph is to stay free of partitions
    assert set(specs) - reached == {dg.AssetKey("recomputed_months")}


def test_every_landed_entity_is_an_asset_with_owner_freshness_and_checks(
    defs: dg.Definitions, specs: dict[dg.AssetKey, dg.AssetSpec]
) -> None:
    checks = defs.resolve_asset_graph().asset_check_keys
    for contract in load_contracts().values():
        spec = specs[dg.AssetKey(["raw", contract.table])]
        assert list(spec.owners) == [contract.owner]
        assert spec.group_name == contract.source
        assert spec.freshness_policy
        assert {dg.AssetCheckKey(spec.key, "rows"), dg.AssetCheckKey(spec.key, "batch")} <= checks


def test_every_dbt_node_is_an_asset_and_every_test_a_check(
    defs: dg.Definitions, specs: dict[dg.AssetKey, dg.AssetSpec]
) -> None:
    from orchestration.defs.warehouse import MANIFEST, warehouse
    from orchestration.selection import is_stored

    nodes = [node for node in MANIFEST["nodes"].values() if is_stored(node)]
    tests = {key: node for key, node in MANIFEST["nodes"].items() if node["resource_type"] == "test"}
    checks = {spec.metadata["dagster_dbt/unique_id"]: spec for spec in warehouse.check_specs}

    assert {dg.AssetKey([node["schema"], node["name"]]) for node in nodes} <= set(specs)
    assert set(checks) == set(tests)
    assert {key for key, spec in checks.items() if spec.blocking} == {
        key for key, node in tests.items() if node["config"]["severity"].lower() == "error"
    }


def test_whatever_writes_the_warehouse_shares_one_pool(defs: dg.Definitions) -> None:
    operations = list(defs.resolve_job_def("everything").graph.node_defs)

    assert {operation.name for operation in operations} == {
        "landing",
        "warehouse",
        "published",
        "scorecards",
        "delivered_feedback",
    }
    assert {pool for operation in operations for pool in operation.pools} == {"warehouse"}  # type: ignore[attr-defined]


def test_the_command_and_the_ui_share_their_history(instance: dg.DagsterInstance) -> None:
    run, landed = instance.get_runs(dg.RunsFilter(job_name="everything"))
    assert {one.status for one in (run, landed)} == {dg.DagsterRunStatus.SUCCESS}

    [event] = instance.fetch_materializations(dg.AssetKey(["marts", "rpt_nps"]), limit=1).records
    assert event.run_id == run.run_id
    metadata = event.asset_materialization.metadata  # type: ignore[union-attr]
    assert metadata["dagster/row_count"].value > 0
    assert metadata["seconds"].value > 0


def test_published_only_after_every_blocking_check_passed(
    defs: dg.Definitions, instance: dg.DagsterInstance, worked_example: Installation
) -> None:
    evaluations = instance.event_log_storage.get_latest_asset_check_execution_by_key(
        list(defs.resolve_asset_graph().asset_check_keys)
    )
    passed = sum(record.status.value == "SUCCEEDED" for record in evaluations.values())

    assert worked_example.rows("select checks_passed from marts.publication") == [(passed,)]


@pytest.mark.parametrize("left", ["NOT_STARTED", "STARTING", "STARTED", "CANCELING"])
def test_a_killed_run_is_not_running_for_ever(tmp_path_factory: pytest.TempPathFactory, left: str) -> None:
    from orchestration.instance import LOCK_HOLDER_TAG, bury_dead_runs, open_instance

    with open_instance(Settings(home=tmp_path_factory.mktemp("killed"))) as instance:
        status = dg.DagsterRunStatus(left)
        ours = instance.create_run_for_job(_nothing, tags={LOCK_HOLDER_TAG: "true"}, status=status)
        theirs = instance.create_run_for_job(_nothing, status=status)

        bury_dead_runs(instance)

        assert _status(instance, ours) == dg.DagsterRunStatus.FAILURE
        assert _status(instance, theirs) == status


def test_a_manifest_that_a_killed_build_left_half_written_does_no_harm(
    settings: Settings, defs: dg.Definitions
) -> None:
    from orchestration import manifest

    written = settings.dbt_home / "target" / "manifest.json"
    whole = written.read_bytes()
    try:
        written.write_bytes(whole[:1000])
        assert manifest.load(settings)["nodes"]
    finally:
        written.write_bytes(whole)


def test_a_subset_of_the_entities_loads_just_that(installation: Installation) -> None:
    installation.land("crm.products", "product_id,product_name,updated_at\np,P,2025-01-01T00:00:00Z\n")
    installation.land("crm.sites", "site_id,account_id,updated_at\ns,a,2025-01-01T00:00:00Z\n")
    command = ["asset", "materialize", "--select", 'key:"raw/crm_products"', "-m", "orchestration.definitions"]

    result = subprocess.run(
        [sys.executable, "-m", "dagster", *command],
        env=installation.environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert result.returncode == 0, result.stderr
    counts = "select (select count(*) from raw.crm_products), (select count(*) from raw.crm_sites)"
    assert installation.raw_rows(counts) == [(1, 0)]


def test_the_sensor_sees_files_that_no_load_has_seen(defs: dg.Definitions, installation: Installation) -> None:
    home = Settings(home=installation.home, landing=installation.landing)
    load.prepare(home.warehouse)

    assert isinstance(_tick(defs, home), dg.SkipReason)

    installation.land("crm.products", "product_id,product_name,updated_at\np,P,2025-01-01T00:00:00Z\n")
    request = _tick(defs, home)
    assert isinstance(request, dg.RunRequest)
    assert _tick(defs, home).run_key == request.run_key

    load.load(home.warehouse, home.landing, home.home, hmac_key=os.urandom(32))
    assert isinstance(_tick(defs, home), dg.SkipReason)


def _tick(defs: dg.Definitions, settings: Settings) -> Any:
    sensor = defs.resolve_sensor_def("landing_zone")
    with dg.build_sensor_context(resources={"settings": settings}) as context:
        return sensor(context)


def _status(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dg.DagsterRunStatus:
    found = instance.get_run_by_id(run.run_id)
    assert found
    return found.status


@dg.job
def _nothing() -> None:
    """A job of no steps."""
