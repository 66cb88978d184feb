/*
Relevance is a share of full relevance: beyond 1 an interaction would count for more than itself.
*/
select
    role,
    touchpoint,
    'role_relevance.csv: role ' || coalesce(role, '(empty)') || ', touchpoint ' || coalesce(touchpoint, '(empty)')
    || ' has the relevance ' || coalesce(cast(relevance as varchar), '(empty)') || '; it has to be from 0 to 1' as issue
from {{ ref('role_relevance') }}
where not coalesce(relevance between 0 and 1, false)
