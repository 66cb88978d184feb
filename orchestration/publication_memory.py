"""What the warehouse remembers of the version it serves, so that the next one can say which numbers it restates.

Belongs here: keeping the numbers, loads and rules of a version before it is served, and its restatements for good;
dropping what is kept of versions that are no longer served, or never were.
Does not: which numbers changed and why (`rpt_restatement` of the dbt project), when a version serves (publishing).

Everything is kept under the name of its version before `current` is flipped to it. Models read what is kept of the
last version in `memory.publications`, which is written after the flip: killed at any instant, they compare with the one
that serves, once `publishing.settle` has seen which one that is.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

UPCOMING = "upcoming"
"""What a build calls the version that it will be published as."""

_KEPT = {
    "published_loads": "SELECT load_id FROM memory.built_loads",
    "published_headlines": "FROM marts.rpt_nps WHERE is_headline",
    "published_team_contributions": "FROM marts.rpt_team_contribution",
    "published_role_weights": "FROM intermediate.int_programme__role_weights",
    "published_owners": "FROM intermediate.int_programme__owners",
    "published_relevance": "FROM intermediate.int_programme__relevance",
}


def name_restatements(connection: duckdb.DuckDBPyConnection, marts: Mapping[str, int], version: str) -> None:
    """Give the restatements in the attached file the name of their version."""
    if "rpt_restatement" in marts:
        connection.execute(
            "UPDATE published.marts.rpt_restatement SET version = ? WHERE version = ?", [version, UPCOMING]
        )


def keep(connection: duckdb.DuckDBPyConnection, marts: Mapping[str, int], version: str) -> None:
    """Keep what the next version is compared with, and the restatements of this one."""
    if "rpt_restatement" not in marts:
        return
    connection.execute("BEGIN")
    connection.execute("DELETE FROM memory.restatements WHERE version NOT IN (SELECT version FROM memory.publications)")
    connection.execute(
        "INSERT INTO memory.restatements BY NAME FROM published.marts.rpt_restatement WHERE version = ?", [version]
    )
    for table, query in _KEPT.items():
        columns = ", ".join(
            name for name, *_ in connection.execute(f"DESCRIBE memory.{table}").fetchall() if name != "version"
        )
        connection.execute(
            f"INSERT INTO memory.{table} BY NAME SELECT ? AS version, {columns} FROM ({query})", [version]
        )
    connection.execute("COMMIT")


def is_kept(connection: duckdb.DuckDBPyConnection, version: str) -> bool:
    """Whether this warehouse kept the version: it was about to serve it."""
    found = connection.execute("SELECT 1 FROM memory.published_loads WHERE version = ?", [version]).fetchone()
    return found is not None


def forget_others(connection: duckdb.DuckDBPyConnection, version: str) -> None:
    """Drop what is kept of all versions but the one that serves."""
    connection.execute("BEGIN")
    for table in _KEPT:
        connection.execute(f"DELETE FROM memory.{table} WHERE version <> ?", [version])
    connection.execute("COMMIT")
