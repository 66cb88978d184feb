/*
Grain    one row per publication
Measure  when a version was published, from which inputs, programme and code; the publisher adds the current one
Nulls    none
*/
select
    version,
    published_at,
    input_watermarks,
    programme_hash,
    code_version,
    row_counts,
    checks_passed
from {{ source('raw', 'publications') }}
