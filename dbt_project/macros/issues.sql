{#-
    Text that names a row by the values of some columns: what a failing test prints. Tests return a column `issue`
    that a reader can act on without opening the warehouse.
-#}
{% macro named_values(columns) -%}
    {%- for column in columns -%}
    '{{ column }} ' || coalesce(cast({{ column }} as varchar), '(empty)')
    {%- if not loop.last %} || ', ' || {% endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- Whether a record of `records` names a member of some kind that was never landed, or was deleted. -#}
{% macro leads_nowhere(reference, kind) -%}
    {%- set members, member_id, condition = {
        'account': ('int_accounts__merges', 'landed_account_id', "and members.surviving_account_id <> 'unknown'"),
        'landed account': ('stg_crm__accounts', 'account_id', ''),
        'landed contact': ('stg_crm__contacts', 'contact_key', ''),
        'site': ('stg_crm__sites', 'site_id', ''),
        'product': ('stg_crm__products', 'product_id', ''),
        'contact': ('int_contacts__merges', 'landed_contact_key', "and members.surviving_contact_key <> 'unknown'"),
        'interaction': ('stg_crm__interactions', 'interaction_id', ''),
        'invoice': ('stg_billing__invoices', 'invoice_id', ''),
        'survey': ('stg_survey__surveys', 'survey_id', ''),
        'invitation': ('stg_survey__invitations', 'invitation_id', ''),
        'response': ('stg_survey__responses', 'response_id', ''),
        'team': ('teams', 'team_id', ''),
        'touchpoint': ('stg_programme__touchpoints', 'touchpoint', ''),
    }[kind] -%}
    records.{{ reference }} is not null
    and not exists (
        select 1
        from {{ ref(members) }} as members
        where
            members.{{ member_id }} = records.{{ reference }}
            {{ condition }}
    )
{%- endmacro %}
