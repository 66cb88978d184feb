/*
Grain    one row per account, renewal and kind of warning sign in the year before the day on which it is judged
Measure  signs that a client is unhappy: a detractor's last answer, a flagged notice, an escalation, a dispute
Nulls    none
*/
with

renewals as (

    select * from {{ ref('int_renewals__landmarks') }}

),

answers as (

    select
        renewals.renewal_id,
        responses.nps_value,
        row_number() over (
            partition by renewals.renewal_id
            order by
                responses.submitted_at desc, length(responses.response_id) desc, responses.response_id desc
        ) as place
    from renewals
    inner join {{ ref('int_responses__resolved') }} as responses
        on
            renewals.account_id = responses.account_id
            and renewals.judged_on >= responses.submitted_on
            and renewals.signals_from < responses.submitted_on
    where responses.level = 'relationship' and responses.nps_value is not null

),

notices as (

    select
        renewals.renewal_id,
        'flagged_notice' as signal
    from renewals
    inner join {{ ref('int_notices__flags') }} as notices
        on
            renewals.account_id = notices.account_id
            and renewals.judged_on >= notices.sent_on
            and renewals.signals_from < notices.sent_on
    where notices.is_flagged

),

conflicts as (

    select
        renewals.renewal_id,
        conflicts.conflict_kind as signal
    from renewals
    inner join {{ ref('int_conflicts__by_account') }} as conflicts
        on
            renewals.account_id = conflicts.account_id
            and {{ day_of('conflicts.started_at') }} <= renewals.judged_on
            and {{ day_of('conflicts.started_at') }} > renewals.signals_from
    where conflicts.conflict_kind in ('escalation', 'dispute')

)

select
    renewal_id,
    'detractor' as signal
from answers
where place = 1 and nps_value = -1

union

select
    renewal_id,
    signal
from notices

union

select
    renewal_id,
    signal
from conflicts
