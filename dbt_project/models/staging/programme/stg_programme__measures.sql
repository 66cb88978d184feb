/*
Grain    one row per measure
Measure  what the programme rates, as declared
Nulls    as declared
*/
with

measures as (

    select * from {{ ref('measures') }}

)

select
    measure,
    measure_name,
    description
from measures
