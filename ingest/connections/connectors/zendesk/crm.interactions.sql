-- needs: ticket
-- What follows from a ticket: it is opened, changes hands between our own groups (internal), is closed.
with

events as (

    select
        t.id, t.id || ':0' as interaction_id, k.opened as touchpoint, c.channel, 'inbound' as direction,
        t.created_at as occurred_at, coalesce(g.value, t.group_id) as group_id, null as outcome, t.description as body,
        'false' as is_internal, true as has_happened
    from tickets as t
    inner join ticket_kinds as k on t.kind = k.kind
    left join ticket_channels as c on t.via_channel = c.via_channel
    left join group_changes as g on t.id = g.ticket_id and g.n = 0
    union all
    select
        t.id, t.id || ':1:' || g.n, k.assigned, 'system', null, g.changed_at, g.value, null, null, 'true', true
    from group_changes as g
    inner join tickets as t on g.ticket_id = t.id
    inner join ticket_kinds as k on t.kind = k.kind
    where g.n > 0
    union all
    select
        t.id, t.id || ':9', k.closed, c.channel, 'outbound', t.closed_at, t.group_id, code_of(t.status), null, 'false',
        t.closed_at is not null
    from tickets as t
    inner join ticket_kinds as k on t.kind = k.kind
    left join ticket_channels as c on t.via_channel = c.via_channel

)

select
    e.interaction_id,
    t.account as account_id,
    t.contact as contact_id,
    e.touchpoint,
    e.channel,
    e.direction,
    e.occurred_at,
    teams.team as handled_by_team,
    e.id as journey_id,
    e.outcome,
    e.is_internal,
    e.body,
    case when not e.has_happened or t.status = 'deleted' then 'true' else t.is_deleted end as is_deleted,
    t.updated_at,
    t._vendor_file,
    t._vendor_id
from events as e
inner join tickets as t on e.id = t.id
left join teams on e.group_id = teams.group_id
