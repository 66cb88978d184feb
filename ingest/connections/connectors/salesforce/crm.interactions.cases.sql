-- needs: case
-- What follows from a ticket: it is opened, changes hands between our own queues (internal), is closed.
with

events as (

    select
        c.id, c.id || ':0' as interaction_id, k.opened as touchpoint, o.channel, 'inbound' as direction,
        c.created_at as occurred_at, coalesce(f.owner, c.owner_id) as owner, null as outcome, c.description as body,
        'false' as is_internal, true as has_happened, c._vendor_file
    from cases as c
    inner join case_kinds as k on c.kind = k.kind
    left join case_origins as o on c.origin = o.origin
    left join first_owners as f on c.id = f.case_id
    union all
    select
        c.id, c.id || ':1:' || s.n, case s.step when 'assigned' then k.assigned else k.escalated end, 'system', null,
        s.created_at, s.owner, null, null, 'true', true, c._vendor_file
    from case_steps as s
    inner join cases as c on s.case_id = c.id
    inner join case_kinds as k on c.kind = k.kind
    union all
    select
        c.id, c.id || ':9', k.closed, o.channel, 'outbound', c.closed_at, c.owner_id, code_of(c.status), null,
        'false', c.closed_at is not null, c._vendor_file
    from cases as c
    inner join case_kinds as k on c.kind = k.kind
    left join case_origins as o on c.origin = o.origin

)

select
    e.interaction_id,
    c.account as account_id,
    c.contact_id,
    e.touchpoint,
    e.channel,
    e.direction,
    e.occurred_at,
    t.team as handled_by_team,
    e.id as journey_id,
    e.outcome,
    e.is_internal,
    e.body,
    case when e.has_happened then c.is_deleted else 'true' end as is_deleted,
    c.updated_at,
    e._vendor_file,
    e.id as _vendor_id
from events as e
inner join cases as c on e.id = c.id
left join teams as t on e.owner = t.owner
