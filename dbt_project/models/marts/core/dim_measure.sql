/*
Grain    one row per measure of the programme, and the member `unknown`
Measure  what clients are asked to rate
Nulls    description where the programme gives none
*/
select
    measure,
    measure_name,
    description
from {{ ref('measures') }}

union all

select
    'unknown' as measure,
    'No measure of the programme' as measure_name,
    cast(null as varchar) as description
