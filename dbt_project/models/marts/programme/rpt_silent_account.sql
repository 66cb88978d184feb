/*
Grain    one row per account and role that is in the frame of the current quarter, weighs, and has not answered in it
Measure  for how many quarters in a row nobody of the role at the account answered a relationship survey
Nulls    last_answered_at where nobody in the role ever did, weighing or not
*/
with

clock as (

    select {{ day_of('as_of') }} as today from {{ source('memory', 'clock') }}

),

quarters as (

    select *
    from {{ ref('int_periods__listed') }}
    where period_grain = 'quarter'

),

cells as (

    select
        cells.account_id,
        cells.role,
        cells.period_key,
        quarters.period_start,
        quarters.period_end
    from {{ ref('int_frame__cells') }} as cells
    inner join quarters on cells.period_key = quarters.period_key
    where cells.role_weight > 0

),

accounts as (

    select * from {{ ref('dim_account') }}

),

answers as (

    select * from {{ ref('int_reach__answers_by_cell') }}

),

last_answers as (

    select
        responses.account_id,
        response_roles.role,
        max(responses.submitted_at) as last_answered_at
    from {{ ref('int_responses__resolved') }} as responses
    inner join {{ ref('int_responses__roles') }} as response_roles
        on responses.response_id = response_roles.response_id
    where
        responses.level = 'relationship'
        and responses.nps_value is not null
    group by
        responses.account_id,
        response_roles.role

),

people as (

    select
        contact_roles.account_id,
        contact_roles.role,
        count(distinct contact_roles.contact_key) as reachable_count
    from {{ ref('int_contacts__role_spells') }} as contact_roles
    inner join {{ ref('stg_crm__contacts') }} as contacts on contact_roles.contact_key = contacts.contact_key
    cross join clock
    where
        contacts.is_active
        and not contacts.has_opted_out
        and contact_roles.is_contact_known
        and {{ holds_day('contact_roles', 'clock.today') }}
    group by
        contact_roles.account_id,
        contact_roles.role

),

histories as (

    select
        cells.*,
        max(case when answers.answers > 0 then cells.period_start end) over (
            partition by cells.account_id, cells.role
        ) as last_answered_quarter
    from cells
    left join answers on {{ same('cells', 'answers', ['period_key', 'account_id', 'role']) }}

),

silences as (

    select
        histories.account_id,
        histories.role,
        max(histories.period_end) as last_period_end,
        sum(
            case
                when histories.last_answered_quarter is null then 1
                when histories.period_start > histories.last_answered_quarter then 1
                else 0
            end
        ) as silent_period_count
    from histories
    group by
        histories.account_id,
        histories.role

)

select
    silences.account_id,
    silences.role,
    cast(silences.silent_period_count as bigint) as silent_period_count,
    last_answers.last_answered_at,
    accounts.annual_value,
    accounts.currency,
    accounts.reporting_value,
    coalesce(people.reachable_count, 0) as reachable_count
from silences
cross join clock
inner join accounts on silences.account_id = accounts.account_id
left join people on silences.account_id = people.account_id and silences.role = people.role
left join last_answers on silences.account_id = last_answers.account_id and silences.role = last_answers.role
where silences.silent_period_count > 0 and silences.last_period_end > clock.today
