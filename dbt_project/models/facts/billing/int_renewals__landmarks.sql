/*
Grain    one row per client and renewal: the next one of each client, and those of the past within the time we know of
Measure  judged_on: the day on which its outcome is foretold, the renewal window ahead of it or the clock if that is
         sooner; has_churned: whether the client left instead of renewing
Nulls    has_churned is null for the next renewal, whose outcome is not known
*/
with

accounts as (

    select * from {{ ref('int_accounts__current') }}
    where status in ('active', 'churned')

),

clock as (

    select {{ day_of('as_of') }} as today from {{ source('memory', 'clock') }}

),

known as (

    select {{ day_of('min(submitted_at)') }} as first_day
    from {{ ref('int_responses__resolved') }}

),

years as (

    select 0 as years_back
    union all
    select 1 as years_back
    union all
    select 2 as years_back
    union all
    select 3 as years_back

),

-- a contract renews every year on the day of its next renewal; who left did so instead of renewing
anchors as (

    select
        accounts.account_id,
        accounts.customer_since,
        coalesce(accounts.churned_on, accounts.renewal_on) as anchor_on,
        accounts.churned_on,
        years.years_back
    from accounts
    cross join years

),

renewals as (

    select
        *,
        {{ add_months('anchor_on', '-12 * years_back') }} as renewal_on
    from anchors
    where anchor_on is not null

),

judged as (

    select
        renewals.*,
        renewals.renewal_on <= clock.today as is_past,
        least({{ add_days('renewals.renewal_on', -1 * var('renewal_window_days')) }}, clock.today) as judged_on
    from renewals
    cross join clock
    where
        renewals.customer_since is null
        or {{ add_months('renewals.customer_since', 12) }} <= renewals.renewal_on

)

select
    judged.account_id || ' ' || cast(judged.renewal_on as varchar) as renewal_id,
    judged.account_id,
    judged.renewal_on,
    judged.judged_on,
    {{ add_days('judged.judged_on', -1 * var('trailing_year_days')) }} as signals_from,
    case when judged.is_past then judged.churned_on is not null and judged.years_back = 0 end as has_churned
from judged
cross join known
where
    (judged.is_past and judged.judged_on >= known.first_day)
    or (not judged.is_past and judged.years_back = 0)
