/*
Grain    one row per survey level, period and counted response
Measure  the latest answer of each contact to the recommendation question within level and period, for every period
Nulls    none; responses without a valid answer, or of an unknown survey, are absent
*/
with

responses as (

    select * from {{ ref('int_responses__resolved') }}

),

periods as (

    select * from {{ ref('int_periods__listed') }}

)

{{ counted_responses('responses', 'periods') }}
