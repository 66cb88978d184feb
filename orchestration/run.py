"""The job `everything` inside this process, on the instance that the UI shows: first what landed, then what follows.

Belongs here: starting it under the writer's lock, leaving out what can't have changed, saying how it ended.
Does not: how that is shown to a person (answerable.cli), what the steps do (defs), what follows from what (selection).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from answerable.published import current_version
from answerable.settings import Settings
from ingest import load, programme
from ingest.warehouse import connect
from orchestration import build_state, connecting, manifest
from orchestration.lock import writing
from orchestration.selection import affected, remembered

if TYPE_CHECKING:
    import dagster as dg
    import duckdb

AFTERWARDS = {
    "published_postgres": "not to PostgreSQL",
    "scorecards": "without scorecards",
    "delivered_feedback": "not all feedback was delivered",
}
"""The steps whose failure leaves a version published, and what it then lacks."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended: `reason` is one line, None if it published; `checks` counts passed, warned and failed ones.

    `load_id` names what it loaded, `unsettled` the files it left because they are still being written. `lacking` says
    what the published version goes without and why, such as PostgreSQL; None if nothing it is asked for. `is_new` is
    false where there was nothing new, so nothing was published. `failed` has a line per connection that landed nothing.
    """

    load_id: str = ""
    unsettled: Sequence[str] = ()
    reason: str | None = None
    checks: Counter[str] = field(default_factory=Counter)
    lacking: str | None = None
    is_new: bool = True
    failed: Sequence[str] = ()


def run_everything(
    settings: Settings,
    *,
    full_refresh: bool = False,
    force: bool = False,
    accept_restatement: bool = False,
    on_wait: Callable[[str], object] = lambda _: None,
) -> Outcome:
    """Load, build, test and publish what can have changed. `orchestration.progress` tells how far it is.

    Where nothing can, nothing is published, unless `force` asks for it; nor is a version that lost its point, unless
    `accept_restatement` says so.
    Raises LockedError if another process keeps the lock, IngestError if the programme is wrong, ManifestError if the
    dbt project is.
    """
    with writing(settings.home, "answerable run", timeout=settings.lock_timeout, on_wait=on_wait):
        run = _Run(settings, full_refresh=full_refresh, force=force, accept_restatement=accept_restatement)
        if run.is_idle():
            return Outcome(is_new=False)
        return run.execute()


class _Run:
    """One run under the writer's lock."""

    def __init__(self, settings: Settings, *, full_refresh: bool, force: bool, accept_restatement: bool) -> None:
        self._settings, self._full_refresh, self._force = settings, full_refresh, force
        self._accept_restatement = accept_restatement
        self._programme = programme.resolve(
            settings.programme, manifest.DEFAULT_PROGRAMME, manifest.programme_directory(settings)
        )
        load.prepare(settings.warehouse)

    def is_idle(self) -> bool:
        """Return whether nothing waits, and the served version is what this run would make of the records there are."""
        waits = load.has_waiting_files(self._settings.warehouse, self._settings.landing) or self._feedback_waits()
        return not waits and self._is_served() and not connecting.is_waiting(self._settings)

    def execute(self) -> Outcome:
        """Run the job: connections, the landed entities, then everything that can have changed by what they brought."""
        # Imported here: a run with nothing to do need not wait for it.
        from dagster._core.utils import make_new_run_id

        from orchestration import instance
        from orchestration.definitions import defs
        from orchestration.defs import connections, delivered_feedback
        from orchestration.defs.landing import landing
        from orchestration.defs.warehouse import warehouse

        job = defs.resolve_job_def("everything")
        load_id = make_new_run_id()
        with instance.open_instance(self._settings) as dagster:
            instance.bury_dead_runs(dagster)
            failed: list[str] = []
            if connections.keys and connecting.is_waiting(self._settings):
                failed = _failures(_execute(job, dagster, make_new_run_id(), connections.keys, {}))
            results = [_execute(job, dagster, load_id, landing.keys, {})]
            if not results[0].success:
                return replace(_outcome(load_id, results), failed=failed)
            if self._is_served():
                if self._feedback_waits():
                    results += [_execute(job, dagster, make_new_run_id(), {delivered_feedback.KEY}, {})]
                return replace(_outcome(load_id, results), is_new=False, failed=failed)
            elsewhere = landing.keys | warehouse.keys | connections.keys
            following = set(job.asset_layer.executable_asset_keys) - elsewhere | self._built()
            ops = {
                "warehouse": {"config": {"full_refresh": self._full_refresh}},
                "published": {"config": {"accept_restatement": self._accept_restatement}},
            }
            results += [_execute(job, dagster, make_new_run_id(), following, ops)]
        outcome = replace(_outcome(load_id, results), failed=failed)
        if outcome.reason is None and outcome.lacking is None:
            with connect(self._settings.warehouse) as connection:
                build_state.remember_run(connection, self._made_of())
        return outcome

    def _is_served(self) -> bool:
        """Return whether the served version is what would be made of the same records now."""
        if self._full_refresh or self._force:
            return False
        with connect(self._settings.warehouse) as connection:
            changed = self._changed(connection)
            # within a day the clock alone changes nothing
            nothing_landed = changed is not None and changed <= {"memory.clock"}
            return nothing_landed and build_state.last_run(connection) == self._made_of()

    def _feedback_waits(self) -> bool:
        """Return whether a team is still to be sent something, as after its quiet hours."""
        with connect(self._settings.warehouse) as connection:
            return bool(connection.execute("SELECT 1 FROM memory.deliveries WHERE delivered_at IS NULL").fetchone())

    def _made_of(self) -> str:
        code = manifest.code_version(manifest.fingerprint())
        return build_state.made_of(self._settings, code, self._programme, current_version(self._settings.published))

    def _changed(self, connection: duckdb.DuckDBPyConnection) -> set[str] | None:
        build = build_state.Build(True, self._programme, manifest.fingerprint(), self._settings.as_of)
        return build_state.changed_sources(connection, build)

    def _built(self) -> Set[dg.AssetKey]:
        """Return the nodes of the dbt project that can come out different from the last finished build, as assets."""
        from orchestration.defs.warehouse import MANIFEST, keys_of, warehouse

        with connect(self._settings.warehouse) as connection:
            changed = self._changed(connection)
        if changed is None or self._full_refresh:
            return warehouse.keys
        return keys_of(affected(MANIFEST, changed | remembered(MANIFEST)))


def _execute(
    job: dg.JobDefinition, dagster: dg.DagsterInstance, run_id: str, keys: Set[dg.AssetKey], ops: dict[str, Any]
) -> dg.ExecuteInProcessResult:
    from orchestration.instance import LOCK_HOLDER_TAG

    return job.execute_in_process(
        instance=dagster,
        run_id=run_id,
        raise_on_error=False,
        tags={LOCK_HOLDER_TAG: "true"},
        asset_selection=sorted(keys),
        run_config={"ops": ops, "loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )


def _outcome(load_id: str, results: Sequence[dg.ExecuteInProcessResult]) -> Outcome:
    reasons = {step: reason for result in results for step, reason in _reasons(result).items()}
    lacking = [f"{lack}: {reasons.pop(step)}" for step, lack in AFTERWARDS.items() if step in reasons]
    if not results[-1].success and not reasons and not lacking:
        reasons["run"] = "the run ended before its last step"
    return Outcome(
        load_id, _unsettled(results), next(iter(reasons.values()), None), _checks(results), "; ".join(lacking) or None
    )


def _failures(result: dg.ExecuteInProcessResult) -> list[str]:
    """Return why each connection that landed nothing did so, one line each."""
    checks = [one.description or "" for one in result.get_asset_check_evaluations() if not one.passed]
    return [*checks, *_reasons(result).values()]


def _unsettled(results: Sequence[dg.ExecuteInProcessResult]) -> list[str]:
    from orchestration.defs.landing import UNSETTLED

    found = [
        event.step_materialization_data.materialization.metadata.get(UNSETTLED)
        for result in results
        for event in result.all_events
        if event.is_step_materialization
    ]
    return sorted(str(file) for listed in found if listed is not None for file in _values(listed.value))


def _values(listed: Any) -> list[Any]:
    return list(listed) if isinstance(listed, list | tuple) else []


def _checks(results: Sequence[dg.ExecuteInProcessResult]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for evaluation in (one for result in results for one in result.get_asset_check_evaluations()):
        is_warning = evaluation.severity.value == "WARN"
        counts["passed" if evaluation.passed else "warned" if is_warning else "failed"] += 1
    return counts


def _reasons(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    """Return the description of each failed step, or the first line of its error, in their order."""
    reasons = {}
    for event in result.all_events:
        if event.is_step_failure and event.step_key:
            failure = event.step_failure_data
            if failure.user_failure_data and failure.user_failure_data.description:
                reasons[event.step_key] = failure.user_failure_data.description
            elif failure.error:
                reasons[event.step_key] = failure.error.message.strip().splitlines()[0]
    return reasons
