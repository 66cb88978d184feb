/*
Grain    one row per surviving account, and the member `unknown`
Measure  the account as it is now: type, segment, region, value, tenure, place in the hierarchy
Nulls    as the source left them; tenure_years without customer_since
*/
with

accounts as (

    select * from {{ ref('int_accounts__current') }}

),

bundles as (

    select * from {{ ref('int_accounts__bundles') }}

),

clock as (

    select
        {{ day_of('as_of') }} as today,
        {{ day_of('as_of') }} as period_start,
        {{ add_days(day_of('as_of'), 1) }} as period_end
    from {{ source('memory', 'clock') }}

),

dated as (

    select
        accounts.*,
        clock.today,
        accounts.annual_value > 0 and {{ in_frame('accounts', 'clock') }} as is_valued_client
    from accounts
    cross join clock

),

valued as (

    {{ in_reporting_currency('dated', 'valued.today') }}

)

select
    accounts.account_id,
    accounts.account_name,
    accounts.parent_account_id,
    accounts.ultimate_parent_account_id,
    cast(accounts.hierarchy_depth as bigint) as hierarchy_depth,
    accounts.account_type,
    accounts.segment,
    accounts.industry,
    accounts.region,
    accounts.country,
    accounts.time_zone,
    accounts.currency,
    accounts.annual_value,
    cast(accounts.reporting_value as decimal(18, 2)) as reporting_value,
    accounts.reporting_currency,
    accounts.customer_since,
    {{ tenure_years('accounts.customer_since', 'accounts.today') }} as tenure_years,
    accounts.status,
    accounts.renewal_on,
    accounts.churned_on,
    coalesce(bundles.bundle_id, 'unknown') as bundle_id
from valued as accounts
left join bundles on accounts.account_id = bundles.account_id

union all

select
    'unknown' as account_id,
    'Unknown account' as account_name,
    cast(null as varchar) as parent_account_id,
    'unknown' as ultimate_parent_account_id,
    0 as hierarchy_depth,
    'unknown' as account_type,
    'unknown' as segment,
    cast(null as varchar) as industry,
    'unknown' as region,
    cast(null as varchar) as country,
    'UTC' as time_zone,
    cast(null as varchar) as currency,
    cast(null as decimal(18, 2)) as annual_value,
    cast(null as decimal(18, 2)) as reporting_value,
    cast(null as varchar) as reporting_currency,
    cast(null as date) as customer_since,
    cast(null as {{ type_double() }}) as tenure_years,
    cast(null as varchar) as status,
    cast(null as date) as renewal_on,
    cast(null as date) as churned_on,
    'unknown' as bundle_id
