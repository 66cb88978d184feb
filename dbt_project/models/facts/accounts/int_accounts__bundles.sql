/*
Grain    one row per surviving account that holds a product
Measure  bundle_id: the products held on the day of the clock, in the order of their ids
Nulls    accounts that hold nothing are absent
*/
with

subscriptions as (

    select * from {{ ref('stg_crm__subscriptions') }}

),

merged as (

    select * from {{ ref('int_accounts__merges') }}

),

products as (

    select * from {{ ref('stg_crm__products') }}

),

clock as (

    select {{ day_of('as_of') }} as today from {{ source('memory', 'clock') }}

),

holdings as (

    select
        merged.surviving_account_id as account_id,
        products.product_id,
        products.product_name
    from subscriptions
    inner join merged on subscriptions.account_id = merged.landed_account_id
    inner join products on subscriptions.product_id = products.product_id
    cross join clock
    where
        merged.surviving_account_id <> 'unknown'
        and subscriptions.started_on <= clock.today
        and (subscriptions.ended_on is null or subscriptions.ended_on > clock.today)
    group by
        merged.surviving_account_id,
        products.product_id,
        products.product_name

)

select
    account_id,
    {{ string_agg_sorted('product_id', ' + ', 'product_id') }} as bundle_id,
    {{ string_agg_sorted('product_name', ' + ', 'product_id') }} as bundle_name,
    count(*) as product_count
from holdings
group by account_id
