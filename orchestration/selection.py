"""Which nodes of the dbt project can come out different from the last finished build.

Belongs here: following sources through the project's graph. Does not: building (`dbt_process`), what landed (ingest).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

KEPT_BY_RUNS = "memory"
"""The schema of the sources that every run may change: the clock, publications, deliveries."""


def is_stored(node: Mapping[str, Any]) -> bool:
    """Return whether the node has rows or a view of its own in the warehouse."""
    return node["resource_type"] in ("model", "seed", "snapshot") and node["config"]["materialized"] != "ephemeral"


def affected(manifest: Mapping[str, Any], raw_tables: Iterable[str]) -> set[str]:
    """Return the unique ids of the stored nodes downstream of these raw tables or of what runs themselves remember.

    A view is what its SQL says, whatever landed, and is not among them.
    """
    changed = set(raw_tables)
    waiting = [
        unique_id
        for unique_id, source in manifest["sources"].items()
        if source["schema"] == KEPT_BY_RUNS
        or (source["schema"] == "raw" and source["name"] in changed)
        or (source["schema"] == "vault" and source["name"] in changed)
    ]
    reached: set[str] = set()
    while waiting:
        for child in manifest["child_map"][waiting.pop()]:
            if child not in reached and child in manifest["nodes"]:
                reached.add(child)
                waiting.append(child)
    nodes = (manifest["nodes"][unique_id] for unique_id in reached)
    return {node["unique_id"] for node in nodes if is_stored(node) and node["config"]["materialized"] != "view"}
