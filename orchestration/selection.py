"""Which nodes of the dbt project can come out different from the last finished build.

Belongs here: following sources through the project's graph. Does not: building (`dbt_process`), what landed (ingest).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any


def is_stored(node: Mapping[str, Any]) -> bool:
    """Return whether the node has rows or a view of its own in the warehouse."""
    return node["resource_type"] in ("model", "seed", "snapshot") and node["config"]["materialized"] != "ephemeral"


def remembered(manifest: Mapping[str, Any]) -> set[str]:
    """Return the sources that every run may change: the clock, publications, deliveries."""
    return {name for source in manifest["sources"].values() if (name := _name(source)).startswith("memory.")}


def affected(manifest: Mapping[str, Any], changed: Collection[str]) -> set[str]:
    """Return the unique ids of the stored nodes downstream of these sources, such as `raw.crm_accounts`.

    A view is what its SQL says, whatever landed: it is among them only where tests read its rows.
    """
    waiting = [unique_id for unique_id, source in manifest["sources"].items() if _name(source) in changed]
    reached: set[str] = set()
    while waiting:
        for child in manifest["child_map"][waiting.pop()]:
            if child not in reached and child in manifest["nodes"]:
                reached.add(child)
                waiting.append(child)
    nodes = (manifest["nodes"][unique_id] for unique_id in reached)
    return {
        node["unique_id"]
        for node in nodes
        if is_stored(node) and (node["config"]["materialized"] != "view" or _is_tested(manifest, node["unique_id"]))
    }


def _is_tested(manifest: Mapping[str, Any], unique_id: str) -> bool:
    return any(child.startswith("test.") for child in manifest["child_map"][unique_id])


def _name(source: Mapping[str, Any]) -> str:
    return f"{source['schema']}.{source['name']}"
