-- needs: asset
select
    id as subscription_id, coalesce(account_id, 'unknown') as account_id, coalesce(product_id, 'unknown') as product_id,
    started_on, ended_on, annual_value, is_deleted, updated_at, _vendor_file, _vendor_id
from asset
where started_on is not null
