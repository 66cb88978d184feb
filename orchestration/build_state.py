"""Whether the marts in the warehouse are those of one finished build.

Belongs here: the note under the home that says so; a killed or failed build leaves it unfinished.
Does not: the results of single nodes (Dagster's events).
"""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path


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
