{{ config(materialized='view') }}

/*
Grain    one row per notice and different sentence of its subject and body
Measure  sentence: its words as phrases are looked for in them; a view, so that text is stored in raw alone
Nulls    notices without words are absent
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
        {{ words_of("coalesce(subject, '') || '. ' || coalesce(body, '')") }} as wording
    from versions
    where
        version_rank = 1
        and not coalesce(is_deleted, false)
        and coalesce(subject, body) is not null

),

sentences as (

    {{ parts_of('wording', '.', 'sentence', ['notice_id'], 'worded') }}

)

select distinct
    notice_id,
    md5(sentence) as sentence_key,
    sentence
from sentences
where trim(sentence) <> ''
