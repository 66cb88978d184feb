/*
Grain    one row per surviving account
Measure  the groups it is counted in, and whether its answers are those of a client; apart from the rest of it, since
         what follows these need not follow every change
Nulls    none: `unknown` where the source left it empty
*/
select
    accounts.account_id,
    accounts.{{ account_attributes() | join(',\n    accounts.') }},
    {{ is_client('accounts') }} as is_client
from {{ ref('int_accounts__current') }} as accounts
