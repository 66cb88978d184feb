/*
Grain    one row per publication
Measure  when a version was published, from which inputs, programme and code; the publisher adds the current one
Nulls    as_of of versions from before it was noted
*/
select
    version,
    published_at,
    input_watermarks,
    programme_hash,
    code_version,
    row_counts,
    checks_passed,
    as_of
from {{ source('memory', 'publications') }}
