"""What a run builds when only some sources have new rows."""

from __future__ import annotations

from typing import Any

from orchestration.selection import affected


def manifest(**materialized: str) -> dict[str, Any]:
    """A source, a model of each name on it, and a test of the models whose names say so."""
    models = {f"model.{name}": kind for name, kind in materialized.items()}
    tests = {f"test.{name}": name for name in models if "tested" in name}
    return {
        "sources": {"source.landed": {"schema": "raw", "name": "landed"}},
        "nodes": {
            name: {"unique_id": name, "resource_type": name.split(".")[0], "config": {"materialized": kind}}
            for name, kind in {**models, **dict.fromkeys(tests, "test")}.items()
        },
        "child_map": {
            "source.landed": list(models),
            **{name: [test for test, model in tests.items() if model == name] for name in models},
            **{test: [] for test in tests},
        },
    }


def test_a_view_is_built_where_tests_read_its_rows() -> None:
    """A view alone is the same view; a test of one may fail on what landed."""
    project = manifest(table="table", inlined="ephemeral", view="view", tested_view="view")

    assert affected(project, {"raw.landed"}) == {"model.table", "model.tested_view"}
    assert affected(project, {"raw.other"}) == set()
