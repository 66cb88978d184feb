-- needs: task
select
    s.id as interaction_id,
    s.account as account_id,
    case when s.who_id like '003%' then s.who_id end as contact_id,
    coded('task_touchpoint', s.kind) as touchpoint,
    coalesce(mapped('channel', coalesce(s.task_subtype, s.kind)), 'meeting') as channel,
    case when s.call_type = 'Inbound' then 'inbound' else 'outbound' end as direction,
    coalesce(s.completed_at, s.activity_date, s.created_at) as occurred_at,
    t.team as handled_by_team,
    case when s.what_id like '500%' or s.what_id like '006%' then s.what_id end as journey_id,
    s.subject as body,
    s.is_deleted,
    s.updated_at,
    s._vendor_file,
    s._vendor_id
from tasks as s
left join teams as t on s.owner_id = t.owner
