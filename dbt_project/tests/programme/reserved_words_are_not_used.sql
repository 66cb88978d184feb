{{ config(meta={'dagster': {'ref': {'name': 'teams'}}}) }}
/*
`unknown`, `unattributed` and `unassigned` are members of the dimensions, and `*` means any: none can name a thing.
*/
with

keys as (

    select
        'teams.csv: team_id ' as place,
        team_id as code
    from {{ ref('teams') }}

    union all

    select
        'roles.csv: role ' as place,
        role as code
    from {{ ref('roles') }}

    union all

    select
        'touchpoints.csv: touchpoint ' as place,
        touchpoint as code
    from {{ ref('touchpoints') }}

    union all

    select
        'measures.csv: measure ' as place,
        measure as code
    from {{ ref('measures') }}

)

select
    code,
    place || code || ' is a reserved word; choose another code' as issue
from keys
where code in ('unknown', 'unattributed', 'unassigned', '*')
