/*
Grain    one row per moment: a notice, or an open invoice on one of its days
Measure  the first rule of billing_conduct.csv that fits, until when, and what it comes to: a disputed invoice, one
         that is open twice, and an account with an open escalation or that owes nothing get none but hold, whatever
         the rules
Nulls    rule_id, max_severity and channel where no rule fits; rule_changes_on where no later day past due puts another
         rule first; the payment record where nothing was known
*/
with

moments as (

    select * from {{ ref('int_billing__moments') }}

),

records as (

    select * from {{ ref('int_invoices__payment_records') }}

),

owed as (

    select * from {{ ref('int_invoices__owed_by_moment') }}

),

rules as (

    select
        *,
        row_number() over (order by priority, rule_id) as place
    from {{ ref('billing_conduct') }}

),

judged as (

    select
        moments.moment_id,
        moments.on_day,
        moments.days_past_due,
        moments.tenure_years,
        records.known_invoices,
        records.on_time_rate,
        records.mean_days_late,
        coalesce(owed.is_disputed, false) as is_disputed,
        moments.escalation_team_id is not null as has_open_conflict,
        case
            when owed.is_disputed then 'The invoice is disputed'
            when moments.escalation_team_id is not null then 'The account has an open escalation'
            when owed.is_open and not owed.is_owed then 'The account owes nothing net in ' || owed.currency
            when owed.is_billed_twice then 'The invoice number is open twice'
        end as held_because
    from moments
    inner join records on moments.moment_id = records.moment_id
    left join owed on moments.moment_id = owed.moment_id

),

-- rules that fit on some day past due, and the first of those that do on this one
fitting as (

    select
        judged.moment_id,
        judged.days_past_due,
        rules.place,
        rules.min_days_past_due,
        rules.max_days_past_due,
        min(
            case
                when {{ is_within('judged.days_past_due', 'rules.min_days_past_due', 'rules.max_days_past_due') }}
                    then rules.place
            end
        ) over (partition by judged.moment_id) as first_place
    from judged
    inner join rules
        on
            {{ is_within('judged.on_time_rate', 'rules.min_on_time_rate') }}
            and {{ is_within('judged.tenure_years', 'rules.min_tenure_years') }}
            and coalesce(judged.is_disputed = rules.is_disputed, true)
            and coalesce(judged.has_open_conflict = rules.has_open_conflict, true)

),

-- another rule is first once this one ends, or one before it begins
firsts as (

    select
        moment_id,
        first_place,
        min(
            case
                when place = first_place then max_days_past_due + 1
                when
                    min_days_past_due > days_past_due
                    and coalesce(place < first_place, true)
                    and coalesce(min_days_past_due <= max_days_past_due, true)
                    then min_days_past_due
            end - days_past_due
        ) as days_to_change
    from fitting
    group by
        moment_id,
        first_place

)

select
    judged.moment_id,
    judged.known_invoices,
    judged.on_time_rate,
    judged.mean_days_late,
    judged.is_disputed,
    judged.has_open_conflict,
    rules.rule_id,
    rules.max_severity as rule_severity,
    rules.channel as rule_channel,
    coalesce(
        rules.channel = 'hold'
        and not coalesce(rules.is_disputed, false)
        and not coalesce(rules.has_open_conflict, false),
        false
    ) as is_held_by_rule,
    {{ add_days('judged.on_day', 'firsts.days_to_change') }} as rule_changes_on,
    case when judged.held_because is not null then 0 else rules.max_severity end as max_severity,
    case when judged.held_because is not null then 'hold' else rules.channel end as channel,
    case when rules.channel = 'hold' then rules.reason else coalesce(judged.held_because, rules.reason) end as reason
from judged
left join firsts on judged.moment_id = firsts.moment_id
left join rules on firsts.first_place = rules.place
