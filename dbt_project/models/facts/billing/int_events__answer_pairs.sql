/*
Grain    one row per kind of event, quarter and account in which a person answered before and after its first event
Measure  points_change: how the account's people answered after it less how the same people had before, in points
Nulls    none; people who answered on one side alone are absent
*/
with

events as (

    select
        'flagged_notice' as event_kind,
        account_id,
        sent_at as happened_at
    from {{ ref('int_notices__flags') }}
    where is_flagged

    union all

    select
        'severe_notice' as event_kind,
        account_id,
        sent_at as happened_at
    from {{ ref('int_notices__flags') }}
    where severity >= {{ var('tone_minimum_severity') }}

    union all

    select
        conflict_kind as event_kind,
        account_id,
        started_at as happened_at
    from {{ ref('int_conflicts__by_account') }}
    where conflict_kind in ('escalation', 'dispute')

),

firsts as (

    select
        event_kind,
        cast(date_trunc('quarter', happened_at) as date) as period_start,
        account_id,
        min(happened_at) as happened_at
    from events
    where account_id <> 'unknown'
    group by
        event_kind,
        cast(date_trunc('quarter', happened_at) as date),
        account_id

),

responses as (

    select * from {{ ref('int_responses__resolved') }}
    where level = 'relationship' and nps_value is not null

),

answers as (

    select
        firsts.*,
        responses.contact_key,
        responses.nps_value,
        responses.submitted_at > firsts.happened_at as is_after,
        row_number() over (
            partition by
                firsts.event_kind, firsts.period_start, firsts.account_id, responses.contact_key,
                responses.submitted_at > firsts.happened_at
            order by
                abs({{ seconds_between('firsts.happened_at', 'responses.submitted_at') }}), responses.response_id
        ) as place
    from firsts
    inner join responses
        on
            firsts.account_id = responses.account_id
            and responses.submitted_at >= firsts.happened_at - interval '{{ var("impact_days") }}' day
            and responses.submitted_at <= firsts.happened_at + interval '{{ var("impact_days") }}' day

),

people as (

    select
        event_kind,
        period_start,
        account_id,
        contact_key,
        max(case when not is_after then nps_value end) as value_before,
        max(case when is_after then nps_value end) as value_after
    from answers
    where place = 1
    group by
        event_kind,
        period_start,
        account_id,
        contact_key

)

select
    event_kind,
    period_start,
    account_id,
    count(*) as pair_count,
    100.0 * {{ stable_sum('value_after - value_before') }} / count(*) as points_change
from people
where value_before is not null and value_after is not null
group by
    event_kind,
    period_start,
    account_id
