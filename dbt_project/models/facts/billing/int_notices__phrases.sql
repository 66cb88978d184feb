/*
Grain    one row per different sentence and phrase of the programme that stands in it
Measure  phrases that neither a negation right before them nor an exemption in their sentence takes back; sentences are
         looked through once, however many notices have them
Nulls    severity for parts that have none of their own
*/
with

sentences as (

    select
        sentence_key,
        min(sentence) as sentence
    from {{ ref('stg_billing__notice_sentences') }}
    group by sentence_key

),

phrases as (

    select * from {{ ref('stg_programme__billing_phrases') }}

),

words as (

    {{ parts_of('trim(sentence)', ' ', 'word', ['sentence_key', 'sentence'], 'sentences') }}

),

-- meeting phrases by a word or its first letters spares looking for each of them in each sentence
met as (

    select
        words.sentence_key,
        words.sentence,
        phrases.*
    from words
    inner join phrases on words.word = phrases.telling_word
    union all
    select
        words.sentence_key,
        words.sentence,
        phrases.*
    from words
    inner join phrases on substring(words.word, 1, 3) = phrases.first_letters

),

found as (

    select
        sentence_key,
        part,
        phrase,
        severity,
        needle
    from met
    where
        part <> 'negation'
        and position(needle in sentence) > 0
        and (
            needle_after is null
            or position(needle_after in substring(sentence, position(needle in sentence) + length(needle) - 1)) > 0
        )
    group by
        sentence_key,
        part,
        phrase,
        severity,
        needle

),

severe as (

    select
        found.*,
        sentences.sentence
    from found
    inner join sentences on found.sentence_key = sentences.sentence_key
    where found.severity is not null

),

taken_back as (

    select
        severe.sentence_key,
        severe.part,
        severe.phrase
    from severe
    inner join phrases as negations
        on
            negations.part = 'negation'
            and position(rtrim(negations.needle) || severe.needle in severe.sentence) > 0
    group by
        severe.sentence_key,
        severe.part,
        severe.phrase
    having
        max({{ occurrences('severe.sentence', 'rtrim(negations.needle) || severe.needle') }})
        >= max({{ occurrences('severe.sentence', 'severe.needle') }})

),

softened as (

    select
        sentence_key,
        max(case when part = 'exemption' then 1 else 0 end) as is_exempt
    from found
    where part in ('exemption', 'mild')
    group by sentence_key

)

select
    found.sentence_key,
    found.part,
    found.phrase,
    found.severity
from found
left join taken_back
    on
        found.sentence_key = taken_back.sentence_key
        and found.part = taken_back.part
        and found.phrase = taken_back.phrase
left join softened on found.sentence_key = softened.sentence_key
where
    taken_back.sentence_key is null
    and case
        when softened.is_exempt = 1 then found.severity is null and found.part <> 'ultimatum'
        when softened.is_exempt = 0 then found.part <> 'announcement'
        else true
    end
