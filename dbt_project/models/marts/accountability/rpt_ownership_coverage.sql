/*
Grain    one row per touchpoint, scope in which accounts exist and spell between the first interaction and the clock
Measure  who answers for the touchpoint, whether anybody does, and how many interactions that spell holds
Nulls    valid_to while the spell goes on
*/
with

owners as (

    select * from {{ ref('int_programme__owners') }}

),

interactions as (

    select
        touchpoint,
        account_type,
        region,
        {{ day_of('occurred_at') }} as occurred_on,
        count(*) as interaction_count
    from {{ ref('int_interactions__resolved') }}
    group by
        touchpoint,
        account_type,
        region,
        {{ day_of('occurred_at') }}

),

timeframe as (

    select
        {{ day_of('clock.as_of') }} as last_day,
        coalesce(min(interactions.occurred_on), {{ day_of('clock.as_of') }}) as first_day
    from {{ source('memory', 'clock') }} as clock
    left join interactions on 1 = 1
    group by {{ day_of('clock.as_of') }}

),

spells as (

    select
        owners.touchpoint,
        owners.account_type,
        owners.region,
        owners.team_id,
        greatest(owners.valid_from, timeframe.first_day) as valid_from,
        owners.valid_to
    from owners
    cross join timeframe
    where
        owners.valid_from <= timeframe.last_day
        and (owners.valid_to is null or owners.valid_to > timeframe.first_day)

),

counts as (

    select
        spells.touchpoint,
        spells.account_type,
        spells.region,
        spells.valid_from,
        sum(interactions.interaction_count) as interaction_count
    from spells
    inner join interactions
        on
            spells.touchpoint = interactions.touchpoint
            and spells.account_type = interactions.account_type
            and spells.region = interactions.region
            and {{ holds_day('spells', 'interactions.occurred_on') }}
    group by
        spells.touchpoint,
        spells.account_type,
        spells.region,
        spells.valid_from

)

select
    spells.touchpoint,
    spells.account_type,
    spells.region,
    spells.valid_from,
    spells.valid_to,
    spells.team_id,
    spells.team_id <> 'unattributed' as is_owned,
    cast(coalesce(counts.interaction_count, 0) as bigint) as interaction_count
from spells
left join counts
    on
        spells.touchpoint = counts.touchpoint
        and spells.account_type = counts.account_type
        and spells.region = counts.region
        and spells.valid_from = counts.valid_from
