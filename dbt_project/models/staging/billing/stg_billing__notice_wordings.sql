{{ config(materialized='view') }}

/*
Grain    one row per notice that has words
Measure  wording: the words of subject and body as phrases are looked for in them; a view, so that they stay in raw
Nulls    notices without subject and body are absent
*/
with

versions as (

    select
        *,
        {{ version_rank(['notice_id']) }} as version_rank
    from {{ source('raw', 'billing_notices') }}

),

worded as (

    select
        notice_id,
        {{ words_of("coalesce(subject, '') || ' . ' || coalesce(body, '')") }} as wording
    from versions
    where
        version_rank = 1
        and not coalesce(is_deleted, false)
        and coalesce(subject, body) is not null

)

select
    notice_id,
    md5(wording) as wording_key,
    wording
from worded
