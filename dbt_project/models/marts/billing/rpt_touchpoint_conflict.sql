/*
Grain    one row per demand for payment and escalation, dispute, outage or renewal window it fell into
Measure  what contradicted what at the account, and the team that answers for either
Nulls    conflict_ended_at while it goes on
*/
with

notices as (

    select *
    from {{ ref('int_notices__flags') }}
    where severity >= {{ var('demand_minimum_severity') }}

),

conflicts as (

    select * from {{ ref('int_conflicts__by_account') }}

),

clock as (

    select as_of from {{ source('memory', 'clock') }}

)

select
    notices.account_id,
    notices.notice_id,
    conflicts.conflict_id,
    conflicts.conflict_kind,
    notices.invoice_id,
    notices.sent_at,
    cast(notices.severity as bigint) as severity,
    notices.is_flagged,
    notices.team_id as notice_team_id,
    conflicts.team_id as conflict_team_id,
    conflicts.started_at as conflict_started_at,
    conflicts.ended_at as conflict_ended_at,
    coalesce(conflicts.ended_at > clock.as_of, true) as is_open
from notices
inner join conflicts
    on
        notices.counted_account_id = conflicts.counted_account_id
        and notices.sent_at >= conflicts.started_at
        and notices.sent_at < coalesce(conflicts.ended_at, {{ instant_of(end_of_time()) }})
cross join clock
