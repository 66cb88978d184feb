"""The same project by SQLMesh, which can read a dbt project: the same raw tables, models and tests (as audits).

Belongs here: what a copy of the project needs so that SQLMesh loads it, and `sqlmesh plan`.
Does not: loading and publishing. SQLMesh wants dependencies of its own: it is looked for as a command.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from bench import process
from bench.alternatives.common import (
    PROJECT,
    NotInstalledError,
    counting,
    limit,
    other_marts,
    ours,
    raw_home,
)
from bench.figures import Alternative

if TYPE_CHECKING:
    from bench.runs import Bench

NAME = "SQLMesh"
WORK = "models and tests, no load and no publishing; ours likewise"
NEEDS = "sqlmesh[duckdb,dbt] in an environment of its own, its command on the PATH"

_CONFIG = """
from pathlib import Path
from sqlmesh.dbt.loader import sqlmesh_config
config = sqlmesh_config(Path(__file__).parent)
"""
_PROFILE = """
answerable:
  target: duckdb
  outputs:
    duckdb: {{type: duckdb, path: {warehouse}, threads: 1}}
"""
_START = "models:\n  +start: 2020-01-01\n"


def measure(bench: Bench) -> Alternative:
    """Plan and apply the whole project on a copy of the raw tables."""
    command = shutil.which("sqlmesh")
    if command is None:
        raise NotInstalledError(NEEDS)
    home = raw_home(bench, "sqlmesh")
    project = adapted(bench.work / "sqlmesh_project", home / "warehouse.duckdb")
    environment = bench.environment(home)
    # An environment of its own: nothing of this one's libraries.
    environment.pop("PYTHONPATH", None)
    environment["SQLMESH__DISABLE_ANONYMIZED_ANALYTICS"] = "true"
    ran = process.measure(
        [command, "plan", "--auto-apply", "--no-prompts"], folder=project, environment=environment, limit=limit(bench)
    )
    note = other_marts(bench, counting(home / "warehouse.duckdb"))
    return Alternative(NAME, WORK, ran.seconds, ours(bench), note)


def adapted(folder: Path, warehouse: Path) -> Path:
    """Return a copy of the dbt project that SQLMesh loads: its SQL is the same, but for variables in generic tests.

    SQLMesh asks for a start date and for a profile without Jinja filters, and does not see the variables of a test.
    """
    shutil.copytree(PROJECT, folder)
    (folder / "config.py").write_text(_CONFIG, encoding="utf-8")
    (folder / "profiles.yml").write_text(_PROFILE.format(warehouse=warehouse), encoding="utf-8")
    settings = (PROJECT / "dbt_project.yml").read_text(encoding="utf-8")
    variables = yaml.safe_load(settings)["vars"]
    (folder / "dbt_project.yml").write_text(settings.replace("models:\n", _START, 1), encoding="utf-8")
    for test in (folder / "tests").rglob("*.sql"):
        sql = re.sub(r"var\('(\w+)'\)", lambda found: repr(variables[found[1]]), test.read_text(encoding="utf-8"))
        test.write_text(sql, encoding="utf-8")
    return folder
