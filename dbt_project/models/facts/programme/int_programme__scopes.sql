/*
Grain    one row per account type and region in which accounts exist, and one for accounts that are not known
Measure  the scopes for which an owner or a weight must be known
Nulls    none
*/
select
    account_type,
    region
from {{ ref('int_accounts__current') }}
group by
    account_type,
    region

union

select
    'unknown' as account_type,
    'unknown' as region
