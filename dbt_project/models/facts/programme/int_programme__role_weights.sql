{{ config(materialized='view') }}
/*
Grain    one row per role, account type and spell in which a weight is valid
Measure  weight: omega of the most specific weight row, the account type before `*`
Nulls    valid_to is null while open; a role without a valid row is absent and weighs nothing
*/
-- nothing is built on these rows before they have been tested against roles
-- depends_on: {{ ref('roles') }}
with

weights as (

    select * from {{ ref('role_weights') }}

),

account_types as (

    select account_type
    from {{ ref('int_accounts__current') }}
    group by account_type

    union

    select 'unknown' as account_type

),

candidates as (

    select
        weights.role,
        account_types.account_type,
        weights.weight,
        weights.valid_from,
        weights.valid_to,
        case when weights.account_type = '*' then 0 else 1 end as specificity
    from weights
    inner join account_types on weights.account_type in ('*', account_types.account_type)

)

{{ timeline('candidates', ['role', 'account_type'], 'weight', 'specificity desc, weight') }}
