"""Great Expectations on staged batches: what each contract promises, what was found, whether a batch may be loaded.

Belongs here: the suite that follows from a contract, its validation, the pages about it.
Does not: move rows; quarantine takes what these expectations find, load commits what passes them.

Great Expectations takes seconds to import, so it is imported only when there is a new batch. One context serves all
batches of a load and reads them through the load's own in-memory DuckDB.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import duckdb

from ingest import IngestError, rules, staging
from ingest.contracts import TOMBSTONE, Column, Contract
from ingest.rules import identifier, literal

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult

Severity = Literal["error", "warn"]

FEWEST_TO_STOP = 20
SMALLEST_TO_STOP = 5
"""A batch is stopped from the first number of refused rows on, or if half of at least the second are refused."""

_GX_SEVERITY = {"error": "critical", "warn": "warning"}


@dataclass(frozen=True)
class Expectation:
    """One promise about a batch. `query` selects the rows of `{batch}` that break it; `error` stops the batch."""

    name: str
    description: str
    severity: Severity
    query: str


@dataclass(frozen=True)
class ExpectationResult:
    """The result of a validation: `unexpected_count` rows break the promise."""

    name: str
    success: bool
    severity: Severity
    unexpected_count: int
    description: str


def suite(contract: Contract, max_quarantined_share: float = 0.05) -> list[Expectation]:
    """Return what the contract promises: batch-level expectations first, then one per column."""
    return [
        Expectation(
            "quarantined_share",
            f"At most {max_quarantined_share:.1%} of the batch, or fewer than {FEWEST_TO_STOP} rows, are quarantined; "
            f"of {SMALLEST_TO_STOP} rows or more, fewer than half.",
            "error",
            "SELECT count(*) AS rows_read, count(*) FILTER (_is_refused) AS rows_quarantined FROM {batch} "
            f"HAVING (rows_quarantined >= {FEWEST_TO_STOP} "
            f"AND rows_quarantined > {max_quarantined_share!r} * rows_read) "
            f"OR (rows_read >= {SMALLEST_TO_STOP} AND rows_quarantined * 2 >= rows_read)",
        ),
        Expectation(
            "rows_accounted_for",
            "Every record read from the files is either good, with every required value, or refused with a reason.",
            "error",
            _accounts(contract),
        ),
        Expectation(
            "readable_records",
            "Every record has the columns of its header, or is a JSON object.",
            "warn",
            "SELECT _file, _row_number FROM {batch} WHERE _is_refused AND _landed IS NULL",
        ),
        *(_of_column(contract, column, i) for i, column in enumerate(contract.columns, 1)),
    ]


def _accounts(contract: Contract) -> str:
    deleted = rules.tombstone(contract, f"{identifier(TOMBSTONE)}::VARCHAR")
    good = " AND ".join(
        rules.is_fine(c, identifier(c.name), "true", deleted) for c in contract.columns if c.is_required
    )
    return (
        f"SELECT * FROM (SELECT count(*) AS staged, count(*) FILTER (NOT _is_refused AND {good}) AS good, "
        "count(*) FILTER (len(_reasons) > 0) AS refused FROM {batch}), "
        f"(SELECT coalesce(sum(rows_read), 0) AS rows_read FROM {staging.CATALOG}.files "
        f"WHERE entity = {literal(contract.name)}) WHERE staged <> rows_read OR good + refused <> rows_read"
    )


def _of_column(contract: Contract, column: Column, position: int) -> Expectation:
    name = identifier(column.name)
    deleted = rules.tombstone(contract, "is_deleted_as_landed")
    condition = rules.is_fine(column, name, rules.rule(column, name, rules.typed(column, name)), deleted)
    presence = "is present and" if column.is_required else "if present,"
    if column.is_required and deleted and column.is_optional_if_deleted:
        presence = "is present, except in deleted records, and"
    names = [column.name for column in contract.columns]
    landed = f"_landed[{position}] AS {name}"
    if deleted:
        landed += f", _landed[{names.index(TOMBSTONE) + 1}] AS is_deleted_as_landed"
    return Expectation(
        f"valid_{column.name}",
        f"{column.name} {presence} is {rules.expected(column)}.",
        "warn",
        f"SELECT _file, _row_number FROM (SELECT _file, _row_number, {landed} "
        f"FROM {{batch}} WHERE _is_refused AND _landed IS NOT NULL) WHERE NOT {_escaped(condition)}",
    )


def _escaped(sql: str) -> str:
    return sql.replace("{", "{{").replace("}", "}}")


def validate(
    con: duckdb.DuckDBPyConnection, contracts: Iterable[Contract], max_quarantined_share: float, docs: Path
) -> dict[str, list[ExpectationResult]]:
    """Validate the staged batch of every contract and write the pages about it; return results by entity name.

    Raises IngestError if an expectation could not be evaluated.
    """
    contracts = list(contracts)
    if not contracts:
        return {}
    from ingest import data_docs  # imports Great Expectations

    results: dict[str, list[ExpectationResult]] = {}
    validations: dict[str, ExpectationSuiteValidationResult] = {}
    with _source(con) as source:
        for contract in contracts:
            found = _validate(source, contract, suite(contract, max_quarantined_share))
            results[contract.name] = [_result(contract, item) for item in found.results]
            validations[contract.name] = found
    data_docs.write(docs, validations)
    return results


class _source:  # noqa: N801 reads as a statement
    """A Great Expectations data source over the staging area, engine disposed at the end of the block."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con

    def __enter__(self) -> Any:
        import great_expectations as gx
        from great_expectations.data_context.types.base import (
            DataContextConfig,
            InMemoryStoreBackendDefaults,
            ProgressBarsConfig,
        )

        know_duckdb()
        config = DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            progress_bars=ProgressBarsConfig(globally=False),
            analytics_enabled=False,
        )
        context = gx.get_context(project_config=config, mode="ephemeral")
        options: dict[str, Any] = {"kwargs": {"creator": self.con.cursor}}
        self.source = context.data_sources.add_sql(
            "staging", connection_string="duckdb://", create_temp_table=False, **options
        )
        return self.source

    def __exit__(self, *_: object) -> None:
        engine = self.source.get_execution_engine()
        if engine._connection is not None:  # the one connection it keeps, which dispose() leaves open
            engine._connection.close()
        engine.close()


def know_duckdb() -> None:
    """Make Great Expectations keep one connection to DuckDB, as it does for SQLite; otherwise every metric raises.

    The list of such dialects is private. `test_great_expectations_still_needs_the_patch` fails once it has DuckDB.
    """
    from enum import StrEnum

    from great_expectations.execution_engine import sqlalchemy_execution_engine as engine

    class Dialect(StrEnum):
        DUCKDB = "duckdb"

    known: Any = engine._PERSISTED_CONNECTION_DIALECTS
    if not any(dialect.value == "duckdb" for dialect in known):
        vars(engine)["_PERSISTED_CONNECTION_DIALECTS"] = (*known, Dialect.DUCKDB)


def _validate(source: Any, contract: Contract, expected: list[Expectation]) -> ExpectationSuiteValidationResult:
    import great_expectations as gx
    from great_expectations.expectations import metadata_types
    from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation

    asset = source.add_table_asset(contract.name, table_name=f"{contract.table}_rows")
    found: ExpectationSuiteValidationResult = asset.get_batch(asset.build_batch_request()).validate(
        gx.ExpectationSuite(
            name=contract.name,
            expectations=[
                UnexpectedRowsExpectation(
                    unexpected_rows_query=item.query,
                    description=item.description,
                    severity=metadata_types.FailureSeverity(_GX_SEVERITY[item.severity]),
                    meta={"name": item.name, "severity": item.severity},
                )
                for item in expected
            ],
        )
    )
    return found


def _result(contract: Contract, found: Any) -> ExpectationResult:
    config = found.expectation_config
    name = config.meta["name"]
    if "observed_value" not in found.result:
        raise IngestError(f"{contract.name}: expectation {name} could not be evaluated: {_cause(found.exception_info)}")
    return ExpectationResult(
        name, bool(found.success), config.meta["severity"], int(found.result["observed_value"]), config.description
    )


def _cause(info: Any) -> str:
    texts = [str(item.get("exception_message")) for item in info.values() if isinstance(item, dict)]
    return " ".join((texts or [str(info)])[0].split())[:300]
