/*
Within every split the contributions of all groups, withheld ones included, add up to the headline.
*/
with

splits as (

    select
        level,
        period_key,
        weighting,
        split,
        sum(contribution) as contribution
    from {{ ref('int_nps__scores_by_group') }}
    group by
        level,
        period_key,
        weighting,
        split

)

select
    splits.*,
    cast(splits.contribution as varchar) || ' instead of ' || cast(headlines.contribution as varchar)
    || ': level ' || splits.level || ', ' || splits.period_key || ', weighting ' || splits.weighting
    || ', split ' || splits.split as issue
from splits
inner join splits as headlines
    on
        splits.level = headlines.level
        and splits.period_key = headlines.period_key
        and splits.weighting = headlines.weighting
        and headlines.split = 'total'
where not coalesce(abs(splits.contribution - headlines.contribution) <= {{ var('tolerance') }} * 100, false)
