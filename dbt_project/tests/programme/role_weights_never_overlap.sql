/*
On any day a role has one weight for an account type, else the score would depend on which row is read first.
*/
with

weights as (

    select
        *,
        row_number() over (
            partition by role, account_type
            order by valid_from, weight
        ) as position
    from {{ ref('role_weights') }}

)

select
    earlier.role,
    earlier.account_type,
    'role_weights.csv: role ' || earlier.role || ', account_type ' || earlier.account_type
    || ' has two weights at once: '
    || cast(earlier.weight as varchar) || ' from ' || cast(earlier.valid_from as varchar)
    || ' to ' || coalesce(cast(earlier.valid_to as varchar), 'open') || ' and '
    || cast(later.weight as varchar) || ' from ' || cast(later.valid_from as varchar)
    || ' to ' || coalesce(cast(later.valid_to as varchar), 'open') as issue
from weights as earlier
inner join weights as later
    on
        earlier.role = later.role
        and earlier.account_type = later.account_type
        and earlier.position < later.position
where
    (earlier.valid_to is null or later.valid_from < earlier.valid_to)
    and (later.valid_to is null or later.valid_from < later.valid_to)
