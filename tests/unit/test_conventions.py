"""The rules of the house, read off the dbt project as dbt itself understands it.

Belongs here: what holds for every model, seed and test, one small query a rule; who may break it stands beside the
rule, with the reason. Does not: whether numbers are right (unit tests of dbt, property and end-to-end tests).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from building import in_order
from windows import COPIES, gathered, orders_of

from answerable.guard.answers import KINDS

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
PAGES = ("answerable/scorecards", "answerable/dashboard")
LAYERS = {"staging": 2, "changes": 1, "facts": 2, "scoring": 2, "reports": 2, "marts": 2}
"""The first folder of a model, and how deep models lie there."""
MAX_LINES = 110

Node = dict[str, Any]

# Where a rule does not hold, and why.
OPEN_SOURCES = {
    "source.answerable.memory.clock": "the one clock; every layer may ask what day it is",
    "source.answerable.raw.load_ledger": "which loads there were",
    "source.answerable.quarantine.records": "what was refused is in no staging model",
    "source.answerable.memory.publications": "history the publisher writes; the mart passes it on",
    "source.answerable.memory.deliveries": "history a delivery writes; no source system's",
    "source.answerable.memory.notice_checks": "what the guard was asked; no source system's",
    **{
        f"source.answerable.memory.{name}": "what the publisher remembers of the last version, to compare with"
        for name in (
            *("restatements", "published_loads", "published_headlines", "published_team_contributions"),
            *("scored_periods", "published_role_weights", "published_owners", "published_relevance"),
        )
    },
}
LOOKS_AT_WHAT_LANDED = ("int_quality__identities", "int_quality__records")
"""What they list is in no staging model: staging keeps what survives and is known by the clock."""
READ_THROUGH = re.compile(r"_to_score$|_counted_by_period$")
KEPT = {"data_quality_issues": "since when an issue stands is in no record"}
UNPREFIXED_MARTS = {"data_quality_issues", "publication"}
UNCOUNTABLE = {"stg_programme__role_relevance"}
LONG_MODELS = {
    "int_quality__issues": "a list: one select a rule",
    "rpt_team_scorecard": "a list: one column a thing a team answers for",
}

# What, at the end of an order, tells apart all rows that share the rest: an id, a key, or one of these.
TIE_BREAKERS = {
    "valid_from": "spells of one subject never begin on one day",
    "bound": "a day on which spells begin or end stands once",
    "entered_on": "rows are by day",
    "period_end": "no two periods of a grain end on one day",
    "visit_sequence": "numbers the visits of an instance",
    "_row_number": "with its file and load, it is the place where a version landed",
    "test_rank": "numbers the tests of a split",
    "duration_bin": "rows are by it, within the partition",
    "place": "numbers the people of a cell, after account and role",
    **dict.fromkeys(("measure", "subject", "role", "touchpoint", "variant"), "rows are by it, within the partition"),
    **dict.fromkeys(("phrase", "word"), "stands once in a notice or a phrase, by the part it plays"),
    **dict.fromkeys(("metric", "region"), "ends the list of all that rows are grouped by"),
}
ORDERED_OTHERWISE = {
    "int_programme__relevance": "by what a row names: no two rows name the same (test role_relevance_rows)",
    "int_stages__sums_by_group": "visits of one duration are the same percentile",
    **dict.fromkeys(
        ("stg_crm__account_versions", "stg_billing__invoice_versions"), "of the versions of one instant one is left"
    ),
    **dict.fromkeys(("stg_crm__accounts", "stg_crm__contacts"), "bare tombstones last, the rest as versions are"),
}

SCORED = re.compile(
    r"nps|team_contribution|journey_stage|journey_variant|handoff|response|shrunk|attributed|standardised"
    r"|outreach|silent|intent|feedback|scorecard"
)
PERSONAL = {"contact_id", "full_name", "email", "phone", "owner_email", "lead_email"}
FILLER = re.compile(r"^(the )?[\w ]{0,30}(column|field|id|value)\.?$|todo|tbd", re.IGNORECASE)
DIALECT = {
    "qualify": r"\bqualify\b",
    "unnest": r"\bunnest\b",
    "epoch": r"\bepoch\w*\b",
    "::": r"::",
    "asof join": r"\basof\b",
    "filter over a window": r"\bfilter\s*\([^()]*(\([^()]*\)[^()]*)*\)\s*over\b",
    "median": r"\bmedian\s*\(",
    "any_value": r"\bany_value\s*\(",
    "log": r"\blog\s*\(",
    "dow": r"\bextract\s*\(\s*dow\b",
    "concat": r"\bconcat\s*\(",
    "group by all": r"\b(group|order)\s+by\s+all\b",
    "try_cast": r"\btry_cast\s*\(",
    "star modifiers": r"\*\s+(exclude|replace)\b",
    "ilike": r"\bilike\b",
    "datediff": r"\bdate_?diff\s*\(",
    "string_agg": r"\bstring_agg\s*\(",
}


@pytest.fixture(scope="module")
def manifest(compiled: dict[str, Any]) -> dict[str, Any]:
    """Return dbt's manifest of the project as it stands, with the SQL of every model compiled."""
    return compiled


def of_type(manifest: dict[str, Any], *kinds: str) -> list[Node]:
    """Return the nodes of the given resource types, in the order of their names."""
    return sorted((node for node in manifest["nodes"].values() if node["resource_type"] in kinds), key=name_of)


def name_of(node: Node) -> str:
    return str(node["name"])


def layer_of(node: Node) -> str:
    """Return the first folder below models/."""
    return str(node["fqn"][1])


def expect_none(offenders: Iterable[object]) -> None:
    """Fail with every offender on a line of its own."""
    found = [str(offender) for offender in offenders]
    assert not found, "\n".join(["breaking the rule:", *found])


def without_comments(sql: str) -> str:
    """Return SQL or a template without comments, Jinja's included."""
    return re.sub(r"/\*.*?\*/|\{#.*?#\}|--[^\n]*", "", sql, flags=re.DOTALL)


@pytest.fixture(scope="module")
def models(manifest: dict[str, Any]) -> list[Node]:
    return of_type(manifest, "model")


@pytest.fixture(scope="module")
def columns(manifest: dict[str, Any], models: list[Node]) -> dict[str, dict[str, str]]:
    """Return name and type of the columns each model really has: DuckDB binds it, on sources and seeds without rows."""
    real: dict[str, dict[str, str]] = {}
    with duckdb.connect() as connection:
        connection.execute("ATTACH ':memory:' AS warehouse")
        for node in [*manifest["sources"].values(), *of_type(manifest, "seed")]:
            types = node.get("config", {}).get("column_types") or {
                name: column["data_type"] for name, column in node["columns"].items()
            }
            declared = ", ".join(f'"{name}" {data_type}' for name, data_type in types.items())
            connection.execute(f'CREATE SCHEMA IF NOT EXISTS warehouse."{node["schema"]}"')
            connection.execute(f"CREATE TABLE {node['relation_name']} ({declared})")
        for node in in_order(models):
            connection.execute(f'CREATE SCHEMA IF NOT EXISTS warehouse."{node["schema"]}"')
            connection.execute(f"CREATE TABLE {node['relation_name']} AS {node['compiled_code']}")
            described = connection.execute(f"DESCRIBE {node['relation_name']}").fetchall()
            real[node["name"]] = {name: data_type for name, data_type, *_ in described}
    return real


def test_names_say_what_a_model_is(models: list[Node]) -> None:
    def is_well_named(model: Node) -> bool:
        name, folder = model["name"], model["fqn"][-2]
        match layer_of(model):
            case "staging":
                return bool(re.fullmatch(rf"stg_{folder}__[a-z_]+s", name)) or name in UNCOUNTABLE
            case "marts":
                return bool(re.match(r"(dim|bridge|fct|rpt)_[a-z]", name)) or name in UNPREFIXED_MARTS
            case _:
                return bool(re.fullmatch(r"int_[a-z_]+?__[a-z_]+", name)) or name == "int_periods_to_score"

    expect_none([model["name"] for model in models if not is_well_named(model)])


def test_folders_are_layers(models: list[Node]) -> None:
    expect_none(
        [
            model["name"]
            for model in models
            if model["schema"] != (layer_of(model) if layer_of(model) in ("staging", "marts") else "intermediate")
            or len(model["fqn"]) - 2 != LAYERS[layer_of(model)]
        ]
    )


def test_data_flows_one_way(manifest: dict[str, Any], models: list[Node]) -> None:
    """Facts know no score; scores know facts through the list of periods; reports are made of all that came before."""
    may_read = {
        "staging": {"source", "seed", "staging"},
        "facts": {"staging", "seed", "facts"},
        # what landed since the last publication is in no staging view, which have the latest version alone
        "changes": {"source", "staging", "facts", "changes", "seed"},
        "scoring": {"facts", "changes", "scoring"},
        "reports": {"staging", "seed", "facts", "scoring", "reports", "marts", "rpt"},
        "marts": {"staging", "seed", "facts", "reports"},
        "rpt": {"staging", "facts", "changes", "scoring", "reports", "marts", "rpt"},
    }

    def step(model: Node) -> str:
        return "rpt" if model["name"].startswith("rpt_") else layer_of(model)

    def kind(unique_id: str) -> str:
        if unique_id in OPEN_SOURCES:
            return "open"
        node = manifest["nodes"].get(unique_id)
        return "source" if node is None else step(node) if node["resource_type"] == "model" else "seed"

    expect_none(
        [
            (model["name"], parent)
            for model in models
            for parent in model["depends_on"]["nodes"]
            if kind(parent) not in may_read[step(model)] | {"open"}
            and not (kind(parent) == "source" and model["name"] in LOOKS_AT_WHAT_LANDED)
        ]
    )


def test_staging_reads_one_source_system(manifest: dict[str, Any], models: list[Node]) -> None:
    def system(unique_id: str) -> str | None:
        """Return the system a landed table or staging model is of; the vault and open sources serve all."""
        if unique_id in OPEN_SOURCES:
            return None
        if unique_id.startswith("source.answerable.raw."):
            return unique_id.split(".")[-1].split("_")[0]
        node = manifest["nodes"].get(unique_id)
        return None if node is None else "programme" if node["resource_type"] == "seed" else node["fqn"][2]

    expect_none(
        [
            (model["name"], parent)
            for model in models
            if layer_of(model) == "staging"
            for parent in model["depends_on"]["nodes"]
            if system(parent) not in (None, model["fqn"][2])
        ]
    )


def test_everything_is_described(manifest: dict[str, Any]) -> None:
    nodes = [*of_type(manifest, "model", "seed"), *manifest["sources"].values()]
    described = [(node["name"], "", node["description"]) for node in nodes]
    described += [(node["name"], name, one["description"]) for node in nodes for name, one in node["columns"].items()]
    layers = [manifest[kind].values() for kind in ("exposures", "semantic_models", "metrics")]
    described += [(one["name"], "", one["description"] or "") for layer in layers for one in layer]
    expect_none([(node, column) for node, column, text in described if not text.strip() or FILLER.search(text)])


def test_described_columns_are_the_columns(
    manifest: dict[str, Any], models: list[Node], columns: dict[str, dict[str, str]]
) -> None:
    """Of marts every column; elsewhere those that mean something else than the term of the glossary with their name."""
    terms = {doc["name"] for doc in manifest["docs"].values() if doc["package_name"] == "answerable"}

    def is_described(model: Node, column: str) -> bool:
        return column in model["columns"] or (layer_of(model) != "marts" and term_of(column) in terms)

    expect_none((model["name"], name) for model in models for name in model["columns"].keys() - columns[model["name"]])
    expect_none(
        (model["name"], name) for model in models for name in columns[model["name"]] if not is_described(model, name)
    )


def term_of(column: str) -> str:
    """Return the name a column has in the glossary: matrices are described by row and column, `s_i_j`."""
    return re.sub(r"_\d+", "_j", re.sub(r"_\d+", "_i", column, count=1))


def test_seeds_declare_the_columns_of_their_files(manifest: dict[str, Any]) -> None:
    def header(seed: Node) -> list[str]:
        path = PROJECT / str(seed["original_file_path"])
        return path.read_text(encoding="utf-8").splitlines()[0].split(",")

    expect_none(
        [
            seed["name"]
            for seed in of_type(manifest, "seed")
            if not header(seed) == list(seed["config"]["column_types"]) == list(seed["columns"])
        ]
    )


def test_every_term_of_the_glossary_is_used(
    manifest: dict[str, Any], models: list[Node], columns: dict[str, dict[str, str]]
) -> None:
    used = {
        block for node in manifest["nodes"].values() for one in node["columns"].values() for block in one["doc_blocks"]
    }
    used |= {f"doc.answerable.{term_of(column)}" for model in models for column in columns[model["name"]]}
    expect_none(
        sorted(block for block in manifest["docs"] if block.startswith("doc.answerable.") and block not in used)
    )


def test_marts_and_only_marts_are_under_contract(models: list[Node]) -> None:
    expect_none([model["name"] for model in models if model["contract"]["enforced"] != (layer_of(model) == "marts")])


def test_contracts_tell_the_types(models: list[Node], columns: dict[str, dict[str, str]]) -> None:
    plain = {"timestamp with time zone": "timestamptz", "decimal(18,2)": "decimal(18, 2)"}

    def actual(model: str, column: str) -> str:
        data_type = columns[model].get(column, "no such column").lower()
        return plain.get(data_type, data_type)

    expect_none(
        [
            (model["name"], name, column["data_type"], actual(model["name"], name))
            for model in models
            if layer_of(model) == "marts"
            for name, column in model["columns"].items()
            if column["data_type"] != actual(model["name"], name)
        ]
    )


def test_columns_are_typed_by_their_names(models: list[Node]) -> None:
    """Ids text, instants with a zone, shares doubles, counts bigint: the table of types that BI tools rely on."""
    by_name = {
        r"_(id|key|reason)$": "varchar",
        r"_at$": "timestamptz",
        r"_on$|^period_(start|end)$": "date",
        r"^(is|has)_": "boolean",
        r"_count$": "bigint",
        r"_(share|score|seconds|minutes|days|hours|years|coverage)$|^(score|points|weight|contribution)$": "double",
        r"_(value|amount)$": "decimal(18, 2)",
    }
    exceptions = {
        **dict.fromkeys(("nps_score", "last_nps_score"), "bigint"),
        **dict.fromkeys(("p_value", "previous_value", "new_value"), "double"),
    }
    expect_none(
        [
            (model["name"], name, column["data_type"])
            for model in models
            if layer_of(model) == "marts"
            for name, column in model["columns"].items()
            for pattern, data_type in by_name.items()
            if re.search(pattern, name) and column["data_type"] != exceptions.get(name, data_type)
        ]
    )


def test_no_mart_holds_personal_data(models: list[Node]) -> None:
    expect_none(
        [
            (model["name"], name)
            for model in models
            if layer_of(model) == "marts"
            for name in model["columns"]
            if name in PERSONAL
        ]
    )


def test_grain_is_tested(manifest: dict[str, Any], models: list[Node]) -> None:
    """One test a mart reads its rows, named after it, and a row that breaks its grain stops the run."""
    tested = {
        test["name"]
        for test in of_type(manifest, "test")
        if (test.get("test_metadata") or {}).get("name") == "rows_keep_rules"
        and test["test_metadata"]["kwargs"]["grain"]
        and test["config"]["severity"] == "ERROR"
    }
    marts = [model["name"] for model in models if layer_of(model) == "marts"]
    expect_none([name for name in marts if f"{name}_rows" not in tested])


def test_rules_of_rows_are_not_tested_one_by_one(manifest: dict[str, Any]) -> None:
    """A test costs a node of the build, whatever it reads: dbt's own four are rules of `rows_keep_rules`."""
    by_one = {"unique", "not_null", "accepted_values", "relationships"}
    generic = [test for test in of_type(manifest, "test") if test.get("test_metadata")]
    expect_none([test["name"] for test in generic if test["test_metadata"]["name"] in by_one])


def test_scored_models_have_unit_tests(manifest: dict[str, Any], models: list[Node]) -> None:
    tested = {test["model"] for test in manifest["unit_tests"].values()}
    expect_none(
        [
            model["name"]
            for model in models
            if layer_of(model) != "staging"
            and SCORED.search(model["name"])
            # rows of another model, read through a list, have no numbers of their own
            and not READ_THROUGH.search(model["name"])
            and model["name"] not in tested
        ]
    )


def downstream(models: list[Node], name: str) -> set[str]:
    """Return the models that read this one, in one step or several, and itself."""
    reached = {f"model.answerable.{name}"}
    for model in in_order(models):
        if reached & set(model["depends_on"]["nodes"]):
            reached.add(model["unique_id"])
    return reached


def scoring_models(models: list[Node]) -> list[Node]:
    """Return the steps from the list of periods to the marts that are scored by period, these included."""
    scored = [model for model in models if "scored_by_period()" in model["raw_code"]]
    by_id = {model["unique_id"]: model for model in models}
    found: set[str] = set()
    waiting = [model["unique_id"] for model in scored]
    zone = downstream(models, "int_periods_to_score") - {"model.answerable.int_periods_to_score"}
    while waiting:
        unique_id = waiting.pop()
        if unique_id in zone and unique_id not in found:
            found.add(unique_id)
            waiting += by_id[unique_id]["depends_on"]["nodes"]
    return [by_id[unique_id] for unique_id in sorted(found)]


def test_facts_are_built_whole(models: list[Node]) -> None:
    """The first line of full = incremental: nothing but scores by period, and the history of issues, is kept."""
    expect_none(
        model["name"]
        for model in models
        if model["config"]["materialized"] == "incremental"
        and "scored_by_period()" not in model["raw_code"]
        and model["name"] not in KEPT
    )


def test_scores_follow_from_what_is_fingerprinted(models: list[Node]) -> None:
    """The third line: scoring reads the list, the relations in the fingerprint and nothing else that can change."""
    by_name = {model["name"]: model for model in models}
    inside = {model["unique_id"] for model in scoring_models(models)}
    fingerprinted = set(by_name["int_periods__fingerprints"]["depends_on"]["nodes"])
    lists = {f"model.answerable.{name}" for name in ("int_periods_to_score", "int_periods__fingerprints")}
    assert inside
    expect_none(
        (model["name"], parent)
        for model in scoring_models(models)
        for parent in model["depends_on"]["nodes"]
        if parent not in inside | fingerprinted | lists | {"source.answerable.memory.scored_periods"}
    )


def test_the_guard_knows_the_kinds_that_have_a_severity() -> None:
    variables = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    assert set(KINDS) == variables["notice_kinds"].keys()


def test_no_answer_changes_a_verdict(manifest: dict[str, Any]) -> None:
    """A verdict that moved with an answer would tell it: no step before one reads what people answered."""
    seen = {f"model.answerable.{name}" for name in ("int_billing__verdict_reasons", "rpt_notice_guard")}
    waiting = list(seen)
    while waiting:
        parents = manifest["parent_map"].get(waiting.pop(), [])
        waiting += [parent for parent in parents if parent not in seen]
        seen.update(parents)
    assert "source.answerable.raw.billing_invoices" in seen
    expect_none(name for name in seen if ".raw.survey_" in name)


def test_models_have_owners(manifest: dict[str, Any], models: list[Node]) -> None:
    owners = {group["name"]: group["owner"].get("email") for group in manifest["groups"].values()}
    expect_none([model["name"] for model in models if not owners.get(model["config"]["group"])])


def test_pages_name_the_marts_their_code_reads(manifest: dict[str, Any]) -> None:
    """The exposures of a folder of pages depend on the marts that its SQL names, no fewer and no more."""
    said: dict[str, set[str]] = {}
    for exposure in manifest["exposures"].values():
        parents = {parent.split(".")[-1] for parent in exposure["depends_on"]["nodes"]}
        said.setdefault(exposure["config"]["meta"]["code"], set()).update(parents)
    read = {}
    for folder in PAGES:
        files = [path.read_text(encoding="utf-8") for path in (PROJECT.parent / folder).rglob("*.py")]
        if named := {name for text in files for name in re.findall(r"\bmarts\.(\w+)", text)}:
            read[folder] = named
    assert read == said


def test_the_semantic_layer_reads_reports(manifest: dict[str, Any]) -> None:
    """In facts nothing is withheld: a metric made of them would show scores of a handful of people."""
    parents = {model["name"]: model["depends_on"]["nodes"] for model in manifest["semantic_models"].values()}
    assert parents
    expect_none(
        (name, parent)
        for name, nodes in parents.items()
        for parent in nodes
        if not re.match(r"model\.answerable\.(rpt|dim)_", parent) or parent.endswith("_lineage")
    )


def test_headers_say_grain_measure_and_nulls(models: list[Node]) -> None:
    header = re.compile(r"^(\{[{%].*?[}%]\}\s*)*/\*\nGrain {4}\S.*\nMeasure {2}\S.*\nNulls {4}\S.*\n\*/", re.DOTALL)
    expect_none([model["name"] for model in models if not header.match(model["raw_code"].lstrip())])


def test_models_are_short(models: list[Node]) -> None:
    def lines(model: Node) -> int:
        return sum(1 for line in without_comments(model["raw_code"]).splitlines() if line.strip())

    long = {model["name"] for model in models if lines(model) > MAX_LINES}
    assert long == LONG_MODELS.keys()


def test_no_two_rows_share_an_order(models: list[Node]) -> None:
    """Chance decides nothing: whatever places rows ends in what tells them apart, and nothing is picked out of order.

    tests/property/test_promises.py counts the rows of random worlds that share an order.
    """

    def tells_rows_apart(terms: tuple[str, ...]) -> bool:
        last = terms[-1].split(".")[-1] if terms else ""
        return terms == COPIES or bool(re.search(r"_(id|key)$", last)) or last in TIE_BREAKERS

    orders = [order for model in models for order in orders_of(model["name"], model["compiled_code"])]
    assert len(orders) > 50
    loose = {order.model: order for order in orders if not tells_rows_apart(order.terms)}
    assert loose.keys() == ORDERED_OTHERWISE.keys(), [str(order) for order in loose.values()]
    expect_none((model["name"], picked) for model in models for picked in gathered(model["compiled_code"]))


def test_duplicates_are_removed_in_staging_alone(models: list[Node]) -> None:
    expect_none(
        [
            model["name"]
            for model in models
            if layer_of(model) != "staging" and re.search(r"\bselect\s+distinct\b", without_comments(model["raw_code"]))
        ]
    )


def test_dialects_differ_in_one_folder() -> None:
    files = [*PROJECT.glob("models/**/*.sql"), *PROJECT.glob("macros/**/*.sql"), *PROJECT.glob("tests/**/*.sql")]
    expect_none(
        [
            (str(path.relative_to(PROJECT)), word)
            for path in sorted(files)
            if "dialect" not in path.parts
            for word, pattern in DIALECT.items()
            if re.search(pattern, without_comments(path.read_text(encoding="utf-8")), re.IGNORECASE)
        ]
    )
