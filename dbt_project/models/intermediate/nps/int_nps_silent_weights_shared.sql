/*
Grain    one row per survey level, period, segment and role answered there
Measure  value_weight and account_weight: what each unit of share gets, under the weightings value and account, of
         silent cells of its role in the segment (lambda of them), of silent accounts of the segment (the rest), and
         of segments without any answer
Nulls    none
*/
{%- set weightings = ['value', 'account'] %}
with

roles as (

    select * from {{ ref('int_nps_silent_weights_summed') }}

),

segments as (

    select
        level,
        period_key,
        segment,
        {{ stable_sum('units') }} as units,
        {%- for weighting in weightings %}
        {{ stable_sum(
            weighting ~ '_account_weight * ' ~ var('donor_prior') ~ ' / (units + ' ~ var('donor_prior') ~ ')'
        ) }} as {{ weighting }}_weight{{ ',' if not loop.last }}
        {%- endfor %}
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
        {%- for weighting in weightings %}
        {{ stable_sum('case when units > 0 then 0 else ' ~ weighting ~ '_weight end') }} as {{ weighting }}_weight
        {{- ',' if not loop.last }}
        {%- endfor %}
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
    {%- for weighting in weightings %}
    roles.{{ weighting }}_cell_weight / (roles.units + {{ var('donor_prior') }})
    + segments.{{ weighting }}_weight / segments.units
    + totals.{{ weighting }}_weight / totals.units as {{ weighting }}_weight{{ ',' if not loop.last }}
    {%- endfor %}
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
