"""Whether a new version lost its point against the one that serves: headlines, responses or accounts of past periods.

Belongs here: comparing the marts of the warehouse with the served version, and saying which of them is lost and why.
Does not: which numbers changed (`rpt_restatement` of the dbt project), or what follows (`defs.published`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb

from ingest.rules import literal

LARGEST_SHARE = 0.1
"""More than this share of a past period's responses, or of its weight in one account, is not lost unseen."""

_SHOWN = 3
_PERIOD = "level, period_grain, period_start, period_end"

# Past periods that showed a headline, with the weight of each response in it: was_ in the served version.
_COMPARED = f"""
    create or replace temp table compared as
    with clock as (select as_of::date as today from memory.clock),
    shown as (
        select {_PERIOD}, weighting from served.marts.rpt_nps, clock
        where is_headline and score is not null and period_end <= today
    ),
    standing as (select {_PERIOD}, weighting from marts.rpt_nps where is_headline and score is not null),
    was as (
        select {_PERIOD}, lineage.response_id, lineage.weight, responses.account_id,
            coalesce(merges.surviving_account_id, responses.account_id) as survivor_id
        from served.marts.rpt_nps_lineage as lineage
        join shown using ({_PERIOD}, weighting)
        join served.marts.fct_survey_response as responses using (response_id)
        left join intermediate.int_accounts__merges as merges on responses.account_id = merges.landed_account_id
        where lineage.weight > 0
    ),
    now as (
        select {_PERIOD}, lineage.response_id, responses.account_id
        from marts.rpt_nps_lineage as lineage
        join standing using ({_PERIOD}, weighting)
        join marts.fct_survey_response as responses using (response_id)
        where lineage.weight > 0
    ),
    heard as (select distinct {_PERIOD}, account_id as survivor_id, true as is_account_heard from now),
    kept as (select {_PERIOD}, response_id, true as is_kept from now),
    headed as (select {_PERIOD}, true as has_headline from standing)
    select was.*, is_kept is null as is_gone, is_account_heard is not null as is_account_heard,
        has_headline is not null as has_headline
    from was
    left join kept using ({_PERIOD}, response_id)
    left join heard using ({_PERIOD}, survivor_id)
    left join headed using ({_PERIOD})
"""
_HEADLINES = f"""
    select {_PERIOD} from served.marts.rpt_nps, memory.clock
    where is_headline and score is not null and period_end <= as_of::date
    except select {_PERIOD} from marts.rpt_nps where is_headline and score is not null
    order by all
"""
_RESPONSES = f"""
    select {_PERIOD}, count(*) filter (is_gone), count(*) from compared where has_headline
    group by all having count(*) filter (is_gone) > {LARGEST_SHARE} * count(*) order by all
"""
_ACCOUNTS = f"""
    select {_PERIOD}, account_id, sum(weight) from compared where has_headline and not is_account_heard
    group by all having sum(weight) > {LARGEST_SHARE} order by all
"""
_CAUSES = f"""
    with gone as (select * from compared where is_gone and ({_PERIOD}) = (?, ?, ?, ?)),
    latest as (
        select response_id, arg_max(coalesce(is_deleted, false), (updated_at, _record_hash)) as is_deleted,
            arg_max(contact_id, (updated_at, _record_hash)) as contact_id
        from raw.survey_responses group by response_id
    ),
    answers as (
        select response_id, bool_or(is_deleted) as is_deleted from (
            select response_id, arg_max(coalesce(is_deleted, false), (updated_at, _record_hash)) as is_deleted
            from raw.survey_answers group by response_id, question_id
        ) group by response_id
    ),
    accounts as (
        select account_id, arg_max(coalesce(is_deleted, false), (updated_at, _record_hash)) as is_deleted
        from raw.crm_accounts group by account_id
    ),
    contacts as (
        select contact_id, arg_max(coalesce(is_deleted, false), (updated_at, _record_hash)) as is_deleted
        from raw.crm_contacts group by contact_id
    ),
    refused as (select distinct record_key[1] as id from quarantine.records where resolved_at is null)
    select case
        when gone.survivor_id not in (gone.account_id, 'unknown') then 'merge'
        when latest.is_deleted or answers.is_deleted or accounts.is_deleted or contacts.is_deleted then 'deletion'
        when gone.response_id in (select id from refused) or gone.account_id in (select id from refused)
            then 'quarantine'
        when ? then 'programme'
        else 'correction'
    end
    from gone
    left join latest using (response_id)
    left join answers using (response_id)
    left join accounts using (account_id)
    left join contacts using (contact_id)
"""


def describe(connection: duckdb.DuckDBPyConnection, served: Path, programme_hash: str) -> str | None:
    """Return in one line what the marts of the warehouse lost against the served database and why, None if nothing."""
    connection.execute(f"ATTACH {literal(str(served))} AS served (READ_ONLY)")
    try:
        connection.execute(_COMPARED)
        found = list(_losses(connection, _is_new(connection, programme_hash)))
    finally:
        connection.execute("DROP TABLE IF EXISTS temp.compared")
        connection.execute("DETACH served")
    if not found:
        return None
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return "; ".join(found[:_SHOWN]) + more


def _is_new(connection: duckdb.DuckDBPyConnection, programme_hash: str) -> bool:
    """Return whether the served version was made with another programme."""
    query = "SELECT programme_hash FROM served.marts.publication ORDER BY published_at DESC LIMIT 1"
    row = connection.execute(query).fetchone()
    return row is not None and row[0] != programme_hash


def _losses(connection: duckdb.DuckDBPyConnection, is_new_programme: bool) -> Iterator[str]:
    for level, grain, start, end in connection.execute(_HEADLINES).fetchall():
        why = _why(connection, (level, grain, start, end), is_new_programme)
        yield f"{level}, {grain} from {start} has no headline any more ({why})"
    for level, grain, start, end, gone, total in connection.execute(_RESPONSES).fetchall():
        why = _why(connection, (level, grain, start, end), is_new_programme)
        yield f"{level}, {grain} from {start} lost {gone} of its {total} responses ({why})"
    for level, grain, start, end, account, share in connection.execute(_ACCOUNTS).fetchall():
        why = _why(connection, (level, grain, start, end), is_new_programme)
        yield f"{level}, {grain} from {start} lost account {account} with {share:.0%} of its weight ({why})"


def _why(connection: duckdb.DuckDBPyConnection, period: tuple[object, ...], is_new_programme: bool) -> str:
    """Return what the lost responses of a period were lost by, the most frequent first."""
    causes = Counter(cause for (cause,) in connection.execute(_CAUSES, [*period, is_new_programme]).fetchall())
    if not causes:
        return "programme" if is_new_programme else "correction"
    return ", ".join(cause for cause, _ in causes.most_common())
