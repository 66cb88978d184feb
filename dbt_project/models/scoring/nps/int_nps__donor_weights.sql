/*
Grain    one row per survey level, period, segment and role answered there
Measure  value_weight and account_weight: what each unit of share gets, under the weightings value and account, of
         silent cells of its role in the segment (lambda of them), of silent accounts of the segment (the rest), and
         of segments without any answer
Nulls    none
*/
with

roles as (

    select * from {{ ref('int_nps__silent_weights') }}

),

segments as (

    select
        level,
        period_key,
        segment,
        {{ stable_sum('units') }} as units,
        {{ stable_sum('value_account_weight * ' ~ kept_share('units')) }} as value_weight,
        {{ stable_sum('account_account_weight * ' ~ kept_share('units')) }} as account_weight
    from roles
    group by
        level,
        period_key,
        segment

),

totals as (

    select
        level,
        period_key,
        {{ stable_sum('units') }} as units,
        {{ stable_sum('case when units > 0 then 0 else value_weight end') }} as value_weight,
        {{ stable_sum('case when units > 0 then 0 else account_weight end') }} as account_weight
    from segments
    group by
        level,
        period_key

)

select
    roles.level,
    roles.period_key,
    roles.segment,
    roles.role,
    roles.units as donor_units,
    roles.value_cell_weight * (1 - {{ kept_share('roles.units') }}) / roles.units
    + segments.value_weight / segments.units
    + totals.value_weight / totals.units as value_weight,
    roles.account_cell_weight * (1 - {{ kept_share('roles.units') }}) / roles.units
    + segments.account_weight / segments.units
    + totals.account_weight / totals.units as account_weight
from roles
inner join segments
    on
        roles.level = segments.level
        and roles.period_key = segments.period_key
        and roles.segment = segments.segment
inner join totals
    on
        roles.level = totals.level
        and roles.period_key = totals.period_key
where roles.units > 0
