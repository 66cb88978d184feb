/*
Grain    one row per account that is or was a client
Measure  what the account said it would do, in the year up to the month in which it stayed or left, and what it did
Nulls    what was said without answers, or by too few of its roles; outcome_on and is_as_said while nothing is decided
*/
with

accounts as (

    select * from {{ ref('dim_account') }}

),

outcomes as (

    select * from {{ ref('int_outreach__account_outcomes') }}

),

periods as (

    select *
    from {{ ref('int_periods__listed') }}
    where period_grain = 'trailing_year'

),

scores as (

    select *
    from {{ ref('rpt_nps') }}
    where
        level = 'relationship'
        and split = 'account'
        and period_grain = 'trailing_year'
        and weighting = '{{ var("headline_weighting") }}'

),

answers as (

    select *
    from {{ ref('fct_survey_answer') }}
    where level = 'relationship' and metric = 'loyalty' and score_normalised is not null

),

asked as (

    select
        outcomes.*,
        periods.period_start,
        periods.period_end
    from outcomes
    left join periods on outcomes.asked_until = periods.period_end

),

intents as (

    select
        asked.account_id,
        {{ stable_sum('answers.score_normalised') }} / count(*) as renew_score
    from asked
    inner join answers
        on
            asked.account_id = answers.account_id
            and answers.submitted_at >= {{ instant_of('asked.period_start') }}
            and answers.submitted_at < {{ instant_of('asked.period_end') }}
    group by asked.account_id

),

said as (

    select
        asked.*,
        accounts.annual_value,
        scores.response_count,
        scores.role_coverage,
        scores.suppressed_reason,
        scores.score as recommend_score,
        case
            when scores.group_id is not null and scores.suppressed_reason is null then intents.renew_score
        end as renew_score
    from asked
    inner join accounts on asked.account_id = accounts.account_id
    left join scores
        on
            asked.account_id = scores.group_id
            and asked.period_end = scores.period_end
    left join intents on asked.account_id = intents.account_id

),

worded as (

    select
        *,
        case
            when recommend_score > 0 then 'yes'
            when recommend_score < 0 then 'no'
            when recommend_score = 0 then 'undecided'
        end as said_recommend,
        {{ by_third('renew_score', 'no', 'undecided', 'yes') }} as said_renew
    from said

)

select
    account_id,
    annual_value,
    coalesce(response_count, 0) as response_count,
    coalesce(role_coverage, 0) as role_coverage,
    said_recommend,
    recommend_score,
    said_renew,
    renew_score,
    outcome,
    outcome_on,
    case
        when outcome = 'renewed' and coalesce(said_renew, said_recommend) in ('yes', 'no')
            then coalesce(said_renew, said_recommend) = 'yes'
        when outcome = 'churned' and coalesce(said_renew, said_recommend) in ('yes', 'no')
            then coalesce(said_renew, said_recommend) = 'no'
    end as is_as_said,
    suppressed_reason
from worded
