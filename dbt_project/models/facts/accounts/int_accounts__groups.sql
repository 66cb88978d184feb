/*
Grain    one row per surviving account
Measure  the groups it is counted in; apart from the rest of it, since what follows these need not follow every change
Nulls    none: `unknown` where the source left it empty
*/
select
    account_id,
    {{ account_attributes() | join(',\n    ') }}
from {{ ref('int_accounts__current') }}
