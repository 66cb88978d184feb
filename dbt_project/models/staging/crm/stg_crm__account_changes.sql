/*
Grain    one row per account that became another one since the last publication
Measure  what landed since the last publication: change (new, corrected, deleted), values now and, as was_, then
Nulls    before the first publication there is none; was_ columns of a new record
*/
{{ landed_changes(
    source('raw', 'crm_accounts'),
    ['account_id'],
    [
        'account_type',
        'segment',
        'region',
        'annual_value',
        'customer_since',
        'status',
        'churned_on',
        'merged_into_account_id',
    ]
) }}

select
    account_id,
    change,
    account_type,
    was_account_type,
    segment,
    was_segment,
    region,
    was_region,
    annual_value,
    was_annual_value,
    customer_since,
    was_customer_since,
    status,
    was_status,
    churned_on,
    was_churned_on,
    merged_into_account_id,
    was_merged_into_account_id
from changes
