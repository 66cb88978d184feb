/*
Grain    one row per account, `unknown` included
Measure  what a person who writes to the account about money should know of it at the clock
Nulls    last notice and renewal where there is none
*/
with

accounts as (

    select account_id from {{ ref('int_accounts__current') }}

    union all

    select 'unknown' as account_id

),

profiles as (

    select * from {{ ref('int_accounts__current') }}

),

clock as (

    select as_of from {{ source('memory', 'clock') }}

),

notices as (

    select
        notices.account_id,
        notices.sent_at,
        notices.severity,
        row_number() over (
            partition by notices.account_id order by notices.sent_at desc, notices.notice_id desc
        ) as place
    from {{ ref('int_notices__flags') }} as notices
    cross join clock
    where notices.sent_at <= clock.as_of

),

flagged as (

    select
        notices.account_id,
        count(*) as flagged_notice_count
    from {{ ref('int_notices__flags') }} as notices
    cross join clock
    where
        notices.is_flagged
        and notices.sent_at <= clock.as_of
        and notices.sent_at > clock.as_of - interval '{{ var("trailing_year_days") }}' day
    group by notices.account_id

),

conflicts as (

    select
        conflicts.account_id,
        sum(case when conflicts.conflict_kind = 'escalation' then 1 else 0 end) as open_escalation_count,
        sum(case when conflicts.conflict_kind = 'dispute' then 1 else 0 end) as open_dispute_count,
        sum(case when conflicts.conflict_kind = 'outage' then 1 else 0 end) as open_outage_count
    from {{ ref('int_conflicts__by_account') }} as conflicts
    cross join clock
    where
        conflicts.started_at <= clock.as_of
        and (conflicts.ended_at is null or conflicts.ended_at > clock.as_of)
    group by conflicts.account_id

)

select
    accounts.account_id,
    profiles.account_name,
    profiles.status,
    profiles.customer_since,
    profiles.annual_value,
    profiles.currency,
    profiles.renewal_on,
    {{ days_between(local_day('clock.as_of', "coalesce(profiles.time_zone, 'UTC')"), 'profiles.renewal_on') }}
        as days_to_renewal,
    coalesce(conflicts.open_escalation_count, 0) as open_escalation_count,
    coalesce(conflicts.open_dispute_count, 0) as open_dispute_count,
    coalesce(conflicts.open_outage_count, 0) as open_outage_count,
    notices.sent_at as last_notice_at,
    notices.severity as last_notice_severity,
    coalesce(flagged.flagged_notice_count, 0) as flagged_notice_count
from accounts
cross join clock
left join profiles on accounts.account_id = profiles.account_id
left join conflicts on accounts.account_id = conflicts.account_id
left join notices on accounts.account_id = notices.account_id and notices.place = 1
left join flagged on accounts.account_id = flagged.account_id
