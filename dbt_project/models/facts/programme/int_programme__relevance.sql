{{ config(materialized='view') }}
/*
Grain    one row per role and touchpoint; role `*` stands for a person without one, touchpoint `*` for an unlisted one
Measure  relevance: the most specific row of role and touchpoint, role, touchpoint, neither; 1 where there is none
Nulls    none
*/
with

relevance as (

    select * from {{ ref('stg_programme__role_relevance') }}

),

roles as (

    select role from {{ ref('int_programme__roles') }}

    union

    select '*' as role

),

touchpoints as (

    select touchpoint from {{ ref('stg_programme__touchpoints') }}

    union

    select '*' as touchpoint

),

ranked as (

    select
        roles.role,
        touchpoints.touchpoint,
        coalesce(relevance.relevance, 1) as relevance,
        row_number() over (
            partition by roles.role, touchpoints.touchpoint
            order by
                case when relevance.role = '*' then 0 else 2 end desc,
                case when relevance.touchpoint = '*' then 0 else 1 end desc
        ) as specificity_rank
    from roles
    cross join touchpoints
    left join relevance
        on
            relevance.role in ('*', roles.role)
            and relevance.touchpoint in ('*', touchpoints.touchpoint)

)

select
    role,
    touchpoint,
    relevance
from ranked
where specificity_rank = 1
