"""Dagster's instance under a home: the same one for `answerable run` and for `dagster dev`.

Belongs here: dagster.yaml, opening the instance, marking runs as failed whose process died.
Does not: what runs (definitions).

`python -m orchestration.instance` prepares the instance and prints its directory, for `DAGSTER_HOME`.
"""

from pathlib import Path
from typing import Any

import dagster as dg
import yaml
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.dagster_run import FINISHED_STATUSES

from answerable.settings import Settings, plainly_named

# Runs started from the command line have this tag and hold the writer's lock from start to end.
LOCK_HOLDER_TAG = "answerable/holds_lock"

_NO_COMPUTE_LOGS = {
    "compute_logs": {
        "module": "dagster._core.storage.noop_compute_log_manager",
        "class": "NoOpComputeLogManager",
    }
}


def prepare(settings: Settings) -> Path:
    """Write dagster.yaml (only if it differs) and return its directory, by a name that Dagster takes as it is."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    # It takes the path of its configuration for a pattern, and those of its databases for a part of a URL.
    directory = plainly_named(settings.dagster_home)
    file, text = directory / "dagster.yaml", yaml.safe_dump(_configuration(directory), sort_keys=False)
    if not file.exists() or file.read_text() != text:
        file.write_text(text)
    return directory


def open_instance(settings: Settings) -> dg.DagsterInstance:
    """Return the persistent instance for a run in this process.

    It captures no output: Dagster's capture starts two more Python processes per step and would hide the progress.
    """
    reference = InstanceRef.from_dir(str(prepare(settings)), overrides=_NO_COMPUTE_LOGS)
    return dg.DagsterInstance.from_ref(reference)


def bury_dead_runs(instance: dg.DagsterInstance) -> None:
    """Mark as failed the unfinished runs of killed commands. Only the holder of the writer's lock may call this."""
    # A command killed between recording its run and starting it leaves a run that is "not started".
    unfinished = [status for status in dg.DagsterRunStatus if status not in FINISHED_STATUSES]
    for run in instance.get_runs(dg.RunsFilter(statuses=unfinished, tags={LOCK_HOLDER_TAG: "true"})):
        instance.report_run_failed(run, "The process of this run ended before the run was finished.")


def _configuration(directory: Path) -> dict[str, Any]:
    return {
        "telemetry": {"enabled": False},
        "nux": {"enabled": False},
        "event_log_storage": {
            "module": "orchestration.event_log",
            "class": "EventLog",
            "config": {"base_dir": str(directory / "events")},
        },
        # DuckDB has one writing process: one run at a time holds the pool, the next one waits.
        "concurrency": {"pools": {"granularity": "run", "default_limit": 1}},
        "run_monitoring": {"enabled": True},
        "freshness": {"enabled": True},
    }


if __name__ == "__main__":
    print(prepare(Settings.load()))
