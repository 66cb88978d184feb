create table people as
select
    *,
    contact_of(email) as crm_contact_id,
    coalesce(contact_of(email), own(id)) as contact_id
from "user"
where role is null or role = 'end-user';

create table solved as
select ticket_id, max(changed_at) as solved_at
from ticket_field_history
where field_name = 'status' and value = 'solved'
group by ticket_id;

create table tickets as
select
    t.* replace (coalesce(t.kind, 'ticket') as kind),
    account_of(coalesce(t.organization_id, p.organization_id)) as account,
    coalesce(p.contact_id, own(t.requester_id)) as contact,
    case when t.status in ('solved', 'closed') then coalesce(t.solved_at, s.solved_at) end as closed_at
from ticket as t
left join people as p on t.requester_id = p.id
left join solved as s on t.id = s.ticket_id;

create table ticket_kinds as
select
    kind,
    coded('ticket_touchpoint', kind) as opened,
    step_of('ticket_touchpoint', kind, 'assigned') as assigned,
    step_of('ticket_touchpoint', kind, 'closed') as closed
from (select distinct kind from tickets);

create table ticket_channels as
select via_channel, mapped('channel', via_channel) as channel from (select distinct via_channel from tickets);

create table teams as
select id as group_id, coded('team', name) as team from "group";

-- the first entry of the history is the group that a ticket began with
create table group_changes as
select *, row_number() over (partition by ticket_id order by changed_at, value) - 1 as n
from (
    select ticket_id, changed_at, value, lag(value) over (partition by ticket_id order by changed_at, value) as previous
    from ticket_field_history
    where field_name = 'group_id' and value is not null
)
where value is distinct from previous;
