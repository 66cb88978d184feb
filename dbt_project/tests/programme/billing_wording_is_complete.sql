/*
A phrase can be looked for, its part is one that is known, and it has a severity exactly where its part needs one.
*/
select
    phrase,
    part,
    'billing_wording.csv: phrase ' || coalesce(phrase, '(empty)') || ', part ' || coalesce(part, '(empty)')
    || ', severity ' || coalesce(cast(severity as varchar), '(empty)')
    || '; demand, consequence, loss and announcement have a severity from 1 to 5, condition, deadline, ultimatum,'
    || ' payment, mild, exemption and negation none, a stem before * has three letters or more, and ... stands'
    || ' once at most, between words' as issue
from {{ ref('billing_wording') }}
where
    coalesce(trim(phrase), '') in ('', '*')
    or (phrase like '%*' and length(phrase) < 4)
    or trim(phrase) like '...%'
    or trim(phrase) like '%...'
    or phrase like '%...%...%'
    or not coalesce(
        (part in ('demand', 'consequence', 'loss', 'announcement') and severity between 1 and 5)
        or (
            part in ('condition', 'deadline', 'ultimatum', 'payment', 'exemption', 'mild', 'negation')
            and severity is null
        ), false
    )
