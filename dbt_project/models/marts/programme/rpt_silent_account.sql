/*
Grain    one row per account and role that is in the frame of the current quarter, weighs, and has not answered in it
Measure  for how many quarters in a row nobody of the role at the account answered a relationship survey
Nulls    last_answered_at where nobody ever did
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
        and {{ holds_day('contact_roles', 'clock.today') }}
    group by
        contact_roles.account_id,
        contact_roles.role

),

histories as (

    select
        cells.*,
        answers.last_answered_at,
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
        max(histories.last_answered_at) as last_answered_at,
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
    silences.last_answered_at,
    accounts.annual_value,
    coalesce(people.reachable_count, 0) as reachable_count
from silences
cross join clock
inner join accounts on silences.account_id = accounts.account_id
left join people on silences.account_id = people.account_id and silences.role = people.role
where silences.silent_period_count > 0 and silences.last_period_end > clock.today
