{%- set references = {
    'account_id': 'account',
    'contact_key': 'contact',
    'site_id': 'site',
    'product_id': 'product',
    'handled_by_team': 'team',
    'touchpoint': 'touchpoint',
} -%}
/*
Grain    one row per interaction and reference of it that leads nowhere
Measure  which interactions name something that was never landed, was deleted, or is not in the programme
Nulls    none; an empty reference is no reference
*/
with

interactions as (

    select * from {{ ref('stg_crm__interactions') }}

)

{% for reference, kind in references.items() -%}
select
    records.interaction_id,
    'unknown_{{ kind }}' as rule
from interactions as records
where {{ leads_nowhere(reference, kind) }}
{% if not loop.last %}
union all

{% endif %}
{%- endfor %}
