/*
Rates compare with one reporting currency, whose rate is 1; a rate of 0 or less is no price.
*/
select
    min(currency) as currency,
    'currency_rates.csv: no currency has the rate 1, so none is the reporting currency' as issue
from {{ ref('currency_rates') }}
having count(*) > 0 and max(case when rate = 1 then 1 else 0 end) = 0

union all

select
    currency,
    'currency_rates.csv: ' || currency || ' has the rate ' || cast(rate as varchar) || '; a rate is above 0' as issue
from {{ ref('currency_rates') }}
where not rate > 0
