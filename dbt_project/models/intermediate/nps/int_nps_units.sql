/*
Grain    one row per survey level, period, counted response and role it speaks for
Measure  role_share: the unit of share the response answers in the cell of its account and role
Nulls    none: a response that speaks for no cell of the frame has the role `unassigned` and no cell
*/
with

counted_responses as (

    select * from {{ ref('int_nps_responses_counted') }}

),

responses as (

    select * from {{ ref('int_survey_responses_resolved') }}

),

response_roles as (

    select * from {{ ref('int_survey_responses_by_role') }}

),

accounts as (

    select * from {{ ref('int_accounts_resolved') }}

),

frame_accounts as (

    select * from {{ ref('int_nps_frame_accounts') }}

),

framed_responses as (

    select
        counted_responses.*,
        -- who is outside the frame speaks for no role of it
        case when frame_accounts.account_id is not null then counted_responses.response_id end as framed_response_id
    from counted_responses
    inner join responses on counted_responses.response_id = responses.response_id
    left join frame_accounts
        on
            counted_responses.period_key = frame_accounts.period_key
            and responses.account_id = frame_accounts.account_id

),

roles as (

    select * from {{ ref('int_roles_listed') }}

)

select
    framed_responses.level,
    framed_responses.period_key,
    framed_responses.response_id,
    responses.account_id,
    responses.counted_account_id,
    responses.contact_key,
    coalesce(accounts.account_type, 'unknown') as account_type,
    coalesce(accounts.segment, 'unknown') as segment,
    coalesce(accounts.region, 'unknown') as region,
    responses.channel,
    responses.nps_value,
    coalesce(roles.role, 'unassigned') as role,
    coalesce(roles.role_group, 'unassigned') as role_group,
    case when roles.role is null then 1.0 else response_roles.role_share end as role_share,
    roles.role is not null as has_cell
from framed_responses
inner join responses on framed_responses.response_id = responses.response_id
left join accounts on responses.account_id = accounts.account_id
left join response_roles on framed_responses.framed_response_id = response_roles.response_id
left join roles on response_roles.role = roles.role
