/*
Grain    one row per contact who may be asked now and whose answer would make the headline surer
Measure  rank: the order in which asking gains most per cost. A cell's gain falls with each of its contacts, so ranking
         all places of all cells by gain is the greedy choice
Nulls    last_asked_at for someone never asked
*/
with

contacts as (

    select * from {{ ref('int_outreach__candidates') }}

),

policies as (

    select * from {{ ref('stg_programme__outreach_policies') }}

),

clock as (

    select * from {{ source('memory', 'clock') }}

),

frames as (

    select *
    from {{ ref('int_frame__sums_by_group') }}
    where split = 'role'

),

rates as (

    select * from {{ ref('int_outreach__response_rates') }}

),

variances as (

    select * from {{ ref('int_outreach__answer_variance') }}

),

questions as (

    select * from {{ ref('int_outreach__questions_by_role') }}

),

answers as (

    select * from {{ ref('int_reach__answers_by_cell') }}

),

allowed as (

    select
        contacts.*,
        coalesce(answers.answers, 0) as answers,
        frames.frame_count <= {{ var('outreach_small_population') }} as is_small,
        coalesce(policies.channel_order, any_policies.channel_order) as channel_order
    from contacts
    cross join clock
    inner join frames on contacts.period_key = frames.period_key and contacts.role = frames.group_id
    left join policies on contacts.role = policies.role
    left join policies as any_policies on any_policies.role = '*'
    left join answers on {{ same('contacts', 'answers', ['period_key', 'account_id', 'role']) }}
    where
        (
            contacts.last_asked_at is null
            or {{ seconds_between('contacts.last_asked_at', 'clock.as_of') }} / 86400.0
            >= coalesce(policies.min_days_between_surveys, any_policies.min_days_between_surveys, 0)
        )
        and (
            coalesce(policies.max_attempts, any_policies.max_attempts) is null
            or contacts.unanswered_attempts < coalesce(policies.max_attempts, any_policies.max_attempts)
        )

),

placed as (

    select
        *,
        case
            when is_small then 'phone'
            else coalesce(nullif(split_part(channel_order, '|', 1), ''), 'email')
        end as channel,
        -- whoever was left alone longest goes first
        row_number() over (
            partition by account_id, role order by last_asked_at asc nulls first, contact_key asc
        ) as place
    from allowed

),

priced as (

    select
        placed.*,
        placed.answers + {{ var('donor_prior') }} / 5.0 + placed.place - 1 as expected_answers,
        coalesce(rates.response_rate, {{ expected_response_rate(0, 0) }}) as response_rate,
        {{ outreach_cost('placed.channel') }} as cost
    from placed
    left join rates on placed.role = rates.role and placed.channel = rates.channel

),

gains as (

    select
        priced.*,
        {{ expected_gain(
            'cell_weight', 'variances.variance', 'response_rate', 'expected_answers', 'cost'
        ) }} as expected_gain
    from priced
    cross join variances

)

select
    gains.contact_key,
    row_number() over (
        order by gains.expected_gain desc, gains.account_id asc, gains.role asc, gains.place asc
    ) as rank,
    gains.account_id,
    gains.role,
    gains.channel,
    questions.questions,
    gains.expected_gain,
    gains.cell_weight,
    gains.answers,
    gains.response_rate as expected_response_rate,
    gains.cost,
    gains.last_asked_at,
    case
        when gains.answers = 0 then 'Nobody of this role at the account has answered this quarter'
        else 'Few of this role at the account have answered this quarter'
    end || case when gains.is_small then '; few hold the role at all, so by telephone' else '' end as reason
from gains
inner join questions on gains.role = questions.role
where gains.expected_gain > 0
