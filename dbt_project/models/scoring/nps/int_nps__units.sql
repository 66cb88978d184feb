/*
Grain    one row per survey level, period, counted response and role it speaks for
Measure  role_share: the unit of share the response answers in the cell of its account and role; has_voice: whether it
         counts without weighting, as all do but those of accounts known to be no clients
Nulls    none: a response that speaks for no cell of the frame has the role `unassigned` and no cell
*/
with

counted_responses as (

    select * from {{ ref('int_nps__counted_responses') }}

),

responses as (

    select * from {{ ref('int_responses__resolved') }}

),

response_roles as (

    select * from {{ ref('int_responses__roles') }}

),

frame_accounts as (

    select * from {{ ref('int_frame__accounts_to_score') }}

),

framed_responses as (

    select
        counted_responses.level,
        counted_responses.period_key,
        counted_responses.response_id,
        responses.account_id,
        -- whoever is not known to be somebody else speaks as a client
        coalesce(groups.is_client, true) as has_voice,
        -- who is outside the frame speaks for no role of it
        case when frame_accounts.account_id is not null then counted_responses.response_id end as framed_response_id
    from counted_responses
    inner join responses on counted_responses.response_id = responses.response_id
    left join {{ ref('int_accounts__groups') }} as groups on responses.account_id = groups.account_id
    left join frame_accounts
        on
            counted_responses.period_key = frame_accounts.period_key
            and responses.account_id = frame_accounts.account_id

)

select
    framed_responses.level,
    framed_responses.period_key,
    framed_responses.response_id,
    framed_responses.account_id,
    coalesce(response_roles.role, 'unassigned') as role,
    coalesce(response_roles.role_group, 'unassigned') as role_group,
    coalesce(response_roles.role_share, 1.0) as role_share,
    response_roles.role is not null as has_cell,
    framed_responses.has_voice
from framed_responses
left join response_roles on framed_responses.framed_response_id = response_roles.response_id
