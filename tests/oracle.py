"""Marts of a warehouse held against the independent reference implementation.

Belongs here: which columns are compared and how near they must be. Does not: how either side computes them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import duckdb
from reference import (
    World,
    fct_billing_notice,
    fct_feedback_delivery,
    fct_handoff,
    fct_invoice,
    fct_journey,
    fct_journey_stage,
    fct_survey_response,
    rpt_journey_stage,
    rpt_nps,
    rpt_nps_change,
    rpt_nps_lineage,
    rpt_response_rate,
    rpt_team_contribution,
    rpt_team_contribution_lineage,
)

PERIOD = ["level", "period_grain", "period_start", "weighting"]
REASONS = {"no_answer": "no_nps_answer", "superseded": "later_response_in_quarter"}


def differences(connection: duckdb.DuckDBPyConnection, world: World) -> list[str]:
    """One line for every row or figure in which the marts and the reference differ."""
    found = []
    for table, key, expected, columns in [
        ("rpt_nps", [*PERIOD, "split", "group_id"], rpt_nps(world), None),
        ("rpt_nps_lineage", [*PERIOD, "response_id"], rpt_nps_lineage(world), ["weight", "points"]),
        ("rpt_nps_change", [*PERIOD, "split", "attribution_rule", "group_id"], rpt_nps_change(world), None),
        ("rpt_team_contribution", [*PERIOD, "attribution_rule", "team_id"], rpt_team_contribution(world), None),
        (
            "rpt_team_contribution_lineage",
            [*PERIOD, "attribution_rule", "response_id", "team_id"],
            rpt_team_contribution_lineage(world),
            ["share", "weight", "points"],
        ),
        (
            "rpt_response_rate",
            ["level", "period_grain", "period_start", "split", "group_id"],
            rpt_response_rate(world),
            None,
        ),
        (
            "rpt_journey_stage",
            ["period_grain", "period_start", "journey", "stage", "split", "group_id"],
            rpt_journey_stage(world),
            None,
        ),
    ]:
        found += _compare(table, _rows(connection, table, key), expected, columns)
    found += _compare(
        "fct_survey_response",
        _rows(connection, "fct_survey_response", ["response_id"]),
        {
            (key,): row | {"not_counted_reason": REASONS.get(row["not_counted_reason"], row["not_counted_reason"])}
            for key, row in fct_survey_response(world).items()
        },
        [
            *("level", "account_id", "channel", "submitted_at"),
            *("is_counted", "not_counted_reason", "nps_score", "nps_group"),
        ],
    )
    found += _compare("fct_invoice", _rows(connection, "fct_invoice", ["invoice_id"]), fct_invoice(world), None)
    feedback = _rows(connection, "fct_feedback_delivery", ["response_id", "team_id"])
    found += _compare("fct_feedback_delivery", feedback, fct_feedback_delivery(world), None)
    notices = _rows(connection, "fct_billing_notice", ["notice_id"])
    found += _compare("fct_billing_notice", notices, fct_billing_notice(world), None)
    return found + _journeys(connection, world)


def found_by_subtraction(connection: duckdb.DuckDBPyConnection) -> tuple[int, list[str]]:
    """Splits that withhold something from a total that is shown, and a line for each that gives it away all the same.

    A withheld group is the total less the shown ones as soon as no other with weight is withheld; weights that the
    marts don't tell are read from the steps before. A group that is the whole of its total is not found by subtraction:
    the total says it.
    """
    connection.execute(
        """
        create or replace temp view periods as
        select period_key, period_grain, period_start from intermediate.int_periods__listed;

        create or replace temp view scores as
        select
            level, period_grain, period_start, weighting, split, group_id, weight_share > 0 as has_weight, contribution
        from marts.rpt_nps where split <> 'account'
        union all
        select
            level, period_grain, period_start, weighting, attribution_rule, team_id, weight_share > 0, contribution
        from marts.rpt_team_contribution;

        -- a change tells what is withheld of one of its two periods
        create or replace temp view compared as
        select
            changes.*,
            bool_or(scores.has_weight and scores.contribution is null) as has_weight
        from marts.rpt_nps_change as changes
        inner join periods using (period_grain, period_start)
        inner join intermediate.int_periods__fingerprints as pairs using (period_key)
        inner join periods as both_periods on both_periods.period_key in (pairs.period_key, pairs.previous_period_key)
        left join scores
            on
                scores.level = changes.level and scores.weighting = changes.weighting
                and scores.period_grain = both_periods.period_grain
                and scores.period_start = both_periods.period_start
                and scores.split = coalesce(changes.attribution_rule, changes.split)
                and scores.group_id = changes.group_id
        group by all;

        create or replace temp view summed as
        select *, weight > 0 as has_weight
        from intermediate.int_metrics__sums_by_group inner join periods using (period_key);

        create or replace temp view parts as
        select
            'rpt_nps' as mart, level, period_grain, period_start, weighting as subject, split, group_id, has_weight,
            contribution as figure
        from scores
        union all
        select 'rpt_nps_change', level, period_grain, period_start, weighting, concat_ws(' ', split, attribution_rule),
            group_id, has_weight or change is not null, change
        from compared
        union all
        select 'rpt_metric_score', level, period_grain, period_start, metric, split, group_id, has_weight, mean
        from marts.rpt_metric_score as scores
        inner join summed using (level, period_grain, period_start, split, group_id)
        where kind = 'metric' and subject = metric and split <> 'account'
        union all
        select 'rpt_measure_score', level, period_grain, period_start, measure, split, group_id, has_weight, mean
        from marts.rpt_measure_score as scores
        inner join summed using (level, period_grain, period_start, split, group_id)
        where kind = 'measure' and subject = measure and split <> 'account'
        union all
        select 'nps of ' || journey, null, period_grain, period_start, stage, split, group_id,
            nps_response_count > 0, nps
        from marts.rpt_journey_stage
        union all
        select 'csat of ' || journey, null, period_grain, period_start, stage, split, group_id,
            csat_response_count > 0, csat
        from marts.rpt_journey_stage
        """
    )
    splits = connection.execute(
        """
        select
            parts.mart, parts.level, parts.period_grain, parts.period_start, parts.subject, parts.split,
            count(*) filter (where parts.has_weight and parts.figure is null) as withheld,
            count(parts.figure) filter (where parts.has_weight) as shown
        from parts
        inner join parts as totals
            on
                parts.mart = totals.mart and parts.level is not distinct from totals.level
                and parts.period_grain = totals.period_grain and parts.period_start = totals.period_start
                and parts.subject = totals.subject
        where parts.split <> 'total' and totals.split = 'total' and totals.figure is not null
        group by all having withheld > 0 and shown > 0
        """
    ).fetchall()
    return len(splits), [f"{split[:6]} gives its withheld group away" for split in splits if split[6] == 1]


def _journeys(connection: duckdb.DuckDBPyConnection, world: World) -> list[str]:
    """Instances have a surrogate key in the marts: rows are matched by their first interaction instead."""
    first = {}
    for instance, interactions in _instances(world).items():
        first[instance] = interactions[0]["interaction_id"]
    connection.execute(
        """
        create or replace temp view instance_names as
        select
            journey_instance_id,
            arg_min(interaction_id, (occurred_at, length(interaction_id), interaction_id)) as instance
        from marts.fct_interaction where journey_instance_id is not null group by 1
        """
    )

    def actual(table: str, key: list[str]) -> dict[tuple[Any, ...], dict[str, Any]]:
        return _rows(
            connection, f"{table} join instance_names using (journey_instance_id)", ["instance", *key], temporary=True
        )

    return [
        *_compare(
            "fct_journey_stage",
            actual("fct_journey_stage", ["sequence_number"]),
            {(first[instance], n): row for (instance, n), row in fct_journey_stage(world).items()},
            None,
        ),
        *_compare(
            "fct_journey",
            actual("fct_journey", []),
            {(first[instance],): row for instance, row in fct_journey(world).items()},
            None,
        ),
        *_compare(
            "fct_handoff",
            actual("fct_handoff", ["interaction_id"]),
            {(first[instance], interaction): row for (instance, interaction), row in fct_handoff(world).items()},
            None,
        ),
    ]


def _instances(world: World) -> Any:
    from reference.journeys import instances

    return instances(world)


def _rows(
    connection: duckdb.DuckDBPyConnection, table: str, key: list[str], temporary: bool = False
) -> dict[tuple[Any, ...], dict[str, Any]]:
    cursor = connection.execute(f"select * from marts.{table}")
    names = [column[0] for column in cursor.description or []]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    keyed = {tuple(row[column] for column in key): row for row in rows}
    assert len(keyed) == len(rows), f"{table}: the grain {key} is not unique"
    return keyed


def _compare(
    table: str,
    actual: Mapping[tuple[Any, ...], Mapping[str, Any]],
    expected: Mapping[Any, Mapping[str, Any]],
    columns: list[str] | None,
) -> list[str]:
    found = [f"{table} {key}: row is missing" for key in expected.keys() - actual.keys()]
    found += [f"{table} {key}: row is not expected" for key in actual.keys() - expected.keys()]
    for key in expected.keys() & actual.keys():
        for column in columns or sorted(expected[key].keys() & actual[key].keys()):
            if not _same(actual[key][column], expected[key][column]):
                found.append(f"{table} {key} {column}: {actual[key][column]!r}, expected {expected[key][column]!r}")
    return found


def _same(actual: Any, expected: Any) -> bool:
    if actual is None or expected is None:
        return actual is expected
    if isinstance(expected, (Fraction, float)):
        return abs(float(actual) - float(expected)) <= 1e-8 * max(1.0, abs(float(expected)))
    if isinstance(expected, dt.datetime):
        return bool(actual == expected)
    return bool(actual == expected)
