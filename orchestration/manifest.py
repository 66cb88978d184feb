"""The dbt project as Dagster and dbt read it: parsed once per change, kept beside the project for every home.

Belongs here: where the project lies, the environment dbt sees, the manifest and when it is stale.
Does not: building anything (`dbt_process`), what an asset looks like (`defs.warehouse`).
"""

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import orjson

import answerable
from answerable.settings import Settings, plainly_named

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

PROJECT = Path(__file__).resolve().parents[1] / "dbt_project"
DEFAULT_PROGRAMME = PROJECT / "seeds" / "programme"

_parsed: "dict[str, Manifest]" = {}
_JSON, _OBJECT, _STAMP = "manifest.json", "manifest.msgpack", "manifest.stamp"
_SOURCES = ("models", "macros", "snapshots", "tests", "analyses")


class ManifestError(Exception):
    """The dbt project does not parse; the message is dbt's own."""


@dataclass(frozen=True)
class Grain:
    """The columns that name a row of a model, and whether one of them may be empty."""

    columns: tuple[str, ...]
    may_be_null: bool


def grains(manifest: Mapping[str, Any]) -> dict[str, Grain]:
    """Return the grain of each model by name: what its test `rows_keep_rules` says that is called `<model>_rows`."""
    found = {}
    for node in manifest["nodes"].values():
        if (node.get("test_metadata") or {}).get("name") == "rows_keep_rules":
            arguments = node["test_metadata"]["kwargs"]
            model = manifest["nodes"].get(node["attached_node"], {}).get("name")
            if node["name"] == f"{model}_rows":
                found[model] = Grain(tuple(arguments["grain"]), bool(arguments.get("may_be_null")))
    return found


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment variables that profiles.yml and dbt_project.yml read."""
    return {
        "ANSWERABLE_HOME": str(plainly_named(settings.home)),
        "ANSWERABLE_SEEDS": str(plainly_named(programme_directory(settings))),
        "ANSWERABLE_THREADS": str(settings.threads),
        "ANSWERABLE_MEMORY_LIMIT": settings.memory_limit,
    }


def programme_directory(settings: Settings) -> Path:
    """Return the folder of the effective programme, the seeds of the project."""
    return settings.home / "programme"


def dbt_arguments(settings: Settings) -> list[str]:
    """Return the arguments every dbt command of this project takes: where to read, where to write, no chatter."""
    return [
        *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
        *("--target-path", str(settings.dbt_home / "target"), "--log-path", str(settings.dbt_home / "logs")),
        *("--log-level", "none", "--log-level-file", "warn", "--no-print", "--no-version-check"),
    ]


def fingerprint() -> str:
    """Return a hash of all that a manifest follows from: the project's files and dbt's version."""
    digest = hashlib.sha256(f"{version('dbt-core')} {version('dbt-duckdb')}".encode())
    for path in sorted(_project_files()):
        digest.update(f"\0{path.relative_to(PROJECT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def code_version(project_hash: str) -> str:
    """Return the version of the code as publications name it: the installed one and that of the dbt project."""
    return f"{answerable.code_version()}+{project_hash[:12]}"


def load(settings: Settings) -> Mapping[str, Any]:
    """Return the manifest as JSON, parsing the project first if it changed since the last time.

    Raises ManifestError with dbt's reason.
    """
    if not _is_current(settings):
        _parse(settings)
    return orjson.loads((_folder(settings) / _JSON).read_bytes())  # type: ignore[no-any-return]


def parsed(settings: Settings) -> "Manifest | None":
    """Return dbt's own manifest object, with which dbt need not parse; None if the project changed since."""
    from dbt.contracts.graph.manifest import Manifest

    if not _is_current(settings):
        return None
    # Given away: dbt leaves its marks on a manifest, and goes wrong on one that was built with before.
    if (here := _parsed.pop(_stamp(), None)) is not None:
        return here
    found = Manifest.from_msgpack((_folder(settings) / _OBJECT).read_bytes())
    found.build_flat_graph()  # type: ignore[no-untyped-call]
    return found


def _folder(settings: Settings) -> Path:
    """Return where the parsed project lies: beside it, as bytecode does, or in the home where that is read-only."""
    return PROJECT / "target" / "parsed" if os.access(PROJECT, os.W_OK) else settings.dbt_home


def _stamp() -> str:
    """Return what a parsed project is of: a manifest names files by their path, a moved checkout parses again."""
    return f"{PROJECT} {fingerprint()}"


def _is_current(settings: Settings) -> bool:
    stamp = _folder(settings) / _STAMP
    return stamp.exists() and stamp.read_text() == _stamp()


def _parse(settings: Settings) -> None:
    from dbt.cli.main import dbtRunner

    os.environ.update(environment(settings))
    stamp = _stamp()
    # Partial parsing would begin at what lies in the home, which another checkout may have left there.
    result = dbtRunner().invoke(["parse", "--no-partial-parse", *dbt_arguments(settings)])
    if result.exception or not result.success:
        raise ManifestError(f"the dbt project does not parse: {result.exception}")
    target, folder = settings.dbt_home / "target", _folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _STAMP).unlink(missing_ok=True)
    # Copies of our own, each whole or not at all, the stamp last: dbt writes its files again at every build, and may be
    # killed doing so.
    for source, name in ((target / "manifest.json", _JSON), (target / "partial_parse.msgpack", _OBJECT)):
        partial = folder / f"{name}.{os.getpid()}.tmp"
        shutil.copyfile(source, partial)
        partial.replace(folder / name)
    (folder / _STAMP).write_text(stamp)
    _parsed[stamp] = cast("Manifest", result.result)


def _project_files() -> Iterator[Path]:
    yield from PROJECT.glob("*.yml")
    for folder in _SOURCES:
        yield from (path for path in (PROJECT / folder).rglob("*") if path.is_file())


if __name__ == "__main__":
    load(Settings.load())  # so that no run has to
