"""Great Expectations over DuckDB: the suite by contract, and the one private thing that is patched."""

from __future__ import annotations

import importlib
import subprocess
import sys

import duckdb
import pytest

from ingest import IngestError, expectations, staging
from ingest.contracts import load_contracts
from ingest.data_docs import offline


def test_every_column_has_one_expectation_and_names_are_unique() -> None:
    for contract in load_contracts().values():
        names = [item.name for item in expectations.suite(contract)]
        assert len(set(names)) == len(names) == 3 + len(contract.columns)
        assert [item.name for item in expectations.suite(contract) if item.severity == "error"] == [
            "quarantined_share",
            "rows_accounted_for",
        ]


def test_great_expectations_still_needs_the_patch() -> None:
    """When this fails, drop `know_duckdb`: Great Expectations keeps its DuckDB connection by itself."""
    module = importlib.import_module("great_expectations.execution_engine.sqlalchemy_execution_engine")
    dialect = importlib.import_module("great_expectations.execution_engine.sqlalchemy_dialect").GXSqlDialect
    assert "duckdb" not in [item.value for item in dialect]
    own = [item for item in module._PERSISTED_CONNECTION_DIALECTS if item.value == "duckdb"]
    assert all(type(item).__module__ == "ingest.expectations" for item in own)
    expectations.know_duckdb()
    expectations.know_duckdb()
    assert [item.value for item in module._PERSISTED_CONNECTION_DIALECTS].count("duckdb") == 1


def test_nothing_of_great_expectations_is_imported_with_the_loader() -> None:
    code = "import sys, ingest.load; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_expectation_that_cannot_be_evaluated_is_an_error(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    contract = load_contracts()["crm.sites"]
    broken = expectations.Expectation("broken", "Cannot run.", "warn", "SELECT nonsense FROM {batch}")
    monkeypatch.setattr(expectations, "suite", lambda *_: [broken])
    con = staging.open_stage({})
    staging.create_batch(con, contract)
    with pytest.raises(IngestError, match=r"crm\.sites: expectation broken could not be evaluated: .*nonsense"):
        expectations.validate(con, [contract], 0.05, tmp_path / "docs")


def test_a_row_that_is_lost_fails_the_batch(tmp_path) -> None:  # type: ignore[no-untyped-def]
    contract = load_contracts()["crm.sites"]
    con = staging.open_stage({})
    staging.create_batch(con, contract)
    con.execute("INSERT INTO memory.files VALUES (0, 'crm.sites', 'a.csv', 'h', 1, 1, 0, 2)")
    con.execute(
        "INSERT INTO memory.crm_sites (site_id, account_id, updated_at, _file_no, _is_refused) "
        "VALUES ('1', 'A', now(), 0, false)"
    )
    results = expectations.validate(con, [contract], 0.05, tmp_path / "docs")["crm.sites"]
    assert [item.name for item in results if not item.success] == ["rows_accounted_for"]
    con.close()


def test_the_connection_is_closed_after_validation(tmp_path) -> None:  # type: ignore[no-untyped-def]
    contract = load_contracts()["crm.sites"]
    con = staging.open_stage({})
    staging.create_batch(con, contract)
    expectations.validate(con, [contract], 0.05, tmp_path / "docs")
    con.close()
    with pytest.raises(duckdb.ConnectionException):
        con.execute("SELECT 1")


def test_a_page_reaches_for_no_other_host() -> None:
    page = (
        '<head><link rel="stylesheet" href="https://a.test/x.css"><script src="//b.test"></script></head>'
        "<style>i { background: url('https://c.test/x.png') }</style><img src=\"http://d.test/pixel\">"
        '<a href="https://e.test">kept text</a><form action="https://f.test"><input></form><a href="#in">here</a>'
    )
    text = offline(page)
    assert ".test" not in text
    assert "kept text" in text and '<a href="#in">here</a>' in text
