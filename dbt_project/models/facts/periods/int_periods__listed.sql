{{ config(materialized='table') }}
/*
Grain    one row per period grain and period, from the first response to the one that holds the clock
Measure  period_start inclusive, period_end exclusive, both UTC days
Nulls    none
*/
with

dates as (

    select * from {{ ref('int_programme__dates') }}

),

bounds as (

    select
        min(responses.submitted_at) as first_at,
        min(clock.as_of) as as_of
    from {{ ref('stg_survey__responses') }} as responses
    cross join {{ source('memory', 'clock') }} as clock

)

{{ listed_periods('dates', 'bounds') }}
