/*
Grain    one row per escalation, dispute, unsolved support case, and renewal window of an account
Measure  when it began and ended, and the team that answers for it
Nulls    ended_at while it goes on
*/
with

conflicts as (

    select * from {{ ref('int_conflicts__by_account') }}

)

select
    conflict_id,
    account_id,
    conflict_kind,
    started_at,
    ended_at,
    team_id
from conflicts
