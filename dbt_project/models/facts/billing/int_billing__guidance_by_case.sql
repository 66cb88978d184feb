/*
Grain    one row per flagged notice, judged as of its sending, and per open invoice, judged as of the clock
Measure  max_severity and channel of the first rule of billing_conduct.csv that fits; a disputed invoice, one that is
         open twice, and an account with an open escalation or that owes nothing get none but hold, whatever the rules
Nulls    rule_id, max_severity and channel where no rule fits; the payment record where nothing was known
*/
with

notices as (

    select * from {{ ref('int_notices__flags') }}

),

invoices as (

    select * from {{ ref('int_invoices__settlements') }}

),

records as (

    select * from {{ ref('int_invoices__payment_records') }}

),

conflicts as (

    select * from {{ ref('int_conflicts__by_account') }}

),

rules as (

    select * from {{ ref('billing_conduct') }}

),

cases as (

    select
        'notice ' || notice_id as case_id,
        counted_account_id,
        sent_at as judged_at,
        days_past_due,
        is_disputed,
        cast(null as varchar) as hold_reason,
        tenure_years
    from notices
    where is_flagged

    union all

    select
        'invoice ' || invoice_id as case_id,
        counted_account_id,
        as_of as judged_at,
        {{ days_between('due_on', 'today') }} as days_past_due,
        is_disputed,
        hold_reason,
        {{ tenure_years('customer_since', 'today') }} as tenure_years
    from invoices
    where is_open

),

escalated as (

    select cases.case_id
    from cases
    inner join conflicts
        on
            cases.counted_account_id = conflicts.counted_account_id
            and conflicts.conflict_kind = 'escalation'
            and cases.judged_at >= conflicts.started_at
    where conflicts.ended_at is null or conflicts.ended_at > cases.judged_at
    group by cases.case_id

),

judged as (

    select
        cases.*,
        records.known_invoices,
        records.on_time_rate,
        records.mean_days_late,
        escalated.case_id is not null as has_open_conflict,
        case
            when cases.is_disputed then 'The invoice is disputed'
            when escalated.case_id is not null then 'The account has an open escalation'
            else cases.hold_reason
        end as held_because
    from cases
    left join records on cases.case_id = records.moment_id
    left join escalated on cases.case_id = escalated.case_id

),

fitting as (

    select
        judged.case_id,
        rules.*,
        row_number() over (partition by judged.case_id order by rules.priority, rules.rule_id) as place
    from judged
    inner join rules
        on
            coalesce(judged.days_past_due >= rules.min_days_past_due, rules.min_days_past_due is null)
            and coalesce(judged.days_past_due <= rules.max_days_past_due, rules.max_days_past_due is null)
            and coalesce(judged.on_time_rate >= rules.min_on_time_rate, rules.min_on_time_rate is null)
            and coalesce(judged.tenure_years >= rules.min_tenure_years, rules.min_tenure_years is null)
            and coalesce(judged.is_disputed = rules.is_disputed, true)
            and coalesce(judged.has_open_conflict = rules.has_open_conflict, true)

)

select
    judged.case_id,
    judged.days_past_due,
    judged.known_invoices,
    judged.on_time_rate,
    judged.mean_days_late,
    judged.tenure_years,
    judged.is_disputed,
    judged.has_open_conflict,
    fitting.rule_id,
    case when judged.held_because is not null then 0 else fitting.max_severity end as max_severity,
    case when judged.held_because is not null then 'hold' else fitting.channel end as channel,
    case
        when fitting.channel = 'hold' then fitting.reason
        else coalesce(judged.held_because, fitting.reason)
    end as reason
from judged
left join fitting on judged.case_id = fitting.case_id and fitting.place = 1
