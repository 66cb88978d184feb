/*
Grain    one row per wording in which a phrase of severity counts
Measure  severity: the greatest that a phrase has; a consequence needs a condition, a deadline or a demand beside it,
         an announcement an ultimatum; words that a negation stands before are taken back
Nulls    wordings without such a phrase are absent; wording_condition and wording_deadline where none stands in it
*/
with

wordings as (

    select
        wording_key,
        min(wording) as wording
    from {{ ref('stg_billing__notice_wordings') }}
    group by wording_key

),

phrases as (

    select * from {{ ref('stg_programme__billing_phrases') }}

),

words as (

    {{ word_series('wording', ['wording_key', 'wording'], 'wordings') }}

),

found as (

    select
        words.wording_key,
        words.wording,
        phrases.part,
        phrases.phrase,
        phrases.severity,
        phrases.needle
    from words
    -- meeting phrases by their first letters spares looking for each of them in each wording
    inner join phrases on substring(words.word, 1, 3) = phrases.first_letters
    where phrases.part <> 'negation' and position(phrases.needle in words.wording) > 0
    group by
        words.wording_key,
        words.wording,
        phrases.part,
        phrases.phrase,
        phrases.severity,
        phrases.needle

),

negated as (

    select
        found.wording_key,
        found.part,
        found.phrase,
        max({{ occurrences('found.wording', 'rtrim(negations.needle) || found.needle') }}) as negated_count
    from found
    inner join phrases as negations
        on
            negations.part = 'negation'
            and found.severity is not null
            and position(rtrim(negations.needle) || found.needle in found.wording) > 0
    group by
        found.wording_key,
        found.part,
        found.phrase

),

standing as (

    select
        found.*,
        max(case when found.part in ('condition', 'deadline', 'demand', 'ultimatum') then 1 else 0 end) over (
            partition by found.wording_key
        ) as has_occasion,
        max(case when found.part = 'ultimatum' then 1 else 0 end) over (
            partition by found.wording_key
        ) as has_ultimatum
    from found
    left join negated
        on
            found.wording_key = negated.wording_key
            and found.part = negated.part
            and found.phrase = negated.phrase
    where coalesce(negated.negated_count, 0) < {{ occurrences('found.wording', 'found.needle') }}

),

ranked as (

    select
        *,
        case
            when part in ('condition', 'ultimatum') then 'condition'
            when part = 'deadline' then 'deadline'
            when part = 'demand' then 'severity'
            when part = 'consequence' and has_occasion = 1 then 'severity'
            when part = 'announcement' and has_ultimatum = 1 then 'severity'
        end as says
    from standing

),

firsts as (

    select
        *,
        row_number() over (
            partition by wording_key, says
            -- the severest; among equals what is taken away before how it is asked for, then the longest words
            order by
                severity desc nulls last,
                case part when 'consequence' then 1 when 'demand' then 2 when 'ultimatum' then 3 else 4 end asc,
                length(needle) desc,
                phrase asc
        ) as place
    from ranked
    where says is not null

)

select
    wording_key,
    max(case when says = 'severity' then severity end) as severity,
    max(case when says = 'severity' then phrase end) as wording_phrase,
    max(case when says = 'condition' then phrase end) as wording_condition,
    max(case when says = 'deadline' then phrase end) as wording_deadline
from firsts
where place = 1
group by wording_key
having max(case when says = 'severity' then severity end) is not null
