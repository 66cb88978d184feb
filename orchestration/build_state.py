"""Whether the marts in the warehouse are those of one finished build, and what the next one need not do again.

Belongs here: the note under the home that says so (a killed or failed build leaves it unfinished); when the changes
that maintained models noted, and the loads that caused them, have done their work.
Does not: the results of single nodes (Dagster's events), what a note means (macro `maintained` of the dbt project).
"""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import duckdb


@dataclass(frozen=True)
class BuildState:
    """The note: hash of the programme and of the dbt project that built the marts; empty while a build is under way."""

    path: Path
    is_complete: bool = False
    programme_hash: str = ""
    project_hash: str = ""

    @classmethod
    def read(cls, home: Path) -> "BuildState":
        """Return the note of a home; without one no build was ever finished."""
        path = home / "dbt" / "build.json"
        try:
            return cls(path, **json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            return cls(path)

    @classmethod
    def begin(cls, home: Path) -> "BuildState":
        """Note that a build is under way; return the note as it was before."""
        before = cls.read(home)
        before.path.parent.mkdir(parents=True, exist_ok=True)
        replace(before, is_complete=False)._write()
        return before

    def complete(self, programme_hash: str, project_hash: str, *, whole: bool) -> None:
        """Note that the build ended well. A build of some nodes completes only what was complete before."""
        replace(
            self, is_complete=whole or self.is_complete, programme_hash=programme_hash, project_hash=project_hash
        )._write()

    def _write(self) -> None:
        content = asdict(self)
        del content["path"]
        self.path.write_text(json.dumps(content))


def mark_built(connection: duckdb.DuckDBPyConnection) -> None:
    """Note that every model has seen all changes and loads noted so far. Only for the end of a whole build."""
    connection.execute("BEGIN")
    connection.execute("UPDATE build.changes SET is_built = true")
    connection.execute(
        "INSERT INTO build.loads SELECT load_id, false FROM raw.load_ledger"
        " WHERE load_id NOT IN (SELECT load_id FROM build.loads) GROUP BY load_id"
    )
    connection.execute("COMMIT")


def forget_built(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop the changes and loads of the build whose marts are served now; later ones stay."""
    connection.execute("BEGIN")
    connection.execute("DELETE FROM build.changes WHERE is_built")
    connection.execute("UPDATE build.loads SET is_published = true")
    connection.execute("COMMIT")
