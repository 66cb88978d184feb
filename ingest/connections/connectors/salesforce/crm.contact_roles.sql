-- needs: contact
-- One row per statement; _vendor_id names what was stated, so that a change of the map is told from one of the vendor.
with

said as (

    select
        contact_id, account_id, unnest(string_split(roles, ';')) as role, start_date as valid_from,
        coalesce(end_date, case when is_active = 'false' then left(updated_at, 10) end) as valid_to,
        is_deleted, updated_at, _vendor_file, id as statement
    from account_contact_relation
    where roles is not null
    union all
    select
        r.contact_id, o.account_id, r.role, left(r.created_at, 10), null,
        case when yes(o.is_deleted) then 'true' else r.is_deleted end, r.updated_at, r._vendor_file, r.id
    from opportunity_contact_role as r
    inner join opportunity as o on r.opportunity_id = o.id
    where r.role is not null and o.account_id is not null
    union all
    select id, account_id, unnest(string_split(role, ';')), null, null, is_deleted, updated_at, _vendor_file, id
    from contact
    where role is not null and account_id is not null

),

-- whom a contact belongs to: its account and, with contacts to multiple accounts, others
belongs as (

    select id as contact_id, account_id, is_deleted, updated_at, _vendor_file from contact where account_id is not null
    union all
    select contact_id, account_id, is_deleted, updated_at, _vendor_file
    from account_contact_relation
    where account_id is not null

),

roles as (

    select
        contact_id, account_id, coded('role', role) as role, valid_from, valid_to, is_deleted, updated_at,
        _vendor_file, statement || ':' || trim(role) as _vendor_id
    from said
    where trim(role) <> ''
    union all
    select
        contact_id, account_id, getvariable('default_role'), null, null, min(is_deleted), max(updated_at),
        min(_vendor_file), contact_id || ':'
    from belongs
    anti join said using (contact_id, account_id)
    where getvariable('default_role') is not null
    group by contact_id, account_id

)

select roles.*, contact.created_at as _since
from roles
left join contact on roles.contact_id = contact.id
