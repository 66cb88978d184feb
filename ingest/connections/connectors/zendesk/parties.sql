select
    id as ref, name, coalesce(crm_id, external_id) as crm_id,
    nullif(trim(regexp_extract(domain_names, '[a-zA-Z0-9.-]+\.[a-zA-Z]+')), '') as domain, updated_at
from organization
