/*
Grain    one row per phrase and part
Measure  needle: what stands in the words of a notice where the phrase does; needle_after: what stands after it in
         the same sentence, from a phrase `until ... paid`; telling_word: its longest, which few sentences have;
         first_letters: how its first word begins
Nulls    severity is null for parts that have none of their own, needle_after for phrases in one piece, telling_word for
         phrases with a stem, first_letters for the others
*/
with

pieces as (

    select
        *,
        trim(split_part(phrase, '...', 1)) as piece,
        trim(split_part(phrase, '...', 2)) as piece_after
    from {{ ref('billing_wording') }}

),

phrases as (

    select
        *,
        {{ words_of("rtrim(piece, '*')") }} as words,
        {{ words_of("rtrim(piece_after, '*')") }} as words_after
    from pieces

),

parted as (

    {{ parts_of("trim(phrases.words || phrases.words_after)", ' ', 'word', ['phrase', 'part'], 'phrases') }}

),

longest as (

    select
        phrase,
        part,
        word as telling_word,
        row_number() over (partition by phrase, part order by length(word) desc, word asc) as place
    from parted
    where word <> ''
    group by
        phrase,
        part,
        word

)

select
    phrases.phrase,
    phrases.part,
    phrases.severity,
    phrases.language,
    -- a stem is open at its end, whole words are not
    case when phrases.piece like '%*' then ' ' || trim(phrases.words) else phrases.words end as needle,
    case
        when trim(phrases.words_after) = '' then null
        when phrases.piece_after like '%*' then ' ' || trim(phrases.words_after)
        else phrases.words_after
    end as needle_after,
    case when phrases.phrase not like '%*%' then longest.telling_word end as telling_word,
    case
        when phrases.phrase like '%*%' then substring(split_part(trim(phrases.words), ' ', 1), 1, 3)
    end as first_letters
from phrases
inner join longest on phrases.phrase = longest.phrase and phrases.part = longest.part
where trim(phrases.words) <> '' and longest.place = 1
