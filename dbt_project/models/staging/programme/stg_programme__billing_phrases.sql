/*
Grain    one row per phrase and part
Measure  needle: what stands in the words of a notice where the phrase does; first_letters: how its first word begins
Nulls    severity is null for parts that have none of their own
*/
with

phrases as (

    select
        *,
        {{ words_of("rtrim(phrase, '*')") }} as words
    from {{ ref('billing_wording') }}

)

select
    phrase,
    part,
    severity,
    language,
    -- a stem is open at its end, whole words are not
    case when phrase like '%*' then ' ' || trim(words) else words end as needle,
    substring(split_part(trim(words), ' ', 1), 1, 3) as first_letters
from phrases
where trim(words) <> ''
