{{ config(severity='warn') }}
/*
Records that were kept although something about them does not fit, to be mended where they come from.
*/
select
    issue_id,
    severity || ': ' || source || '.' || entity || ' ' || key || ' ' || rule as issue
from {{ ref('data_quality_issues') }}
where
    resolved_at is null
    and severity <> 'info'
