/*
Grain    one row
Measure  variance: of the answers to the recommendation question within roles, over the last year's relationship
         responses; 1 where there are too few to tell
Nulls    none
*/
with

clock as (

    select as_of from {{ source('memory', 'clock') }}

),

responses as (

    select
        responses.response_id,
        responses.nps_value
    from {{ ref('int_responses__resolved') }} as responses
    cross join clock
    where
        responses.level = 'relationship'
        and responses.nps_value is not null
        and responses.submitted_at <= clock.as_of
        and responses.submitted_at > clock.as_of - interval '{{ var("trailing_year_days") }}' day

),

response_roles as (

    select * from {{ ref('int_responses__roles') }}

),

roles as (

    select
        response_roles.role,
        {{ stable_sum('response_roles.role_share') }} as answers,
        {{ stable_sum('response_roles.role_share * responses.nps_value') }} as total,
        {{ stable_sum('response_roles.role_share * responses.nps_value * responses.nps_value') }} as squares
    from responses
    inner join response_roles on responses.response_id = response_roles.response_id
    group by response_roles.role

),

pooled as (

    select
        {{ stable_sum('squares - total * total / answers') }} as deviation,
        {{ stable_sum('answers') }} - count(*) as degrees
    from roles

)

select case when degrees > 0 and deviation > 0 then deviation / degrees else 1.0 end as variance
from pooled
