/*
Grain    one row per response ever landed, deleted ones included
Measure  when its first version was loaded
Nulls    none
*/
select
    response_id,
    min(_loaded_at) as first_loaded_at
from {{ source('raw', 'survey_responses') }}
group by response_id
