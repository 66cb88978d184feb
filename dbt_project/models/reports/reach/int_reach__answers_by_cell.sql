/*
Grain    one row per period, account and role with a counted response of the level relationship
Measure  answers: counted responses, one of k roles as 1/k
Nulls    none
*/
with

counted as (

    select *
    from {{ ref('int_responses__counted_by_period') }}
    where level = 'relationship'

),

responses as (

    select * from {{ ref('int_responses__resolved') }}

),

response_roles as (

    select * from {{ ref('int_responses__roles') }}

)

select
    counted.period_key,
    responses.account_id,
    response_roles.role,
    {{ stable_sum('response_roles.role_share') }} as answers
from counted
inner join responses on counted.response_id = responses.response_id
inner join response_roles on counted.response_id = response_roles.response_id
group by
    counted.period_key,
    responses.account_id,
    response_roles.role
