"""The job `everything` inside this process, on the instance that the UI shows.

Belongs here: starting it under the writer's lock, following it, saying how it ended.
Does not: how that is shown to a person (answerable.cli), what the steps do (defs).
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import dagster as dg
from dagster._core.utils import make_new_run_id

from answerable.settings import Settings
from ingest import programme
from orchestration import instance, manifest
from orchestration.lock import writing

AFTERWARDS = {
    "published_postgres": "not to PostgreSQL",
    "scorecards": "without scorecards",
    "delivered_feedback": "not all feedback was delivered",
}
"""The steps whose failure leaves a version published, and what it then lacks."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended: `reason` is one line, None if it published; `checks` counts passed, warned and failed ones.

    `lacking` says what the published version goes without and why, such as PostgreSQL; None if nothing it is asked for.
    """

    run_id: str
    reason: str | None
    checks: Counter[str]
    lacking: str | None = None

    @property
    def published(self) -> bool:
        """Whether a new version serves."""
        return self.reason is None


def run_everything(
    settings: Settings, *, full_refresh: bool = False, on_wait: Callable[[str], object] = lambda _: None
) -> Outcome:
    """Load, build, test and publish. `orchestration.progress` tells how far it is.

    Raises LockedError if another process keeps the lock, IngestError if the programme is wrong, ManifestError if the
    dbt project is.
    """
    with writing(settings.home, "answerable run", timeout=settings.lock_timeout, on_wait=on_wait):
        programme.resolve(settings.programme, manifest.DEFAULT_PROGRAMME, manifest.programme_directory(settings))
        from orchestration.definitions import defs

        job = defs.resolve_job_def("everything")
        with instance.open_instance(settings) as dagster:
            instance.bury_dead_runs(dagster)
            run_id = make_new_run_id()
            result = job.execute_in_process(
                instance=dagster,
                run_id=run_id,
                raise_on_error=False,
                tags={instance.LOCK_HOLDER_TAG: "true"},
                run_config={
                    "ops": {"warehouse": {"config": {"full_refresh": full_refresh}}},
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                },
            )
    reasons = _reasons(result)
    lacking = [f"{lack}: {reasons.pop(step)}" for step, lack in AFTERWARDS.items() if step in reasons]
    if not result.success and not reasons and not lacking:
        reasons["run"] = "the run ended before its last step"
    return Outcome(run_id, next(iter(reasons.values()), None), _checks(result), "; ".join(lacking) or None)


def _checks(result: dg.ExecuteInProcessResult) -> Counter[str]:
    counts: Counter[str] = Counter()
    for evaluation in result.get_asset_check_evaluations():
        is_warning = evaluation.severity == dg.AssetCheckSeverity.WARN
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
