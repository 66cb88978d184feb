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
        "model.c": node("c", ["model.a"], materialized="maintained"),
        "model.hidden": node("hidden", ["model.b"], materialized="ephemeral"),
        "seed.s": node("s", [], kind="seed"),
        "test.t": node("t", ["model.c"], kind="test"),
    }
}


def test_models_come_after_what_they_read() -> None:
    assert list(models_in_order(MANIFEST)) == [
        Model("b", '"w"."marts"."b"', True, "select 'b'"),
        Model("a", '"w"."marts"."a"', False, "select 'a'"),
        Model("c", '"w"."marts"."c"', False, "select 'c'"),
    ]


def test_a_plan_survives_its_file(tmp_path: Path) -> None:
    plan = Plan("w.duckdb", "out", {"raw.t": (["f"], {"x": "DATE"})}, list(models_in_order(MANIFEST)), {"threads": "2"})
    read = Plan.read(plan.write(tmp_path / "plan.json"))

    assert (read.models, read.settings, read.warehouse) == (plan.models, plan.settings, plan.warehouse)
    assert [tuple(value) for value in read.landed.values()] == list(plan.landed.values())
