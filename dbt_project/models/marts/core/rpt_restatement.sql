/*
Grain    one row per publication and number that the publication before showed otherwise
Measure  what the number was and is, and what happened to its level and period in between; the publisher puts the
         version in the place of `upcoming`
Nulls    attribution_rule and team_id of headlines; a value, and the change, where the number was or is withheld or gone
*/
with

last_publication as (

    {{ last_published('publications') }}

),

headlines as (

    select *
    from {{ ref('rpt_nps') }}
    where is_headline

),

published_headlines as (

    {{ last_published('published_headlines') }}

),

published_teams as (

    {{ last_published('published_team_contributions') }}

),

numbers as (

    {{ restated_numbers('headlines', ref('rpt_team_contribution')) }}

),

published_numbers as (

    {{ restated_numbers('published_headlines', 'published_teams') }}

),

reasons as (

    select
        level,
        period_key,
        number,
        {{ string_agg_sorted('reason', ', ', 'reason') }} as reasons
    from {{ ref('int_changes__reasons') }}
    group by
        level,
        period_key,
        number

)

select
    version,
    previous_version,
    number,
    level,
    period_grain,
    period_start,
    period_end,
    attribution_rule,
    team_id,
    previous_value,
    new_value,
    change,
    is_period_open,
    reasons
from {{ source('memory', 'restatements') }}
where version in (select publications.version from {{ source('memory', 'publications') }} as publications)

union all

select
    'upcoming' as version,
    last_publication.version as previous_version,
    published_numbers.number,
    published_numbers.level,
    published_numbers.period_grain,
    published_numbers.period_start,
    published_numbers.period_end,
    published_numbers.attribution_rule,
    published_numbers.team_id,
    published_numbers.points as previous_value,
    numbers.points as new_value,
    numbers.points - published_numbers.points as change,
    coalesce({{ instant_of('published_numbers.period_end') }} > last_publication.as_of, false) as is_period_open,
    coalesce(
        reasons.reasons,
        case when clock.code_version <> last_publication.code_version then 'definition' end,
        'unexplained'
    ) as reasons
from published_numbers
cross join last_publication
cross join {{ source('memory', 'clock') }} as clock
left join numbers
    on
        published_numbers.number = numbers.number
        and published_numbers.level = numbers.level
        and published_numbers.period_key = numbers.period_key
        and coalesce(published_numbers.attribution_rule, '') = coalesce(numbers.attribution_rule, '')
        and coalesce(published_numbers.team_id, '') = coalesce(numbers.team_id, '')
left join reasons
    on
        published_numbers.number = reasons.number
        and published_numbers.level = reasons.level
        and published_numbers.period_key = reasons.period_key
where
    (published_numbers.points is null) <> (numbers.points is null)
    or abs(published_numbers.points - numbers.points) > {{ var('tolerance') }}
