{{ config(materialized='view') }}
/*
Grain    one row per notice in which a phrase of severity counts
Measure  severity: the greatest that a phrase has; a consequence needs a demand or an ultimatum beside it, or a
         condition or deadline in a notice about paying without an exemption; a loss needs a demand or an ultimatum, an
         announcement an ultimatum. A view, whose SQL the guard runs over the one text that it is asked about
Nulls    notices without such a phrase are absent; wording_condition and wording_deadline where none stands in it
*/
with

sentences as (

    select * from {{ ref('stg_billing__notice_sentences') }}

),

phrases as (

    select * from {{ ref('int_notices__phrases') }}

),

found as (

    select
        sentences.notice_id,
        phrases.part,
        phrases.phrase,
        phrases.severity
    from sentences
    inner join phrases on sentences.sentence_key = phrases.sentence_key
    group by
        sentences.notice_id,
        phrases.part,
        phrases.phrase,
        phrases.severity

),

occasions as (

    select
        notice_id,
        max(case when part in ('condition', 'deadline') then 1 else 0 end) as has_occasion,
        max(case when part in ('demand', 'ultimatum') then 1 else 0 end) as has_demand,
        max(case when part = 'ultimatum' then 1 else 0 end) as has_ultimatum,
        max(case when part = 'payment' then 1 else 0 end) as has_payment,
        max(case when part = 'exemption' then 1 else 0 end) as has_exemption
    from found
    group by notice_id

),

sayings as (

    select
        found.*,
        case
            when found.part in ('condition', 'ultimatum') then 'condition'
            when found.part = 'deadline' then 'deadline'
            when found.part = 'demand' then 'severity'
            when found.part in ('consequence', 'loss') and occasions.has_demand = 1 then 'severity'
            when
                found.part = 'consequence' and occasions.has_occasion = 1 and occasions.has_exemption = 0
                -- legal words speak of money by themselves
                and (occasions.has_payment = 1 or found.severity = 5)
                then 'severity'
            when found.part = 'announcement' and occasions.has_ultimatum = 1 then 'severity'
        end as says
    from found
    inner join occasions on found.notice_id = occasions.notice_id

),

firsts as (

    select
        *,
        row_number() over (
            partition by notice_id, says
            -- the severest; among equals what is taken away before how it is asked for, then the longest words
            order by
                severity desc nulls last,
                case part
                    when 'consequence' then 1 when 'loss' then 2 when 'demand' then 3 when 'ultimatum' then 4 else 5
                end asc,
                length(phrase) desc,
                phrase asc
        ) as place
    from sayings
    where says is not null

)

select
    notice_id,
    max(case when says = 'severity' then severity end) as severity,
    max(case when says = 'severity' then phrase end) as wording_phrase,
    max(case when says = 'condition' then phrase end) as wording_condition,
    max(case when says = 'deadline' then phrase end) as wording_deadline
from firsts
where place = 1
group by notice_id
having max(case when says = 'severity' then severity end) is not null
