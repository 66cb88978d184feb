"""The floor: models in dependency order, and a plan that a process reads as it was written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.floor import Model, Plan, models_in_order


def node(name: str, parents: list[str], kind: str = "model", materialized: str = "table") -> dict[str, Any]:
    return {
        "name": name,
        "resource_type": kind,
        "relation_name": f'"w"."marts"."{name}"',
        "config": {"materialized": materialized},
        "compiled_code": f"select '{name}'",
        "depends_on": {"nodes": parents},
    }


MANIFEST = {
    "nodes": {
        "model.a": node("a", ["model.b", "model.hidden"]),
        "model.b": node("b", ["seed.s", "source.r"], materialized="view"),
        "model.a0": node("a0", ["model.hidden"], materialized="incremental"),
        "model.c": node("c", ["model.a"], materialized="one_of_our_own"),
        "model.hidden": node("hidden", ["model.late"], materialized="ephemeral"),
        "model.late": node("late", ["model.b"]),
        "seed.s": node("s", [], kind="seed"),
        "test.t": node("t", ["model.c"], kind="test"),
    }
}


def test_models_come_after_what_they_read() -> None:
    """What an ephemeral model reads comes before whoever reads that model, too."""
    found = list(models_in_order(MANIFEST))

    assert [model.name for model in found] == ["b", "late", "a", "a0", "c"]
    assert found[0] == Model("b", '"w"."marts"."b"', True, "select 'b'")
    assert not any(model.is_view for model in found[1:])


def test_a_plan_survives_its_file(tmp_path: Path) -> None:
    plan = Plan("w.duckdb", "out", {"raw.t": (["f"], {"x": "DATE"})}, list(models_in_order(MANIFEST)), {"threads": "2"})
    read = Plan.read(plan.write(tmp_path / "plan.json"))

    assert (read.models, read.settings, read.warehouse) == (plan.models, plan.settings, plan.warehouse)
    assert [tuple(value) for value in read.landed.values()] == list(plan.landed.values())
