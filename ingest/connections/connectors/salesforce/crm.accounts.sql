-- needs: account
select
    a.id as account_id,
    coalesce(a.name, a.id) as account_name,
    a.parent_id as parent_account_id,
    coded('account_type', a.type) as account_type,
    code_of(a.segment) as segment,
    a.industry,
    a.region,
    a.country,
    a.time_zone,
    a.currency,
    a.annual_value,
    a.customer_since,
    a.churned_on,
    a.renewal_on,
    case
        when list_contains(string_split(getvariable('not_clients'), ','), a.type) then 'other'
        when a.churned_on is not null then 'churned'
        when list_contains(string_split(getvariable('prospects'), ','), a.type) then 'prospect'
        else 'active'
    end as status,
    o.email as owner_email,
    a.master_record_id as merged_into_account_id,
    a.is_deleted,
    a.updated_at,
    a._vendor_file,
    a._vendor_id
from account as a
left join owners as o on a.owner_id = o.id
