"""dbt inside this process: one build, its results as they come.

Belongs here: invoking dbt, turning its events into plain results, explaining a failure, giving the warehouse file back.
Does not: which nodes are built (the caller), what they become in Dagster (`defs.warehouse`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

import duckdb
from pydantic import ByteSize, TypeAdapter

from answerable.settings import Settings
from orchestration import manifest, progress

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt_common.events.base_types import EventMsg

_RESULT_EVENTS = {"LogModelResult", "LogSeedResult", "LogSnapshotResult", "LogTestResult"}
_HAND_OVER_SECONDS = 15
_MODEL_BYTES_PER_RAW_ROW = 256  # what the largest models hold in memory at their peak, per row loaded
_ROWS_SHOWN = 5
_VALUE_WIDTH = 60


class BuildError(Exception):
    """dbt built or tested something wrong; the message names it and, for a test, rows that fail it."""


@dataclass(frozen=True)
class NodeResult:
    """What became of one node: status as dbt says it (success, pass, warn, fail, error), seconds, failing rows."""

    unique_id: str
    status: str
    seconds: float
    failures: int


def build(settings: Settings, arguments: Sequence[str] = ()) -> Iterator[NodeResult]:
    """Run `dbt build` with these further arguments and yield every node's result, some seconds after dbt has it.

    Raises BuildError after the last result if a node or an error-severity test failed.
    """
    results: SimpleQueue[NodeResult] = SimpleQueue()
    outcome: Future[dbtRunnerResult] = Future()
    # A daemon: whoever interrupts the run need not wait for the model in hand; DuckDB rolls it back.
    Thread(target=_run, args=(settings, arguments, results, outcome), name="dbt", daemon=True).start()
    # What the caller does with a result competes with dbt for the interpreter: rarely and in bulk costs least.
    while not wait([outcome], timeout=_HAND_OVER_SECONDS).done:
        yield from _drain(results)
    yield from _drain(results)
    if not outcome.result().success:
        raise BuildError(_reason(settings, outcome.result()))


def run_operation(settings: Settings, macro: str, arguments: Mapping[str, str]) -> None:
    """Run a macro of the project. Raises BuildError with dbt's reason."""
    from dbt.cli.main import dbtRunner

    os.environ.update(manifest.environment(settings))
    command = ["run-operation", macro, "--args", json.dumps(arguments), *manifest.dbt_arguments(settings)]
    done = dbtRunner(manifest.parsed(settings)).invoke(command)
    _release_warehouse()
    if not done.success:
        raise BuildError(_one_line(str(done.exception or f"{macro} failed")))


def models_at_once(settings: Settings) -> int:
    """Return how many models dbt builds side by side: one at a time where two would make each other spill to disk."""
    with duckdb.connect(str(settings.warehouse)) as connection:
        raw = "select coalesce(sum(estimated_size), 0) from duckdb_tables() where schema_name = 'raw'"
        (rows,) = connection.sql(raw).fetchall()[0]
    memory = TypeAdapter(ByteSize).validate_python(settings.memory_limit)
    return 1 if rows * _MODEL_BYTES_PER_RAW_ROW > memory else settings.threads


def _run(
    settings: Settings, arguments: Sequence[str], results: SimpleQueue[NodeResult], outcome: Future[dbtRunnerResult]
) -> None:
    from dbt.cli.main import dbtRunner

    def listen(event: EventMsg) -> None:
        if event.info.name in _RESULT_EVENTS:
            result = _result(event.data)
            results.put(result)
            progress.tell("warehouse", result.unique_id.split(".")[2])

    os.environ.update(manifest.environment(settings))
    command = ["build", "--exclude-resource-type", "unit_test", *manifest.dbt_arguments(settings)]
    try:
        command += ["--threads", str(models_at_once(settings)), *arguments]
        built = dbtRunner(manifest.parsed(settings), [listen]).invoke(command)
        _release_warehouse()
        outcome.set_result(built)
    except BaseException as error:
        outcome.set_exception(error)


def _drain(results: SimpleQueue[NodeResult]) -> Iterator[NodeResult]:
    with suppress(Empty):
        while True:
            yield results.get_nowait()


def _result(data: Any) -> NodeResult:
    node, seconds = data.node_info, data.execution_time
    with suppress(ValueError):
        seconds = (_instant(node.node_finished_at) - _instant(node.node_started_at)).total_seconds()
    return NodeResult(node.unique_id, node.node_status, seconds, getattr(data, "num_failures", 0))


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _release_warehouse() -> None:
    """Close dbt's DuckDB instance, which it keeps open for the life of the process."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    with suppress(Exception):  # there is none before the first query
        DuckDBConnectionManager.env().close()  # type: ignore[no-untyped-call]
    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]


def _reason(settings: Settings, outcome: dbtRunnerResult) -> str:
    results = getattr(outcome.result, "results", [])
    failed = [result for result in results if result.status in ("fail", "error", "runtime error")]
    if not failed:
        return _one_line(str(outcome.exception or "dbt stopped"))
    # A broken model explains the tests that could not run; a failing test explains itself.
    first = min(failed, key=lambda result: result.status == "fail")
    more = f" ({len(failed) - 1} more failed)" if len(failed) > 1 else ""
    if first.status != "fail":
        return f"{first.node.name}: {_one_line(first.message)}{more}"
    rows = _failing_rows(settings, first.node.compiled_code)
    return f"{first.node.name}: {first.failures} failing row(s){more}: {rows}"


def _failing_rows(settings: Settings, sql: str) -> str:
    """Return up to five rows of a test's own query, as text."""
    try:
        with duckdb.connect(str(settings.warehouse)) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            relation = connection.sql(sql).limit(_ROWS_SHOWN)
            names, rows = relation.columns, relation.fetchall()
    except duckdb.Error as error:
        return f"the rows cannot be shown ({_one_line(str(error))})"
    return "; ".join(_row(dict(zip(names, row, strict=True))) for row in rows)


def _row(row: Mapping[str, Any]) -> str:
    """Return the row as text: what the test itself says of it in column `issue`, else its values, long ones cut."""
    if issue := row.get("issue"):
        return _one_line(str(issue))
    values = ((name, " ".join(str(value).split())) for name, value in row.items() if value is not None)
    return ", ".join(f"{name}={text[:_VALUE_WIDTH]}" for name, text in values)


def _one_line(text: str) -> str:
    return " ".join(text.split())
