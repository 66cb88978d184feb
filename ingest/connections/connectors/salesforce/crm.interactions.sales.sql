-- needs: opportunity
select
    s.id || ':' || case s.kind when 'opened' then '0' else '9' end as interaction_id,
    coalesce(s.account_id, 'unknown') as account_id,
    coded('sale_touchpoint', s.kind) as touchpoint,
    'outbound' as direction,
    s.occurred_at,
    t.team as handled_by_team,
    s.id as journey_id,
    s.outcome,
    s.is_deleted,
    s.updated_at,
    s._vendor_file,
    s._vendor_id
from sales as s
left join teams as t on s.owner_id = t.owner
