/*
Grain    one row per escalation, dispute, unresolved journey of an outage, and renewal window of an account
Measure  the time in which a demand for payment contradicts it, and the team that answers for it
Nulls    ended_at while it goes on
*/
with

conflicts as (

    select * from {{ ref('int_conflicts__by_journey') }}

),

accounts as (

    select * from {{ ref('int_accounts__current') }}

),

renewals as (

    select
        *,
        {{ add_days('renewal_on', -1 * var('renewal_window_days')) }} as opens_on
    from accounts
    where renewal_on is not null

)

select
    account_id,
    counted_account_id,
    conflict_kind,
    journey_instance_id || ' ' || conflict_kind as conflict_id,
    started_at,
    ended_at,
    team_id
from conflicts

union all

select
    renewals.account_id,
    renewals.account_id as counted_account_id,
    'renewal_window' as conflict_kind,
    renewals.account_id || ' renewal ' || cast(renewals.renewal_on as varchar) as conflict_id,
    {{ instant_of('renewals.opens_on') }} as started_at,
    {{ instant_of(add_days('renewals.renewal_on', 1)) }} as ended_at,
    coalesce(owners.team_id, 'unattributed') as team_id
from renewals
{{ join_owners("'" ~ var('renewal_touchpoint') ~ "'", 'renewals', 'renewals.opens_on') }}
