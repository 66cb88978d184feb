{{ maintained(unit='account_id', outdated='int_nps_accounts_outdated', notes=['period_key']) }}
/*
Grain    one row per period and account in the frame
Measure  which clients there were in the period; apart from the rest of it, since answers weigh alike whatever a client
         is worth
Nulls    none
*/
select
    period_key,
    account_id
from {{ ref('int_nps_frame_accounts') }}
where {{ only_outdated('account_id') }}
