"""What the dashboard reads: queries on the marts of one published version.

Belongs here: SQL, opening the published file for each query, caching answers by version.
Does not: compute figures. It only adds up counts, money and points that the marts hold by row.

The file is opened in the folder of its version, so that a page never mixes two versions, and closed at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import streamlit as st

from answerable.published import Headline, headline, open_published
from answerable.settings import DATABASE

if TYPE_CHECKING:
    from answerable.dashboard.choice import Choice

Row = Mapping[str, Any]

LISTED = 100

_PERIOD = "level = $level and period_grain = $grain and period_start = $start"
_IN_PERIOD = ">= $starts_at::timestamptz and {0} < $ends_at::timestamptz"

LEVELS = """
    select distinct level, list_position(['relationship', 'experience', 'touchpoint'], level) as place
    from marts.rpt_nps where split = 'total' order by place, level
"""
PERIODS = """
    select period_start, period_end, score is not null as has_score from marts.rpt_nps
    where split = 'total' and level = $level and period_grain = $grain and weighting = $weighting
    order by period_start desc
"""
SEGMENTS = """
    select distinct group_id from marts.rpt_nps
    where split = 'segment' and level = $level and period_grain = $grain order by group_id
"""
PUBLICATION = """
    select (published_at at time zone 'UTC')::timestamp as published_at,
        (as_of at time zone 'UTC')::date as as_of
    from marts.publication where version = $version
"""
SCORE = f"""
    select * from marts.rpt_nps
    where {_PERIOD} and weighting = $weighting and split = $split and group_id = $group_id
"""
PLAIN = SCORE.replace("$weighting", "'none'")
TREND = """
    select scores.*, changes.score_change, changes.p_value, changes.verdict, changes.previous_score,
        changes.suppressed_reason as change_suppressed_reason
    from marts.rpt_nps as scores
    left join marts.rpt_nps_change as changes
        on scores.level = changes.level and scores.period_grain = changes.period_grain
        and scores.period_start = changes.period_start and scores.weighting = changes.weighting
        and scores.split = changes.split and scores.group_id = changes.group_id
        and changes.attribution_rule is null
    where scores.level = $level and scores.period_grain = $grain and scores.period_start <= $start
        and scores.weighting = $weighting and scores.split = $split and scores.group_id = $group_id
    order by scores.period_start desc limit 12
"""
GROUPS = f"""
    select * from marts.rpt_nps where {_PERIOD} and weighting = $weighting and split = $split
    order by weight_share desc nulls last, group_id
"""
CHANGES = f"""
    select changes.*, coalesce(teams.team_name, roles.role_name, changes.group_id) as group_name
    from marts.rpt_nps_change as changes
    left join marts.dim_team as teams on changes.split = 'team' and changes.group_id = teams.team_id
    left join marts.dim_role as roles on changes.split = 'role' and changes.group_id = roles.role
    where {_PERIOD} and weighting = $weighting and coalesce(attribution_rule, 'owner') = 'owner'
    order by changes.change desc nulls last, group_name, changes.group_id
"""
TEAMS = f"""
    select contributions.*, coalesce(teams.team_name, contributions.team_id) as team_name
    from marts.rpt_team_contribution as contributions
    left join marts.dim_team as teams using (team_id)
    where {_PERIOD} and weighting = $weighting and attribution_rule = 'owner'
    order by abs(contribution) desc nulls last, team_name, team_id
"""
STAGES = f"""
    with handoffs as (
        select facts.journey, facts.stage, count(*) as handoff_count,
            count(*) filter (facts.is_return) as return_count, median(facts.wait_seconds) / 3600 as wait_hours
        from marts.fct_handoff as facts
        left join marts.dim_account as accounts using (account_id)
        where facts.handed_at {_IN_PERIOD.format("facts.handed_at")}
            and ($segment::varchar is null or accounts.segment = $segment)
        group by all
    ), places as (
        select journey, stage, min(stage_order) as stage_order from marts.dim_touchpoint group by all
    )
    select stages.*, handoffs.wait_hours, places.stage_order,
        coalesce(handoffs.handoff_count, 0) as handoff_count, coalesce(handoffs.return_count, 0) as return_count
    from marts.rpt_journey_stage as stages
    left join handoffs using (journey, stage)
    left join places using (journey, stage)
    where stages.period_grain = $grain and stages.period_start = $start
        and stages.split = $split and stages.group_id = $group_id
    order by stages.journey, places.stage_order nulls last, stages.stage
"""
HANDOFFS = f"""
    select coalesce(givers.team_name, facts.from_team_id) as from_name,
        coalesce(takers.team_name, facts.to_team_id) as to_name, count(*) as handoff_count,
        count(*) filter (facts.is_return) as return_count, median(facts.wait_seconds) / 3600 as wait_hours
    from marts.fct_handoff as facts
    left join marts.dim_account as accounts using (account_id)
    left join marts.dim_team as givers on facts.from_team_id = givers.team_id
    left join marts.dim_team as takers on facts.to_team_id = takers.team_id
    where facts.handed_at {_IN_PERIOD.format("facts.handed_at")}
        and ($segment::varchar is null or accounts.segment = $segment)
    group by all order by handoff_count desc, from_name, to_name limit 10
"""
MEASURES = f"""
    select scores.*, coalesce(measures.measure_name, scores.measure) as measure_name
    from marts.rpt_measure_score as scores
    left join marts.dim_measure as measures using (measure)
    where {_PERIOD} and split = $split and group_id = $group_id
    order by importance desc nulls last, mean nulls last, measure_name
"""
REACH = f"select * from marts.rpt_response_rate where {_PERIOD} and split = $split and group_id = $group_id"
REACH_SPLIT = f"""
    select rates.*, coalesce(roles.role_name, rates.group_id) as group_name
    from marts.rpt_response_rate as rates
    left join marts.dim_role as roles on rates.split = 'role' and rates.group_id = roles.role
    where {_PERIOD} and split = $split order by invited desc, group_name
"""
_AT_RISK = """
    from marts.rpt_account_health as health
    left join marts.dim_account as accounts using (account_id)
    where health.risk_level > 0 and ($segment::varchar is null or accounts.segment = $segment)
"""
AT_RISK = f"""
    select health.*, accounts.segment, count(*) over () as listed_of {_AT_RISK}
    order by health.value_at_risk desc nulls last, health.risk_level desc, health.account_id limit {LISTED}
"""
AT_RISK_SUMS = f"""
    select health.reporting_currency as currency, sum(health.value_at_risk) as value_at_risk,
        count(*) as account_count {_AT_RISK}
        and health.value_at_risk is not null
    group by health.reporting_currency order by value_at_risk desc, health.reporting_currency
"""
_NOTICES = f"""
    from marts.fct_billing_notice as notices
    left join marts.dim_account as accounts using (account_id)
    left join marts.dim_team as teams using (team_id)
    where notices.sent_at {_IN_PERIOD.format("notices.sent_at")}
        and ($segment::varchar is null or accounts.segment = $segment)
"""
CONDUCT = f"""
    select coalesce(teams.team_name, notices.team_id) as team_name, notices.team_id, count(*) as sent_count,
        count(*) filter (is_flagged) as flagged_count, count(*) filter (is_demand_before_due) as early_count,
        count(*) filter (is_tone_mismatch) as harsh_count
    {_NOTICES} group by rollup((team_name, notices.team_id)) order by sent_count desc, team_name nulls first
"""
FLAGGED = f"""
    select notices.*, coalesce(accounts.account_name, notices.account_id) as account_name,
        coalesce(teams.team_name, notices.team_id) as team_name, count(*) over () as listed_of
    {_NOTICES} and notices.is_flagged order by notices.sent_at desc, notices.notice_id limit {LISTED}
"""
_RESPONSES = """
    inner join marts.fct_survey_response as responses using (response_id)
    left join marts.dim_account as accounts using (account_id)
"""
_LINEAGE = f"""
    select lineage.response_id, lineage.weight, 1::double as share, lineage.points,
        responses.account_id, coalesce(accounts.account_name, responses.account_id) as account_name,
        responses.nps_score, responses.channel, (responses.submitted_at at time zone 'UTC')::date as answered_on
    from marts.rpt_nps_lineage as lineage {_RESPONSES}
    where lineage.level = $level and lineage.period_grain = $grain and lineage.period_start = $start
        and lineage.weighting = $weighting and (
            $split = 'total' or ($split = 'segment' and coalesce(accounts.segment, 'unknown') = $group_id)
            or ($split = 'account' and coalesce(accounts.account_id, 'unknown') = $group_id)
        )
"""
_TEAM_LINEAGE = f"""
    select lineage.response_id, lineage.weight, lineage.share, lineage.points,
        responses.account_id, coalesce(accounts.account_name, responses.account_id) as account_name,
        responses.nps_score, responses.channel, (responses.submitted_at at time zone 'UTC')::date as answered_on
    from marts.rpt_team_contribution_lineage as lineage {_RESPONSES}
    where lineage.level = $level and lineage.period_grain = $grain and lineage.period_start = $start
        and lineage.weighting = $weighting and lineage.attribution_rule = 'owner' and lineage.team_id = $group_id
"""
_LISTING = """
    select *, sum(points) over () as sum_of_points, sum(weight * share) over () as sum_of_weights,
        count(*) over () as listed_of
    from ({0}) order by abs(points) desc, weight * share desc, response_id limit {1}
"""
LINEAGE = _LISTING.format(_LINEAGE, LISTED)
TEAM_LINEAGE = _LISTING.format(_TEAM_LINEAGE, LISTED)


class BrokenError(Exception):
    """The published version can't be shown; the message says why."""


class Published:
    """One published version, whatever is published in the meantime."""

    def __init__(self, published: Path, version: str) -> None:
        """Take the folder of published versions and the name of one of them."""
        self.version = version
        self.database = published / version / DATABASE

    def rows(self, sql: str, choice: Choice | None = None, **parameters: Any) -> list[Row]:
        """Return the rows of a query, given the parameters that it names, of the choice too. Raises BrokenError."""
        known = {**(choice.parameters() if choice else {}), **parameters}
        try:
            return _rows(str(self.database), sql, {name: known[name] for name in re.findall(r"\$(\w+)", sql)})
        except duckdb.CatalogException as error:
            missing = str(error).splitlines()[0].removeprefix("Catalog Error: ")
            raise BrokenError(f"Something this page shows is missing. {missing}") from error
        except duckdb.BinderException as error:
            raise BrokenError(f"Something this page shows is missing. {str(error).splitlines()[0]}") from error
        except duckdb.Error as error:
            raise BrokenError(f"Its file can't be read. {str(error).splitlines()[0]}") from error

    def first(self, sql: str, choice: Choice | None = None, **parameters: Any) -> Row | None:
        """Return the first row of a query, None if there is none. Raises BrokenError."""
        found = self.rows(sql, choice, **parameters)
        return found[0] if found else None

    def default(self) -> Headline | None:
        """Return the headline that the run's summary and the scorecards show. Raises BrokenError."""
        try:
            return _default(str(self.database))
        except duckdb.Error as error:
            raise BrokenError(f"Its file can't be read. {str(error).splitlines()[0]}") from error


@st.cache_data(max_entries=500, show_spinner=False)
def _rows(database: str, sql: str, parameters: Mapping[str, Any]) -> list[Row]:
    with closing(open_published(Path(database))) as connection:
        found = connection.execute(sql, dict(parameters))
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@st.cache_data(max_entries=5, show_spinner=False)
def _default(database: str) -> Headline | None:
    return headline(Path(database))
