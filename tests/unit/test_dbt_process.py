"""How many models are built side by side: as many as there are threads, one where the data outgrow the memory."""

from pathlib import Path

import duckdb
import pytest

from answerable.settings import Settings
from orchestration.dbt_process import models_at_once


@pytest.mark.parametrize(("limit", "models"), [("3GiB", 4), ("100 MB", 4), ("20MiB", 1), ("0.02GB", 1)])
def test_data_beyond_the_memory_are_built_one_model_at_a_time(tmp_path: Path, limit: str, models: int) -> None:
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as warehouse:
        warehouse.sql("create schema raw")
        warehouse.sql("create table raw.crm_interactions as from range(60_000)")
        warehouse.sql("create table raw.crm_accounts as from range(40_000)")
        warehouse.sql("create table loads as from range(1_000_000)")

    assert models_at_once(Settings(home=tmp_path, memory_limit=limit, threads=4)) == models


def test_nothing_loaded_is_built_with_all_threads(tmp_path: Path) -> None:
    assert models_at_once(Settings(home=tmp_path, threads=4)) == 4
