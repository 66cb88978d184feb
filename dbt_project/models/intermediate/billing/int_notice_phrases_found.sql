/*
Grain    one row per different sentence and phrase of the programme that stands in it
Measure  phrases that no negation right before them takes back; sentences are looked through once, however many
         notices have them
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

found as (

    select
        words.sentence_key,
        phrases.part,
        phrases.phrase,
        phrases.severity,
        phrases.needle
    from words
    -- meeting phrases by their first letters spares looking for each of them in each sentence
    inner join phrases on substring(words.word, 1, 3) = phrases.first_letters
    where phrases.part <> 'negation' and position(phrases.needle in words.sentence) > 0
    group by
        words.sentence_key,
        phrases.part,
        phrases.phrase,
        phrases.severity,
        phrases.needle

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
where taken_back.sentence_key is null
