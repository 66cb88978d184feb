"""A run tests the rows that changed; all of them where that is not known, or the tests may be others."""

from __future__ import annotations

import duckdb
import pytest
from building import Builder
from reference.random_world import make_world

from orchestration import dbt_process, manifest, publishing

SEED = 4
THE_TEST = "fct_interaction_grain"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Builder:
    """A published home one of whose interactions has stood there twice since, without a word."""
    builder, world = Builder(tmp_path_factory.mktemp("home")), make_world(SEED)
    builder.marts([world.landed], world.programme, world.as_of)
    settings = builder.settings
    publishing.publish(
        settings.warehouse,
        settings.published,
        publishing.next_version(settings.published, "a"),
        keep_versions=1,
        programme_hash="",
        code_version=manifest.code_version(manifest.fingerprint()),
        checks_passed=0,
    )
    change(
        builder,
        "insert into marts.fct_interaction from marts.fct_interaction"
        " where interaction_id = (select min(interaction_id) from marts.fct_interaction)",
    )
    return builder


def change(builder: Builder, *statements: str) -> None:
    with duckdb.connect(str(builder.settings.warehouse)) as connection:
        for statement in statements:
            connection.execute(statement)


def run_the_test(builder: Builder) -> None:
    for _ in dbt_process.build(builder.settings, ["--select", THE_TEST]):
        pass


def test_rows_that_nothing_speaks_of_passed_when_they_were_published(published: Builder) -> None:
    run_the_test(published)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "insert into build.changes (model, name, value)"
            " select 'fct_interaction', 'interaction_id', min(interaction_id) from marts.fct_interaction",
            "delete from build.changes",
        ),
        (
            "insert into build.changes (model, name) select 'fct_interaction', '*'",
            "delete from build.changes",
        ),
        (
            "update raw.publications set code_version = 'old ' || code_version",
            "update raw.publications set code_version = substr(code_version, 5)",
        ),
    ],
    ids=["changed rows", "a table built whole", "another project"],
)
def test_what_may_be_wrong_is_read(published: Builder, before: str, after: str) -> None:
    change(published, before)
    with pytest.raises(dbt_process.BuildError, match=THE_TEST):
        run_the_test(published)
    change(published, after)
    run_the_test(published)
