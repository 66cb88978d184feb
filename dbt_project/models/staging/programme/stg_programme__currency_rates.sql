/*
Grain    one row per currency and first day
Measure  rate: what a unit is worth in the reporting currency, until the next rate of the currency
Nulls    valid_to is null while open
*/
with

currency_rates as (

    select
        currency,
        rate,
        rate = 1 as is_reporting,
        coalesce(valid_from, {{ beginning_of_time() }}) as valid_from
    from {{ ref('currency_rates') }}

)

select
    currency,
    rate,
    is_reporting,
    valid_from,
    lead(valid_from) over (partition by currency order by valid_from) as valid_to
from currency_rates
