/*
Grain    one row per period grain and period, from the first response or invitation to the one that holds the clock
Measure  period_start inclusive, period_end exclusive, both UTC days
Nulls    none
*/
with

dates as (

    select * from {{ ref('int_programme__dates') }}

),

instants as (

    select min(submitted_at) as happened_at from {{ ref('stg_survey__responses') }}

    union all

    select min(sent_at) from {{ ref('stg_survey__invitations') }}

),

bounds as (

    select
        min(instants.happened_at) as first_at,
        min(clock.as_of) as as_of
    from instants
    cross join {{ source('memory', 'clock') }} as clock

)

{{ listed_periods('dates', 'bounds') }}
