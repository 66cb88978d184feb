-- Every user and queue under the name that maps/team.csv knows: a queue's name; a user's role, department or name.
create table owners as
select *, coded('team', label) as team
from (
    select u.id, coalesce(r.name, u.department, u.name) as label, u.email
    from "user" as u
    left join user_role as r on u.user_role_id = r.id
    union all
    select id, name, null from "group"
);

create table cases as
select
    c.*,
    coalesce(c.type, c.reason, 'case') as kind,
    coalesce(c.account_id, contact.account_id, 'unknown') as account
from "case" as c
left join contact on c.contact_id = contact.id;

create table tasks as
select
    t.*,
    coalesce(t.type, t.task_subtype, 'task') as kind,
    coalesce(t.account_id, contact.account_id, 'unknown') as account
from task as t
left join contact on t.who_id = contact.id
where yes(t.is_closed) or t.completed_at is not null;

-- what is known of a sale without its history: when it began, and how it ended
create table sales as
select *, 'opened' as kind, created_at as occurred_at, null as outcome from opportunity
union all
select
    *,
    case when not yes(is_won) then 'lost' when type ilike '%renewal%' then 'won renewal' else 'won' end,
    close_date,
    case when yes(is_won) then 'won' else 'lost' end
from opportunity
where yes(is_closed);

create table case_kinds as
select
    kind,
    coded('case_touchpoint', kind) as opened,
    step_of('case_touchpoint', kind, 'assigned') as assigned,
    step_of('case_touchpoint', kind, 'escalated') as escalated,
    step_of('case_touchpoint', kind, 'closed') as closed
from (select distinct kind from cases);

create table case_origins as
select origin, mapped('channel', origin) as channel from (select distinct origin from cases);

-- Salesforce logs a change of owner twice, by name and by id: by id, where there is any.
create macro is_owner_id(x) as coalesce(regexp_full_match(x, '(005|00G)[a-zA-Z0-9]{12,15}'), false);

create table owner_changes as
select
    case_id, created_at, id,
    case when is_owner_id(old_value) then sfid(old_value) else old_value end as old_owner,
    case when is_owner_id(new_value) then sfid(new_value) else new_value end as owner
from case_history
where
    field in ('Owner', 'OwnerId') and not yes(is_deleted) and old_value is distinct from new_value
    and (is_owner_id(new_value) or not (
        select coalesce(bool_or(is_owner_id(h.new_value)), false)
        from case_history as h
        where h.field in ('Owner', 'OwnerId')
    ));

create table first_owners as
select case_id, arg_min(old_owner, (created_at, id)) as owner from owner_changes group by case_id;

create table case_steps as
select *, row_number() over (partition by case_id order by created_at, id) as n
from (
    select case_id, created_at, id, 'assigned' as step, owner from owner_changes
    union all
    select case_id, created_at, id, 'escalated', null
    from case_history
    where field = 'IsEscalated' and yes(as_bool(new_value)) and not yes(is_deleted)
);

-- an owner by id, or by the name that the history holds
create table teams as
select owner, coalesce(o.team, case when not is_owner_id(owner) then coded('team', owner) end) as team
from (
    select owner_id as owner from cases union select owner from case_steps union select owner from first_owners
    union select owner_id from tasks union select owner_id from sales
) as named
left join owners as o on named.owner = o.id
where owner is not null;
