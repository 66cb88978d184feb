{{ maintained(unit='interaction_id', outdated='int_interactions_outdated') }}
{%- set references = {
    'account_id': ('int_accounts_merged', 'landed_account_id', "and members.surviving_account_id <> 'unknown'"),
    'contact_key': ('stg_crm__contacts', 'contact_key', ''),
    'site_id': ('stg_crm__sites', 'site_id', ''),
    'product_id': ('stg_crm__products', 'product_id', ''),
    'handled_by_team': ('stg_programme__teams', 'team_id', ''),
    'touchpoint': ('stg_programme__touchpoints', 'touchpoint', ''),
} -%}
/*
Grain    one row per interaction and reference of it that leads nowhere
Measure  which interactions name something that was never landed, was deleted, or is not in the programme
Nulls    none; an empty reference is no reference
*/
with

interactions as (

    select *
    from {{ ref('stg_crm__interactions') }}
    where {{ only_outdated('interaction_id') }}

)

{% for reference, (members, member_id, condition) in references.items() -%}
select
    interactions.interaction_id,
    'unknown_{{ reference | replace("_id", "") | replace("_key", "") | replace("handled_by_", "") }}' as rule
from interactions
where
    interactions.{{ reference }} is not null
    and not exists (
        select 1
        from {{ ref(members) }} as members
        where
            members.{{ member_id }} = interactions.{{ reference }}
            {{ condition }}
    )
{% if not loop.last %}
union all

{% endif %}
{%- endfor %}
