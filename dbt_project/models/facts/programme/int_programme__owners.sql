{{ config(materialized='view') }}
/*
Grain    one row per touchpoint, account type, region and spell; the spells cover all time without overlap
Measure  team_id: the team of the most specific owner row; `unattributed` where nobody owns the touchpoint
Nulls    valid_to is null while open
*/
-- nothing is built on these rows before they have been tested against teams and touchpoints
-- depends_on: {{ ref('teams') }}
with

touchpoints as (

    select * from {{ ref('stg_programme__touchpoints') }}

),

owners as (

    select * from {{ ref('touchpoint_owners') }}

),

scopes as (

    select
        account_type,
        region
    from {{ ref('int_accounts__current') }}
    group by
        account_type,
        region

    union

    -- accounts that are not known
    select
        'unknown' as account_type,
        'unknown' as region

),

candidates as (

    select
        touchpoints.touchpoint,
        scopes.account_type,
        scopes.region,
        owners.team_id,
        owners.valid_from,
        owners.valid_to,
        case when owners.account_type = '*' then 0 else 2 end
        + case when owners.region = '*' then 0 else 1 end as specificity
    from touchpoints
    cross join scopes
    inner join owners
        on
            touchpoints.touchpoint = owners.touchpoint
            and owners.account_type in ('*', scopes.account_type)
            and owners.region in ('*', scopes.region)

    union all

    select
        touchpoints.touchpoint,
        scopes.account_type,
        scopes.region,
        'unattributed' as team_id,
        date '0001-01-01' as valid_from,
        cast(null as date) as valid_to,
        -1 as specificity
    from touchpoints
    cross join scopes

)

{{ timeline('candidates', ['touchpoint', 'account_type', 'region'], 'team_id', 'specificity desc, team_id') }}
